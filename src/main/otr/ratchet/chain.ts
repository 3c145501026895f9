// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Calculating Encryption and MAC Keys": from a chain key to the keys of one message.

import { deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';

export type ChainKey = Secret<64>;
/** MKenc: its first 32 bytes encrypt one message, all 64 derive the MAC key. */
export type MessageKey = Secret<64>;
export type MacKey = Secret<64>;
export type ExtraKey = Secret<64>;

/** Keeps the extra symmetric key apart from the other keys of the same chain key. */
const EXTRA_KEY_MARK = Uint8Array.of(0xff);

/** @see OTRv4 "Calculating Encryption and MAC Keys" */
export function deriveMessageKey(chainKey: ChainKey): MessageKey {
  return deriveSecret(USAGE.messageKey, [chainKey], 64);
}

/** @see OTRv4 "Calculating Encryption and MAC Keys" */
export function deriveMacKey(messageKey: MessageKey): MacKey {
  return deriveSecret(USAGE.macKey, [messageKey], 64);
}

/** @see OTRv4 "Extra Symmetric Key" */
export function deriveExtraKey(chainKey: ChainKey): ExtraKey {
  return deriveSecret(USAGE.extraSymmKey, [EXTRA_KEY_MARK, chainKey], 64);
}

/** @see OTRv4 "When you send a Data Message" */
export function nextChainKey(chainKey: ChainKey): ChainKey {
  return deriveSecret(USAGE.nextChainKey, [chainKey], 64);
}
