// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Key Management": the double ratchet, its state and how it starts.

import type { DhKeyPair, DhPower, DhPublic } from '../crypto/dh3072.ts';
import { ecdh } from '../crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import { agreeBraceKey } from './brace-key.ts';
import type { BraceKey } from './brace-key.ts';
import type { ChainKey } from './chain.ts';
import { queueMacKeys } from './mac-reveal.ts';
import type { MacKeysToReveal } from './mac-reveal.ts';
import { aheadSecrets } from './next-turn.ts';
import type { NextTurn } from './next-turn.ts';
import { deriveFirstRootKey, deriveRatchetKeys, mixSecrets } from './root-key.ts';
import type { MixedSecret, RootKey } from './root-key.ts';
import { expireSkipped, toMacKeys, toSecrets } from './skipped-keys.ts';
import type { SkippedKeys, SkippedLimits } from './skipped-keys.ts';

/** An own key whose secret half may be gone already: it is wiped once the peer has answered it. */
export interface OwnKey<Public, Private extends Secret> {
  readonly public: Public;
  readonly secret: Private | undefined;
}

/**
 * The double ratchet of one session. Immutable: sending and receiving return the next one.
 *
 * `i` of the specification only ever grows, by one with every rotation of either side; its text has
 * the receiver set it to 0, with which ids would repeat.
 *
 * @see OTRv4 "Key Management"
 */
export interface Ratchet {
  /** `i`: rotations so far, ours and theirs. */
  readonly rotations: number;
  /** Ratchet whose messages `receiving` reads; -1 before the first. `max_remote_i_seen`. */
  readonly receivingId: number;
  /** `j`: id of our next message in the present sending chain. */
  readonly sent: number;
  /** `k`: id of the next message expected in the present receiving chain. */
  readonly received: number;
  /** `pn`: messages in our previous sending chain. */
  readonly previouslySent: number;
  readonly nextRotation: 'send' | 'receive';
  readonly rootKey: RootKey;
  readonly braceKey: BraceKey;
  readonly sending: ChainKey | undefined;
  readonly receiving: ChainKey | undefined;
  readonly ourEcdh: OwnKey<EcdhPublic, EcdhKeyPair['secret']>;
  readonly ourDh: OwnKey<DhPublic, DhKeyPair['secret']>;
  readonly theirEcdh: EcdhPublic;
  readonly theirDh: DhPublic;
  readonly skipped: SkippedKeys;
  readonly macKeysToReveal: MacKeysToReveal;
  /** Our next rotation, made ahead; `given-up` when it lay about for too long. */
  readonly ahead?: NextTurn | 'given-up' | undefined;
}

export interface RatchetLimits extends SkippedLimits {
  /** Messages that may be missing before one that is accepted. */
  readonly skipPerRatchet: number;
  readonly macKeysToReveal: number;
}

/** The key pairs each side announced for the ratchet inside its DAKE message. */
export interface FirstKeys {
  readonly ourEcdh: EcdhKeyPair;
  readonly ourDh: DhKeyPair;
  readonly theirEcdh: EcdhPublic;
  readonly theirDh: DhPublic;
}

/** The ratchet id of the messages we send now. */
export function sendingId(ratchet: Ratchet): number {
  return Math.max(0, ratchet.rotations - 1);
}

/**
 * The responder's ratchet: the chain of the first keys is for sending. Takes over the secrets of
 * `keys`; the peer's first ratchet still needs them.
 *
 * @param mixed K of the key exchange; stays with the caller
 * @see OTRv4 "Interactive DAKE Overview"
 */
export function startAsResponder(mixed: MixedSecret, keys: FirstKeys, by: DhPower = {}): Ratchet {
  const { rootKey, chainKey, braceKey } = firstChain(mixed, keys, by);
  return {
    ...FRESH,
    rootKey,
    braceKey,
    sending: chainKey,
    receiving: undefined,
    receivingId: -1,
    nextRotation: 'receive',
    ourEcdh: keys.ourEcdh,
    ourDh: keys.ourDh,
    theirEcdh: keys.theirEcdh,
    theirDh: keys.theirDh,
  };
}

/**
 * The initiator's ratchet: the chain of the first keys is for receiving.
 *
 * The specification rotates the sending side in the same breath. Here the first message does it, as
 * every later turn does: the bytes are the same, the new keys are made when they are needed, and
 * the step that completes the key exchange stays short.
 *
 * @param mixed K of the key exchange; stays with the caller
 * @returns the ratchet, which does not hold the secrets of `keys`: nothing needs them any more
 * @see OTRv4 "Interactive DAKE Overview"
 */
export function startAsInitiator(mixed: MixedSecret, keys: FirstKeys, by: DhPower = {}): Ratchet {
  const { rootKey, chainKey, braceKey } = firstChain(mixed, keys, by);
  return {
    ...FRESH,
    rootKey,
    braceKey,
    sending: undefined,
    receiving: chainKey,
    receivingId: 0,
    nextRotation: 'send',
    ourEcdh: { public: keys.ourEcdh.public, secret: undefined },
    ourDh: { public: keys.ourDh.public, secret: undefined },
    theirEcdh: keys.theirEcdh,
    theirDh: keys.theirDh,
  };
}

/** Where every ratchet begins to count. */
export const FRESH = {
  rotations: 0,
  sent: 0,
  received: 0,
  previouslySent: 0,
  skipped: [],
  macKeysToReveal: [],
} as const;

function firstChain(mixed: MixedSecret, keys: FirstKeys, by: DhPower) {
  using first = deriveFirstRootKey(mixed);
  using ecdhSecret = ecdh(keys.ourEcdh.secret, keys.theirEcdh);
  const braceKey = agreeBraceKey(keys.ourDh.secret, keys.theirDh, by);
  using k0 = mixSecrets(ecdhSecret, braceKey);
  return { ...deriveRatchetKeys(first, k0), braceKey };
}

/**
 * Gives up keys of messages that have been missing for too long; their MAC keys will be revealed.
 * @param deadline monotonic clock, milliseconds
 * @returns the same ratchet when there are none
 * @see OTRv4 "Deletion of Stored Message Keys"
 */
export function forgetOldSkipped(
  ratchet: Ratchet,
  deadline: number,
  limits: RatchetLimits,
): { readonly next: Ratchet; readonly retired: readonly Secret[] } {
  const { kept, evicted } = expireSkipped(ratchet.skipped, deadline);
  if (evicted.length === 0) return { next: ratchet, retired: [] };
  const { queued, dropped } = queueMacKeys(
    ratchet.macKeysToReveal,
    toMacKeys(evicted),
    limits.macKeysToReveal,
  );
  return {
    next: { ...ratchet, skipped: kept, macKeysToReveal: queued },
    retired: [...toSecrets(evicted), ...dropped],
  };
}

/**
 * The ratchet before the last message of a session: the keys of messages that will now never be
 * read are given up, so that their MAC keys can be revealed with the others.
 *
 * @see OTRv4 "Session Expiration"
 */
export function forgetAllSkipped(ratchet: Ratchet, limits: RatchetLimits) {
  return forgetOldSkipped(ratchet, Number.POSITIVE_INFINITY, limits);
}

/** Everything secret in a ratchet that is over. */
export function ratchetSecrets(ratchet: Ratchet): readonly Secret[] {
  return [
    ratchet.rootKey,
    ratchet.braceKey,
    ratchet.sending,
    ratchet.receiving,
    ratchet.ourEcdh.secret,
    ratchet.ourDh.secret,
    ...toSecrets(ratchet.skipped),
    ...ratchet.macKeysToReveal,
    ...aheadSecrets(ratchet),
  ].filter((secret) => secret !== undefined);
}
