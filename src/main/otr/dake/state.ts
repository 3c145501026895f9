// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive DAKE Overview": the states of a key exchange, and its effects.

import type { ReceiverTag } from '../codec/instance-tag.ts';
import type { DhKeyPair, DhPublic } from '../crypto/dh3072.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import type { FirstKeys } from '../ratchet/ratchet.ts';
import type { MixedSecret } from '../ratchet/root-key.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import type { Transitional, ValidClientProfile } from '../profile/client-profile.ts';
import type { Dialect } from './phi.ts';
import type { Ssid } from './shared-secret.ts';
import type { ValidOffer } from './validate.ts';

/** Who we are in a key exchange. The key is lent by the account. */
export interface DakeIdentity {
  readonly longTermKey: LongTermKey;
  /** Its owner tag is our instance tag. */
  readonly profile: ValidClientProfile;
}

export interface DakeContext {
  readonly own: DakeIdentity;
  /** Bare addresses. */
  readonly ourJid: string;
  readonly theirJid: string;
  readonly dialect: Dialect;
  /** What is done about a peer's profile that a key of version 3 signed too. */
  readonly transitional: Transitional;
}

/** Made for one key exchange. */
export interface Ephemerals {
  /** y and Y, or x and X. */
  readonly ecdh: EcdhKeyPair;
  /** b and B, or a and A. */
  readonly dh: DhKeyPair;
  readonly firstEcdh: EcdhKeyPair;
  readonly firstDh: DhKeyPair;
}

export interface Moment {
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
  /** Wall clock, milliseconds: for the eye only. */
  readonly since: number;
}

/** The key exchange, beside whatever session lives. @see OTRv4 "Protocol States" */
export type DakeState = { readonly tag: 'start' } | WaitingAuthR | WaitingAuthI;

/** We sent an Identity message. */
export interface WaitingAuthR extends Moment {
  readonly tag: 'waiting-auth-r';
  readonly own: DakeIdentity;
  readonly ours: Ephemerals;
  /** 0 while it may be answered by any of the peer's clients. */
  readonly receiverTag: ReceiverTag;
}

/** We answered an Identity message. K is made, and x and a are gone already. */
export interface WaitingAuthI extends Moment {
  readonly tag: 'waiting-auth-i';
  readonly own: DakeIdentity;
  readonly ours: {
    readonly ecdhPublic: EcdhPublic;
    readonly dhPublic: DhPublic;
    readonly firstEcdh: EcdhKeyPair;
    readonly firstDh: DhKeyPair;
  };
  readonly theirs: ValidOffer;
  /** The Identity message from its profile on: one like it is the same message again. */
  readonly answered: Uint8Array;
  /** Our Auth-R. */
  readonly sent: Uint8Array;
  readonly mixed: MixedSecret;
  readonly ssid: Ssid;
}

export type DakeEffect =
  | {
      readonly tag: 'transmit';
      readonly bytes: Uint8Array;
      readonly receiverTag: ReceiverTag;
    }
  | EstablishedDake
  | { readonly tag: 'retire'; readonly secrets: readonly Secret[] }
  | {
      readonly tag: 'ignored';
      readonly why: 'unexpected' | 'not-for-us' | 'foreign-tag' | 'reflected' | 'invalid';
    };

/** Both ends are who they say. The receiver of this owns every secret in it. */
export interface EstablishedDake {
  readonly tag: 'established';
  readonly role: 'initiator' | 'responder';
  readonly mixed: MixedSecret;
  readonly ssid: Ssid;
  readonly firstKeys: FirstKeys;
  /** Under which profile we took part. */
  readonly own: DakeIdentity;
  readonly theirs: ValidOffer;
}

export interface DakeStep {
  /** The very same object when the input was ignored. */
  readonly next: DakeState;
  readonly effects: readonly DakeEffect[];
}

export const DAKE_START: DakeState = { tag: 'start' };

/** Everything secret that belongs to a key exchange and to nothing else. */
export function dakeSecrets(state: DakeState): readonly Secret[] {
  switch (state.tag) {
    case 'start':
      return [];
    case 'waiting-auth-r':
      return ephemeralSecrets(state.ours);
    case 'waiting-auth-i':
      return [state.mixed, state.ssid, state.ours.firstEcdh.secret, state.ours.firstDh.secret];
  }
}

/** Of all four pairs. */
export function ephemeralSecrets({ ecdh, dh, firstEcdh, firstDh }: Ephemerals): readonly Secret[] {
  return [ecdh.secret, dh.secret, firstEcdh.secret, firstDh.secret];
}
