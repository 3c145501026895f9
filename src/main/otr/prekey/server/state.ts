// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "State Machine": what a server keeps in memory, and what follows.

import type { InstanceTag } from '../../bytes.ts';
import type { EcdhPublic } from '../../crypto/ed448.ts';
import type { Secret } from '../../crypto/secret.ts';
import type { LongTermKey } from '../../profile/long-term-key.ts';
import type { PrekeyMacKey } from '../shared-secret.ts';
import type { FragmentTable } from './fragments.ts';
import type { RateTable } from './rates.ts';
import type { SessionTable } from './sessions.ts';

/** Who the server is, and whom it serves. */
export interface PrekeyServerContext {
  /** Bare address of the component. */
  readonly serverJid: string;
  /** Lent by the program. */
  readonly longTermKey: LongTermKey;
  /** Domains whose accounts may publish. */
  readonly publisherDomains: readonly string[];
  /** Domains whose accounts may ask for ensembles. */
  readonly retrieverDomains: 'any' | readonly string[];
}

export interface PrekeyServer {
  readonly context: PrekeyServerContext;
  readonly sessions: SessionTable;
  readonly rates: RateTable;
  readonly fragments: FragmentTable;
}

export type PrekeyServerInput =
  /**
   * A message of type `normal` or `chat` with a body.
   * `from` is the full address, from the authenticated stream and normalised by it.
   */
  | { readonly tag: 'receive'; readonly from: string; readonly body: string }
  | { readonly tag: 'tick' };

/** One prekey message to store. */
export interface StoredMessage {
  readonly id: number;
  readonly raw: Uint8Array;
}

/** One profile to store. */
export interface StoredProfile {
  readonly raw: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Whose things are stored together: one device under one long-term key. */
export interface Shelf {
  /** Bare address. */
  readonly identity: string;
  readonly ownerTag: InstanceTag;
  readonly publicKey: EcdhPublic;
}

/** Everything in it is verified; what the store holds already decides the rest (`shelf-rules.ts`). */
export interface PublishCommand {
  readonly tag: 'publish';
  readonly shelf: Shelf;
  readonly prekeyMessages: readonly StoredMessage[];
  readonly clientProfile: StoredProfile | undefined;
  readonly prekeyProfile: StoredProfile | undefined;
}

/** Count the prekey messages of one device under one long-term key. */
export interface CountCommand {
  readonly tag: 'count';
  readonly shelf: Shelf;
}

/**
 * Take one prekey message from every complete device of an account, or from one device. The deletion
 * is committed before it is answered: a lost answer loses a key, and never hands it out twice.
 */
export interface TakeCommand {
  readonly tag: 'take';
  readonly identity: string;
  readonly ownerTag: InstanceTag | undefined;
}

/** What an answer of the store is turned into a reply with. Owns its key until then. */
export interface AuthenticatedTicket {
  readonly to: string;
  readonly receiverTag: InstanceTag;
  readonly macKey: PrekeyMacKey;
}

export interface QueryTicket {
  readonly to: string;
  readonly receiverTag: InstanceTag;
  /** As it was asked for, byte for byte. */
  readonly identity: Uint8Array;
}

/** To be done in this order: commit, transmit, retire. */
export type PrekeyServerEffect =
  | { readonly tag: 'transmit'; readonly to: string; readonly body: string }
  /** Each is answered by the function of `replies.ts` that takes its ticket. */
  | {
      readonly tag: 'store';
      readonly command: PublishCommand;
      readonly ticket: AuthenticatedTicket;
    }
  | {
      readonly tag: 'count';
      readonly command: CountCommand;
      readonly ticket: AuthenticatedTicket;
    }
  | { readonly tag: 'take'; readonly command: TakeCommand; readonly ticket: QueryTicket }
  /** A stanza error of type `wait`: the same may be asked again later. */
  | { readonly tag: 'reject'; readonly to: string; readonly why: 'resource-constraint' }
  | { readonly tag: 'retire'; readonly secrets: readonly Secret[] }
  /** Nobody is told. */
  | { readonly tag: 'ignored'; readonly why: ServerIgnoredWhy };

export type ServerIgnoredWhy =
  | 'not-allowed'
  | 'malformed'
  | 'unexpected'
  | 'invalid'
  | 'rate-limited'
  | 'full'
  | 'fragment'
  | 'nothing-to-do';

export interface PrekeyServerStep {
  /** The very same object when the input was ignored. */
  readonly next: PrekeyServer;
  readonly effects: readonly PrekeyServerEffect[];
}

export function ignoreAtServer(server: PrekeyServer, why: ServerIgnoredWhy): PrekeyServerStep {
  return { next: server, effects: [{ tag: 'ignored', why }] };
}
