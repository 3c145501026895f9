// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConnectionView } from './connection.ts';
import type { BareJid } from './jid.ts';
import type { SecurityCode } from './security-code.ts';

export interface AccountView {
  readonly jid: BareJid;
  /** What this device calls itself to contacts, at most 53 code points. */
  readonly deviceLabel: string;
  readonly connection: ConnectionView;
  readonly keys: KeysView;
}

/** Our own keys, made in the background after the account was added. */
export type KeysView =
  | { readonly tag: 'making' }
  | {
      readonly tag: 'ready';
      readonly code: SecurityCode;
      /** Eight lower-case hexadecimal digits. */
      readonly instanceTag: string;
      readonly profileExpiresAt: number;
      readonly forgingKey: 'destroyed' | 'kept';
    };
