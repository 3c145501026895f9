// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName } from './conversation.ts';
import type { BareJid } from './jid.ts';

/** A key's fingerprint as a link carries it: 40 digits of OTR 3, or 112 of OTR 4, in upper case. */
export interface LinkedCode {
  readonly version: 3 | 4;
  readonly hex: string;
}

/** What an `xmpp:` link asks for, read and cleaned. Anybody can have written it. */
export type XmppLink =
  | {
      readonly tag: 'contact';
      readonly jid: BareJid;
      /** The account that the link wants to be opened with. */
      readonly as: BareJid | undefined;
      readonly action:
        | { readonly tag: 'chat' }
        /** `cut`: there was more than fits. */
        | { readonly tag: 'message'; readonly text: string; readonly cut: boolean }
        /** `token`: their server makes an account for whoever has it (XEP-0401). */
        | {
            readonly tag: 'add';
            readonly name: string | undefined;
            readonly token: string | undefined;
          }
        | { readonly tag: 'remove' };
      readonly code: LinkedCode | undefined;
    }
  /** To make an account. `token` is what the server wants to see before (XEP-0445). */
  | {
      readonly tag: 'register';
      readonly domain: string;
      readonly jid: BareJid | undefined;
      readonly token: string | undefined;
    };

/** Why nothing can be done with a link. */
export type LinkRefusal = 'unreadable' | 'bad-code' | 'group-chat' | 'other-account';

/** The link that waits for the user. */
export interface LinkView {
  /** Another one for each link, also if it says the same. */
  readonly id: number;
  readonly link: XmppLink | { readonly tag: 'refused'; readonly why: LinkRefusal };
}

/** What a code that was scanned, pasted or opened means for the device that is being compared. */
export type CodeReading =
  | { readonly tag: 'match' }
  /** The code of another device of the same contact. */
  | { readonly tag: 'match-other'; readonly device: DeviceName }
  | { readonly tag: 'different' }
  /** The code says whose it is, and it is somebody else's. */
  | { readonly tag: 'other-address'; readonly jid: BareJid }
  | { readonly tag: 'ours' }
  | { readonly tag: 'old-version' }
  | { readonly tag: 'no-code' };
