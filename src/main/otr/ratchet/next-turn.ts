// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Rotating ECDH Keys and Brace Key as sender": our next rotation, also ahead of time.

import { generateDh } from '../crypto/dh3072.ts';
import type { DhKeyPair } from '../crypto/dh3072.ts';
import { ecdh, generateEcdh } from '../crypto/ed448.ts';
import type { EcdhKeyPair } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { agreeBraceKey, isDhRatchet, nextBraceKey } from './brace-key.ts';
import type { BraceKey } from './brace-key.ts';
import type { ChainKey } from './chain.ts';
import type { Ratchet } from './ratchet.ts';
import { deriveRatchetKeys, mixSecrets } from './root-key.ts';
import type { RootKey } from './root-key.ts';

/**
 * What our next rotation puts in place. Nothing the peer can send before it changes any of it: a
 * new ratchet of theirs follows ours.
 */
export interface NextTurn {
  readonly rootKey: RootKey;
  readonly braceKey: BraceKey;
  readonly chainKey: ChainKey;
  readonly ourEcdh: EcdhKeyPair;
  /** In every third ratchet. */
  readonly ourDh: DhKeyPair | undefined;
  /** Monotonic clock, milliseconds. */
  readonly madeAt: number;
}

/** Whether the next message of ours rotates and nothing has been made, or given up, for it. */
export function canMakeAhead(ratchet: Ratchet): boolean {
  return ratchet.nextRotation === 'send' && ratchet.ahead === undefined;
}

/**
 * Makes the keys of our next rotation while nobody waits for them. The message that rotates is, byte
 * for byte, what it would have been with the same random values drawn then.
 */
export function makeAhead(ratchet: Ratchet, env: Env): Ratchet {
  return { ...ratchet, ahead: makeTurn(ratchet, env) };
}

/** The keys for sending should not lie about for long: they are made anew when they are needed. */
export function giveUpAhead(ratchet: Ratchet): {
  readonly next: Ratchet;
  readonly retired: readonly Secret[];
} {
  const retired = aheadSecrets(ratchet);
  return retired.length === 0
    ? { next: ratchet, retired }
    : { next: { ...ratchet, ahead: 'given-up' }, retired };
}

/** When the keys of our next rotation were made; undefined while there are none. */
export function madeAheadAt({ ahead }: Ratchet): number | undefined {
  return ahead === undefined || ahead === 'given-up' ? undefined : ahead.madeAt;
}

export function aheadSecrets({ ahead }: Ratchet): readonly Secret[] {
  if (ahead === undefined || ahead === 'given-up') return [];
  const { rootKey, braceKey, chainKey, ourEcdh, ourDh } = ahead;
  return [
    ...[rootKey, braceKey, chainKey, ourEcdh.secret],
    ...(ourDh === undefined ? [] : [ourDh.secret]),
  ];
}

/** @see OTRv4 "Rotating ECDH Keys and Brace Key as sender" */
export function rotateToSend(ratchet: Ratchet, env: Env): Ratchet {
  const { ahead } = ratchet;
  const turn = ahead === undefined || ahead === 'given-up' ? makeTurn(ratchet, env) : ahead;
  return {
    ...ratchet,
    rotations: ratchet.rotations + 1,
    sent: 0,
    nextRotation: 'receive',
    rootKey: turn.rootKey,
    braceKey: turn.braceKey,
    sending: turn.chainKey,
    ourEcdh: turn.ourEcdh,
    ourDh: turn.ourDh ?? ratchet.ourDh,
    ahead: undefined,
  };
}

function makeTurn(ratchet: Ratchet, env: Env): NextTurn {
  const ourEcdh = generateEcdh(env);
  const ourDh = isDhRatchet(ratchet.rotations) ? generateDh(env) : undefined;
  const braceKey = ourDh
    ? agreeBraceKey(ourDh.secret, ratchet.theirDh, env)
    : nextBraceKey(ratchet.braceKey);
  using ecdhSecret = ecdh(ourEcdh.secret, ratchet.theirEcdh);
  using mixed = mixSecrets(ecdhSecret, braceKey);
  const { rootKey, chainKey } = deriveRatchetKeys(ratchet.rootKey, mixed);
  return { rootKey, braceKey, chainKey, ourEcdh, ourDh, madeAt: env.monotonicMs() };
}
