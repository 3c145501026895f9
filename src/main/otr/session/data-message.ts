// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "When you send a Data Message": encrypting and decrypting with the ratchet.

import { encodeDataMessage, encodeDataSections } from '../codec/data-message.ts';
import type { Ciphertext, DataMessage } from '../codec/data-message.ts';
import { decodePlaintext, encodePlaintext } from '../codec/tlv.ts';
import type { Plaintext } from '../codec/tlv.ts';
import type { InstanceTag } from '../bytes.ts';
import { cipher } from '../crypto/cipher.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { tryRead } from '../errors.ts';
import { deriveMacKey } from '../ratchet/chain.ts';
import type { MacKey } from '../ratchet/chain.ts';
import type { Ratchet, RatchetLimits } from '../ratchet/ratchet.ts';
import { receive } from '../ratchet/receive.ts';
import type { RatchetRefusal } from '../ratchet/receive.ts';
import { prepareSend } from '../ratchet/send.ts';
import { deriveAnnouncedKeys } from '../ratchet/extra-keys.ts';
import type { ExtraKeys } from '../ratchet/extra-keys.ts';

const MAC_LENGTH = 64;

export interface Outgoing extends Plaintext {
  readonly senderTag: InstanceTag;
  readonly receiverTag: InstanceTag;
  /** For messages that carry no text of the user: nobody need know when they cannot be read. */
  readonly ignoreUnreadable: boolean;
  /** A multiple of this many bytes is encrypted; 0 for no padding. */
  readonly padTo: number;
  /** The last message of a session reveals every MAC key that is left. */
  readonly isLast?: boolean;
}

export interface Sealed {
  readonly next: Ratchet;
  readonly bytes: Uint8Array;
  /** Whether a new own ECDH key was made. */
  readonly rotated: boolean;
  /** MAC keys revealed. */
  readonly revealed: number;
  /** Which the records of the message announce. Of the caller. */
  readonly extraKeys: ExtraKeys | undefined;
  readonly retired: readonly Secret[];
}

/** Encrypts and authenticates one message. @see OTRv4 "When you send a Data Message" */
export function seal(ratchet: Ratchet, outgoing: Outgoing, env: Env): Sealed {
  const { next, header, ...keys } = prepareSend(ratchet, env, outgoing.isLast);
  using messageKey = keys.messageKey;
  using macKey = deriveMacKey(messageKey);
  const plaintext = encodePlaintext(outgoing, outgoing.padTo);
  const sections = encodeDataSections({
    senderTag: outgoing.senderTag,
    receiverTag: outgoing.receiverTag,
    ignoreUnreadable: outgoing.ignoreUnreadable,
    ...header,
    ciphertext: cipher(messageKey, plaintext) as Ciphertext,
  });
  plaintext.fill(0);
  return {
    next,
    bytes: encodeDataMessage(sections, authenticate(macKey, sections), [keys.revealed]),
    rotated: keys.rotated,
    revealed: keys.revealed.length / MAC_LENGTH,
    extraKeys: deriveAnnouncedKeys(keys.extraKey, outgoing.tlvs),
    retired: keys.retired,
  };
}

export type Opening =
  | {
      readonly tag: 'opened';
      readonly next: Ratchet;
      readonly plaintext: Plaintext;
      /** Which the records of the message announce. Of the caller. */
      readonly extraKeys: ExtraKeys | undefined;
      readonly retired: readonly Secret[];
    }
  | { readonly tag: 'unopened'; readonly why: RatchetRefusal | 'invalid' };

/**
 * Verifies and decrypts one message. The ratchet moves only when it is genuine.
 * @see OTRv4 "When you receive a Data Message"
 */
export function open(
  ratchet: Ratchet,
  received: { readonly message: DataMessage; readonly authenticated: Uint8Array },
  limits: RatchetLimits,
  env: Env,
): Opening {
  const { message, authenticated } = received;
  const authenticates = (macKey: MacKey): boolean =>
    equalBytes(authenticate(macKey, authenticated), message.authenticator);
  const context = { authenticates, limits, now: env.monotonicMs(), by: env };
  const step = tryRead(() => receive(ratchet, message, context));
  if (step === undefined) return { tag: 'unopened', why: 'invalid' };
  if (step.tag === 'refused') return { tag: 'unopened', why: step.why };
  const bytes = cipher(step.messageKey, message.ciphertext);
  const plaintext = decodePlaintext(bytes);
  bytes.fill(0);
  const extraKeys = deriveAnnouncedKeys(step.extraKey, plaintext.tlvs);
  return { tag: 'opened', next: step.next, plaintext, extraKeys, retired: step.retired };
}

/**
 * The authenticator of a data message.
 * @param sections all of the message up to and with its ciphertext
 * @see OTRv4 "When you send a Data Message"
 */
export function authenticate(macKey: MacKey, sections: Uint8Array): Uint8Array {
  return kdf(USAGE.authenticator, [macKey, sections], MAC_LENGTH);
}
