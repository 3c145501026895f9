// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "When you send a Data Message": the keys of our next message.

import type { DhPublic } from '../crypto/dh3072.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { isDhRatchet } from './brace-key.ts';
import { deriveExtraKey, deriveMessageKey, nextChainKey } from './chain.ts';
import type { ExtraKey, MessageKey } from './chain.ts';
import { toRevealedBytes } from './mac-reveal.ts';
import { rotateToSend } from './next-turn.ts';
import { sendingId } from './ratchet.ts';
import type { Ratchet } from './ratchet.ts';

/** What the next message carries about the ratchet, in the clear. */
export interface RatchetHeader {
  readonly previousChainLength: number;
  readonly ratchetId: number;
  readonly messageId: number;
  readonly ecdhPublic: EcdhPublic;
  /** Present in every message of each third ratchet. */
  readonly dhPublic: DhPublic | undefined;
}

export interface Sending {
  readonly next: Ratchet;
  readonly header: RatchetHeader;
  /** For one message. The caller wipes it. */
  readonly messageKey: MessageKey;
  /** Derived when it is wanted, which is seldom, and before `retired` is wiped. As `messageKey`. */
  readonly extraKey: () => ExtraKey;
  /** The "old MAC keys" field: only the first message of a ratchet has any. */
  readonly revealed: Uint8Array;
  /** Whether a new own ECDH key was made, which is what keeps a session from expiring. */
  readonly rotated: boolean;
  /** Secrets that `next` no longer holds. */
  readonly retired: readonly Secret[];
}

/**
 * Takes the keys for the next message of ours, rotating first when the last word was the peer's.
 *
 * @param isLast the session ends with this message: it reveals whatever is left to reveal
 * @see OTRv4 "When you send a Data Message"
 */
export function prepareSend(ratchet: Ratchet, env: Env, isLast = false): Sending {
  const rotates = ratchet.nextRotation === 'send';
  const reveals = rotates || isLast;
  const turned = rotates ? rotateToSend(ratchet, env) : ratchet;
  const { sending } = turned;
  if (sending === undefined) throw new RangeError('no sending chain');
  const ratchetId = sendingId(turned);
  return {
    next: {
      ...turned,
      sending: nextChainKey(sending),
      sent: turned.sent + 1,
      macKeysToReveal: reveals ? [] : turned.macKeysToReveal,
    },
    header: {
      previousChainLength: turned.previouslySent,
      ratchetId,
      messageId: turned.sent,
      ecdhPublic: turned.ourEcdh.public,
      dhPublic: isDhRatchet(ratchetId) ? turned.ourDh.public : undefined,
    },
    messageKey: deriveMessageKey(sending),
    extraKey: () => deriveExtraKey(sending),
    revealed: reveals ? toRevealedBytes(ratchet.macKeysToReveal) : new Uint8Array(0),
    rotated: rotates,
    retired: [
      sending,
      ...(rotates ? replacedBySending(ratchet) : []),
      ...(reveals ? ratchet.macKeysToReveal : []),
    ],
  };
}

function replacedBySending(ratchet: Ratchet): readonly Secret[] {
  const replacesDh = isDhRatchet(ratchet.rotations);
  return [
    ratchet.rootKey,
    ratchet.braceKey,
    ratchet.sending,
    ratchet.ourEcdh.secret,
    replacesDh ? ratchet.ourDh.secret : undefined,
  ].filter((secret) => secret !== undefined);
}
