// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Extra Symmetric Key": keys for other applications of the two, never sent.

import { TLV_TYPE } from '../codec/tlv.ts';
import type { Tlv } from '../codec/tlv.ts';
import { deriveSecret } from '../crypto/kdf.ts';
import { LIMITS } from '../limits.ts';
import type { ExtraKey } from './chain.ts';

/** Bytes that say what a key is for. */
export const CONTEXT_LENGTH = 4;

/** The keys of one message. Whoever holds this owns every secret in it. */
export interface ExtraKeys {
  /** The key of the message itself: `extra_sym_key_1` of the specification. */
  readonly first: ExtraKey;
  /** One for each record, in order. */
  readonly derived: readonly DerivedExtraKey[];
}

export interface DerivedExtraKey {
  /** What it is for, in 4 bytes. As `value`, it is for the application to understand. */
  readonly context: Uint8Array;
  readonly value: Uint8Array;
  readonly key: ExtraKey;
}

/**
 * The keys that the records of type 7 of a message announce, at most ten.
 *
 *     key_n = KDF(index || context || key_n-1, 64)
 *
 * where index is the place of the record among all records of the message, from 0, in one byte.
 *
 * @param first stays with the caller
 * @returns undefined when there is no such record
 * @see OTRv4 "Extra Symmetric Key"
 */
export function deriveExtraKeys(first: ExtraKey, tlvs: readonly Tlv[]): ExtraKeys | undefined {
  const announced = [...tlvs.entries()]
    .filter(([, { type }]) => type === TLV_TYPE.extraSymmetricKey)
    .slice(0, LIMITS.extraSymmetricKeys);
  if (announced.length === 0) return undefined;
  const derived: DerivedExtraKey[] = [];
  let last = first;
  for (const [index, { value }] of announced) {
    const context = toContext(value);
    last = deriveSecret(index, [context, last], 64);
    derived.push({ context, value: value.slice(CONTEXT_LENGTH), key: last });
  }
  return { first: first.copy(), derived };
}

/** {@link deriveExtraKeys}, whose first key is only made when a record announces one. */
export function deriveAnnouncedKeys(
  first: () => ExtraKey,
  tlvs: readonly Tlv[],
): ExtraKeys | undefined {
  if (!tlvs.some(({ type }) => type === TLV_TYPE.extraSymmetricKey)) return undefined;
  using key = first();
  return deriveExtraKeys(key, tlvs);
}

/** A context that is shorter ends in zeros. */
export function toContext(value: Uint8Array): Uint8Array {
  const context = new Uint8Array(CONTEXT_LENGTH);
  context.set(value.subarray(0, CONTEXT_LENGTH));
  return context;
}
