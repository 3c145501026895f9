// SPDX-License-Identifier: GPL-3.0-or-later

import type { InstanceTag } from '../bytes.ts';
import type { PeerErrorCode } from './effect.ts';

export type OtrMessageKind = 'identity' | 'auth-r' | 'auth-i' | 'non-interactive-auth' | 'data';

/** What a body is, by its outer form. Nothing about it is verified. */
export type BodyKind =
  | { readonly kind: 'plaintext' }
  | { readonly kind: 'whitespace-tag'; readonly versions: string }
  | { readonly kind: 'query'; readonly versions: string }
  | { readonly kind: 'error'; readonly code: PeerErrorCode | undefined }
  | { readonly kind: 'fragment' }
  | {
      readonly kind: 'message';
      readonly message: OtrMessageKind;
      readonly senderTag: InstanceTag;
      /** 0 when the sender does not know it yet. */
      readonly receiverTag: number;
    }
  /** Starts like an encoded message but is none of version 4. */
  | { readonly kind: 'foreign' };

/** Recognises a body before it is stepped; never throws. */
export declare function classify(body: string): BodyKind;
