// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "State Machine": what a client knows of one server, what it is told, what follows.

import type { Reassembly } from '../../codec/reassembly.ts';
import type { EcdhKeyPair } from '../../crypto/ed448.ts';
import type { Secret } from '../../crypto/secret.ts';
import type { DakeIdentity } from '../../dake/state.ts';
import type { ValidClientProfile } from '../../profile/client-profile.ts';
import type { ValidEnsemble } from '../../profile/ensemble.ts';
import type { PrekeyPair } from '../../profile/prekey-message.ts';
import type { OwnPrekeyProfile } from '../../profile/prekey-profile.ts';
import type { Mode } from '../../mode.ts';
import type { ServerFingerprint } from '../server-identity.ts';
import type { PrekeyMacKey } from '../shared-secret.ts';

/** Who we are, and which server this is about. */
export interface PrekeyClientContext {
  /** The long-term key is lent by the account. The profile's owner tag is our instance tag. */
  readonly own: DakeIdentity;
  /** Bare address as the XMPP server bound it. */
  readonly ourJid: string;
  /** Bare address of the prekey server. */
  readonly serverJid: string;
  /** Of the key the server had before, or announces by service discovery. */
  readonly serverFingerprint: ServerFingerprint;
  readonly mode: Mode;
}

/** What is published in one go; at least one of the three. All secrets are lent by the account. */
export interface PublicationContent {
  readonly prekeys: readonly PrekeyPair[];
  readonly clientProfile: ValidClientProfile | undefined;
  readonly prekeyProfile: OwnPrekeyProfile | undefined;
}

/** What a key exchange with the server is for. */
export type PrekeyRequest =
  | { readonly tag: 'status' }
  | { readonly tag: 'publish'; readonly publication: PublicationContent };

/** @see Prekey Server "State Machine" */
export type PrekeyExchange =
  | { readonly tag: 'not-in-dake' }
  | InDake
  /** Beyond the specification, whose NOT_IN_DAKE has no place for the key that the answer needs. */
  | AwaitingResult;

/** We sent a DAKE-1 message. */
export interface InDake {
  readonly tag: 'in-dake';
  readonly own: DakeIdentity;
  /** i and I. */
  readonly ecdh: EcdhKeyPair;
  readonly request: PrekeyRequest;
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
}

/** We sent a DAKE-3 message. */
export interface AwaitingResult {
  readonly tag: 'awaiting-result';
  readonly own: DakeIdentity;
  readonly macKey: PrekeyMacKey;
  readonly request: PrekeyRequest;
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
}

export const NOT_IN_DAKE: PrekeyExchange = { tag: 'not-in-dake' };

/** We asked for the ensembles of somebody. */
export interface AskedQuery {
  /** Bare address, exactly as asked. */
  readonly identity: string;
  /** Monotonic clock, milliseconds. */
  readonly askedAt: number;
  /** Whether the answer is still missing. Kept afterwards, so that nobody is asked too often. */
  readonly open: boolean;
}

/** One server, one client: at most one exchange at a time, beside it any number of queries. */
export interface PrekeyClient {
  readonly context: PrekeyClientContext;
  readonly exchange: PrekeyExchange;
  /** Requests to be made when the exchange ends. */
  readonly waiting: readonly PrekeyRequest[];
  readonly queries: readonly AskedQuery[];
  readonly fragments: Reassembly;
}

/** What was sent, for the stanza error that may come back. */
export type SentAbout =
  { readonly tag: 'exchange' } | { readonly tag: 'query'; readonly identity: string };

export type PrekeyClientInput =
  | { readonly tag: 'request'; readonly request: PrekeyRequest }
  /** `identity` is the bare address of who is to be written to. */
  | { readonly tag: 'query'; readonly identity: string }
  /** A live message: nothing from an archive, no carbon, not delayed. */
  | { readonly tag: 'receive'; readonly from: string; readonly body: string }
  /** A stanza error came back. */
  | { readonly tag: 'bounced'; readonly about: SentAbout }
  | { readonly tag: 'disconnected' }
  | { readonly tag: 'tick' };

/** To be done in this order: commit, transmit, tell, retire. */
export type PrekeyClientEffect =
  | { readonly tag: 'transmit'; readonly body: string; readonly about: SentAbout }
  /**
   * These secrets must be durable, as sent and unconfirmed, before the `transmit` of the same step
   * leaves: the server may hand out a key from then on.
   */
  | { readonly tag: 'persist'; readonly publication: PublicationContent }
  | { readonly tag: 'published'; readonly publication: PublicationContent }
  /** No answer came. The secrets stay, the keys are not published again; a status tells more. */
  | { readonly tag: 'unconfirmed'; readonly publication: PublicationContent }
  /** How many prekey messages the server says it has, 255 at most: its word, good for planning only. */
  | { readonly tag: 'status'; readonly count: number }
  | { readonly tag: 'failed'; readonly request: PrekeyRequest; readonly why: PrekeyFailedWhy }
  /** Each is sound, and good for one Non-Interactive-Auth message. Nothing says whose they are. */
  | {
      readonly tag: 'ensembles';
      readonly identity: string;
      readonly ensembles: readonly ValidEnsemble[];
    }
  | {
      readonly tag: 'no-ensembles';
      readonly identity: string;
      readonly why: 'none-stored' | 'none-valid';
    }
  | { readonly tag: 'query-failed'; readonly identity: string; readonly why: PrekeyGoneWhy }
  /** Asked for what cannot be done now; nothing was sent. */
  | { readonly tag: 'refused'; readonly why: PrekeyRefusedWhy }
  /** Keys the new state no longer holds. To be wiped after the step is committed, never before. */
  | { readonly tag: 'retire'; readonly secrets: readonly Secret[] }
  | { readonly tag: 'ignored'; readonly why: PrekeyIgnoredWhy };

export type PrekeyGoneWhy = 'timed-out' | 'bounced' | 'disconnected';

export type PrekeyFailedWhy =
  | PrekeyGoneWhy
  /** The server said so, authenticated. */
  | 'refused'
  /** The DAKE-2 message did not hold. */
  | 'invalid-answer'
  /** The server has another key than the one pinned: the user decides. */
  | 'server-key-changed';

export type PrekeyRefusedWhy =
  /** The account's mode does not speak this protocol. */
  | 'mode'
  | 'busy'
  | 'nothing-to-publish'
  | 'too-many'
  /** The same was asked a moment ago. */
  | 'too-soon';

export type PrekeyIgnoredWhy =
  | 'not-allowed'
  | 'foreign-sender'
  | 'malformed'
  | 'not-for-us'
  | 'unexpected'
  | 'invalid'
  | 'fragment'
  | 'nothing-to-do';

export interface PrekeyClientStep {
  /** The very same object when the input was ignored. */
  readonly next: PrekeyClient;
  readonly effects: readonly PrekeyClientEffect[];
}

export function ignorePrekey(client: PrekeyClient, why: PrekeyIgnoredWhy): PrekeyClientStep {
  return { next: client, effects: [{ tag: 'ignored', why }] };
}

export function refusePrekey(client: PrekeyClient, why: PrekeyRefusedWhy): PrekeyClientStep {
  return { next: client, effects: [{ tag: 'refused', why }] };
}

/** Secrets that belong to an exchange and to nothing else. */
export function exchangeSecrets(exchange: PrekeyExchange): readonly Secret[] {
  switch (exchange.tag) {
    case 'not-in-dake':
      return [];
    case 'in-dake':
      return [exchange.ecdh.secret];
    case 'awaiting-result':
      return [exchange.macKey];
  }
}
