// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Non-Interactive DAKE Overview": the double ratchet as the non-interactive DAKE starts it.

import type { DhPublic } from '../crypto/dh3072.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { BraceKey } from './brace-key.ts';
import type { ChainKey } from './chain.ts';
import { FRESH } from './ratchet.ts';
import type { FirstKeys, Ratchet } from './ratchet.ts';
import type { MixedSecret, RootKey } from './root-key.ts';

/** What both ends take from the DAKE into the ratchet. */
export interface OfflineSecrets {
  /** K; stays with the caller. */
  readonly mixed: MixedSecret;
  /** Of the DAKE. The ratchet owns it from here on: ratchet 1 hashes it onward. */
  readonly braceKey: BraceKey;
}

/** The publisher's view: own prekeys, whose secrets are gone, and the keys the peer announced. */
export interface PublisherKeys {
  /** Y */
  readonly ourEcdh: EcdhPublic;
  /** B */
  readonly ourDh: DhPublic;
  readonly theirEcdh: EcdhPublic;
  readonly theirDh: DhPublic;
}

/**
 * Alice's ratchet: the chain is for sending. Takes over the secrets of `keys`; the publisher's first
 * ratchets still need them. Y and B stand for the peer's keys until then.
 *
 * @see OTRv4 "Non-Interactive DAKE Overview"
 */
export function startAsRetriever({ mixed, braceKey }: OfflineSecrets, keys: FirstKeys): Ratchet {
  const { rootKey, chainKey } = deriveFirstKeys(mixed);
  return {
    ...FRESH,
    ...keys,
    rotations: 1,
    rootKey,
    braceKey,
    sending: chainKey,
    receiving: undefined,
    receivingId: -1,
    nextRotation: 'receive',
  };
}

/**
 * Bob's ratchet: the chain is for receiving, and his first message turns the ratchet.
 *
 * @see OTRv4 "Non-Interactive DAKE Overview"
 */
export function startAsPublisher(
  { mixed, braceKey }: OfflineSecrets,
  { ourEcdh, ourDh, theirEcdh, theirDh }: PublisherKeys,
): Ratchet {
  const { rootKey, chainKey } = deriveFirstKeys(mixed);
  return {
    ...FRESH,
    rotations: 1,
    rootKey,
    braceKey,
    sending: undefined,
    receiving: chainKey,
    receivingId: 0,
    nextRotation: 'send',
    ourEcdh: { public: ourEcdh, secret: undefined },
    ourDh: { public: ourDh, secret: undefined },
    theirEcdh,
    theirDh,
  };
}

/** curr_root_key = KDF(root_key, K, 64), chain_key = KDF(chain_key, K, 64): there is no root before. */
function deriveFirstKeys(mixed: MixedSecret): {
  readonly rootKey: RootKey;
  readonly chainKey: ChainKey;
} {
  return {
    rootKey: deriveSecret(USAGE.rootKey, [mixed], 64),
    chainKey: deriveSecret(USAGE.chainKey, [mixed], 64),
  };
}
