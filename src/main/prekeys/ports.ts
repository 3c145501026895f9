// SPDX-License-Identifier: GPL-3.0-or-later

import type { OfflineOwner, OwnIdentity, OwnPrekeyMessage, ValidEnsemble } from '#otr';
import type { Env } from '#otr/env.ts';
import type { AccountMode } from '#shared/model/account.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { NoEnsembles } from '#shared/model/prekeys.ts';
import type { AccountId } from '#main/store/rows.ts';
import type { Store } from '#main/store/store.ts';
import type { XmppClient } from '#main/xmpp/client.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never go back: for durations. */
  readonly monotonicNow: () => number;
  /** Calls back once after the delay; the returned function gives the call up. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** What the room needs from the rest of the house. One for each account. */
export interface PrekeysWorld {
  readonly account: AccountId;
  readonly ourJid: BareJid;
  readonly mode: () => AccountMode;
  /** Undefined while our keys are still being made. */
  readonly identity: () => OwnIdentity | undefined;
  readonly wire: Pick<XmppClient, 'fetchPrekeyServers' | 'sendPrekey' | 'state'>;
  readonly store: Pick<Store, 'accounts' | 'prekeys' | 'prekeyServers' | 'transaction'>;
  readonly clock: Clock;
  readonly env: Env;
  /** Makes a pair of one-time keys under an id that is not `taken`. Costs some milliseconds. */
  readonly makePair: (
    owner: OfflineOwner,
    env: Env,
    taken: ReadonlySet<number>,
  ) => OwnPrekeyMessage;
  /** Lets everybody else have a turn: a pair of keys takes some milliseconds. */
  readonly breathe: () => Promise<void>;
  /** Something that the window shows is not as it was. */
  readonly changed: () => void;
  readonly note: (cause: unknown) => void;
}

export type FetchedEnsembles =
  | { readonly tag: 'found'; readonly ensembles: readonly ValidEnsemble[] }
  | { readonly tag: 'none'; readonly why: NoEnsembles };
