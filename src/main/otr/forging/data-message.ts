// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts", "Modify an Encrypted Data Message": other words in a message.

import { encodeUtf8 } from '../bytes.ts';
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
  MAC_LENGTH,
} from '../codec/data-message.ts';
import type { Ciphertext, DataMessage } from '../codec/data-message.ts';
import { decodePlaintext, encodePlaintext, TLV_TYPE } from '../codec/tlv.ts';
import type { Plaintext } from '../codec/tlv.ts';
import { cipher } from '../crypto/cipher.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { Secret } from '../crypto/secret.ts';
import { LIMITS } from '../limits.ts';
import { deriveMacKey, deriveMessageKey, nextChainKey } from '../ratchet/chain.ts';
import type { ChainKey, MacKey, MessageKey } from '../ratchet/chain.ts';
import { authenticate } from '../session/data-message.ts';

/**
 * "Show MAC Key": the MAC key that belongs to a message key.
 * @see OTRv4 "Forging Transcripts"
 */
export function showMacKey(messageKey: MessageKey): MacKey {
  return deriveMacKey(messageKey);
}

/**
 * "ReMAC Message": the same message under a new authenticator.
 *
 * @param bytes an encoded data message
 * @throws {OtrError} when it is malformed
 * @see OTRv4 "Forging Transcripts"
 */
export function remacMessage(bytes: Uint8Array, macKey: MacKey): Uint8Array {
  const { message, authenticated } = decodeDataMessage(bytes);
  return attach(authenticated, macKey, message);
}

/** Whether `macKey` is the key under which the message was authenticated. */
export function isMacKeyOf(macKey: MacKey, bytes: Uint8Array): boolean {
  return verifies(macKey, decodeDataMessage(bytes));
}

/**
 * Looks for the MAC key of one message among those that another message reveals.
 *
 * @param bytes   an encoded data message
 * @param laterOn an encoded data message of whoever received it
 * @returns undefined when it is not there
 * @throws {OtrError} when one of them is malformed
 * @see OTRv4 "Revealing MAC Keys"
 */
export function findRevealedMacKey(bytes: Uint8Array, laterOn: Uint8Array): MacKey | undefined {
  const decoded = decodeDataMessage(bytes);
  const { revealedMacKeys } = decodeDataMessage(laterOn).message;
  for (let at = 0; at < revealedMacKeys.length; at += MAC_LENGTH) {
    const macKey = Secret.own(revealedMacKeys.slice(at, at + MAC_LENGTH), MAC_LENGTH);
    if (verifies(macKey, decoded)) return macKey;
    macKey.wipe();
  }
  return undefined;
}

/** A guess at what an unreadable message says, and what it is to say instead. */
export interface Modification {
  /** Bytes of plaintext before `oldText`. */
  readonly offset: number;
  readonly oldText: string;
  /** As many bytes of UTF-8 as `oldText`. */
  readonly newText: string;
}

/**
 * "Modify Data Message": changes what a message says without knowing its key. If the guess was
 * wrong, the result is as genuine and says something else.
 *
 *     encrypted_message[offset + i] ^= old_text[i] ^ new_text[i]
 *
 * @param bytes  an encoded data message
 * @param macKey the one revealed for this message
 * @throws {RangeError} when the texts differ in length or reach beyond the end
 * @throws {OtrError} when the message is malformed
 * @see OTRv4 "Modify an Encrypted Data Message"
 */
export function modifyDataMessage(
  bytes: Uint8Array,
  { offset, oldText, newText }: Modification,
  macKey: MacKey,
): Uint8Array {
  const { message, authenticated } = decodeDataMessage(bytes);
  const before = encodeUtf8(oldText);
  const after = encodeUtf8(newText);
  if (before.length !== after.length) throw new RangeError('texts of different length');
  if (!Number.isInteger(offset) || offset < 0) throw new RangeError('offset');
  if (offset + before.length > message.ciphertext.length) throw new RangeError('beyond the end');
  const changed = message.ciphertext.map((octet, at) => {
    const k = at - offset;
    return octet ^ (before[k] ?? 0) ^ (after[k] ?? 0);
  });
  // The ciphertext is the last field of what is authenticated.
  authenticated.set(changed, authenticated.length - changed.length);
  return attach(authenticated, macKey, message);
}

/**
 * "Read and Forge Data Message", the reading half.
 *
 * @param bytes    an encoded data message
 * @param chainKey of this message, or of one before it in the same ratchet; stays with the caller
 * @returns undefined when the key is of another chain
 * @throws {OtrError} when the message is malformed
 * @see OTRv4 "Forging Transcripts"
 */
export function readDataMessage(bytes: Uint8Array, chainKey: ChainKey): Plaintext | undefined {
  const decoded = decodeDataMessage(bytes);
  using messageKey = findMessageKey(decoded, chainKey);
  return messageKey && decrypt(messageKey, decoded.message).plaintext;
}

/**
 * "Read and Forge Data Message", the forging half: the message says `text` instead. What it carries
 * beside its text stays, and it is padded as it was.
 *
 * @param bytes    an encoded data message
 * @param chainKey of this message, or of one before it in the same ratchet; stays with the caller
 * @returns undefined when the key is of another chain
 * @throws {OtrError} when the message is malformed
 * @see OTRv4 "Forging Transcripts"
 */
export function forgeDataMessage(
  bytes: Uint8Array,
  chainKey: ChainKey,
  text: string,
): Uint8Array | undefined {
  const decoded = decodeDataMessage(bytes);
  using messageKey = findMessageKey(decoded, chainKey);
  if (messageKey === undefined) return undefined;
  const { plaintext, padTo } = decrypt(messageKey, decoded.message);
  const forged = encodePlaintext({ ...plaintext, text }, padTo);
  const ciphertext = cipher(messageKey, forged) as Ciphertext;
  forged.fill(0);
  using macKey = showMacKey(messageKey);
  return attach(encodeDataSections({ ...decoded.message, ciphertext }), macKey, decoded.message);
}

type Decoded = ReturnType<typeof decodeDataMessage>;

/** To which multiple a message is padded that was. */
const PADDED_TO = 256;

function decrypt(
  messageKey: MessageKey,
  { ciphertext }: DataMessage,
): { readonly plaintext: Plaintext; readonly padTo: number } {
  const bytes = cipher(messageKey, ciphertext);
  const { text, tlvs } = decodePlaintext(bytes);
  bytes.fill(0);
  const others = tlvs.filter(({ type }) => type !== TLV_TYPE.padding);
  const padTo = others.length < tlvs.length ? PADDED_TO : 0;
  return { plaintext: { text, tlvs: others }, padTo };
}

/** Follows the chain from `chainKey` to the key under which the message verifies. */
function findMessageKey(decoded: Decoded, chainKey: ChainKey): MessageKey | undefined {
  const steps = Math.min(decoded.message.messageId, LIMITS.skipPerRatchet);
  let at = chainKey.copy();
  try {
    for (let step = 0; step <= steps; step += 1) {
      const messageKey = deriveMessageKey(at);
      using macKey = showMacKey(messageKey);
      if (verifies(macKey, decoded)) return messageKey;
      messageKey.wipe();
      const next = nextChainKey(at);
      at.wipe();
      at = next;
    }
    return undefined;
  } finally {
    at.wipe();
  }
}

function verifies(macKey: MacKey, { message, authenticated }: Decoded): boolean {
  return equalBytes(authenticate(macKey, authenticated), message.authenticator);
}

function attach(
  sections: Uint8Array,
  macKey: MacKey,
  { revealedMacKeys }: DataMessage,
): Uint8Array {
  return encodeDataMessage(sections, authenticate(macKey, sections), [revealedMacKeys]);
}
