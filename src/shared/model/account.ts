// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import type { ConnectionView } from './connection.ts';
import type { DeviceName } from './conversation.ts';
import type { BareJid } from './jid.ts';
import type { SecurityCode } from './security-code.ts';

/**
 * How an account talks (OTRv4 modes): `compatible` also in clear; `standalone` encrypted only;
 * `interactive-only` encrypted only, and only while both sides are there.
 */
export const AccountMode = v.picklist(['compatible', 'standalone', 'interactive-only']);
export type AccountMode = v.InferOutput<typeof AccountMode>;

export interface AccountView {
  readonly jid: BareJid;
  readonly mode: AccountMode;
  /** What this device calls itself to contacts, at most 53 code points. */
  readonly deviceLabel: string;
  readonly connection: ConnectionView;
  readonly keys: KeysView;
  readonly devices: OwnDevicesView;
  /** How far the clock of this computer is ahead of the server's, in ms; 0 where that does no harm. */
  readonly clockAheadMs: number;
}

/** The list of our devices that others read, as far as it concerns this one. */
export interface OwnDevicesView {
  /**
   * `contested`: another app takes this device off again and again; `refused`: the server keeps no
   * such list; `missing`: about to be put back.
   */
  readonly standing: 'unknown' | 'listed' | 'missing' | 'contested' | 'refused';
  /** Another app took this device off, and it has put itself back: when. */
  readonly takenOffAt: number | undefined;
  readonly others: readonly OwnDeviceView[];
}

export interface OwnDeviceView {
  readonly name: DeviceName;
  readonly firstSeenAt: number;
  /** It came later than this one, and the user has not said that it is theirs. */
  readonly isNew: boolean;
}

/** Our own keys, made in the background after the account was added. */
export type KeysView =
  | { readonly tag: 'making' }
  | {
      readonly tag: 'ready';
      readonly code: SecurityCode;
      /** The own address with the code, for others to open or to scan. */
      readonly link: string;
      /** Eight lower-case hexadecimal digits. */
      readonly instanceTag: string;
      readonly profileExpiresAt: number;
      readonly forgingKey: 'destroyed' | 'kept';
    };
