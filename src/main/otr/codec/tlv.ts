// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "TLV Record Types": text and records inside a decrypted data message.

import { concat, decodeUtf8, encodeUtf8 } from '../bytes.ts';
import { LIMITS } from '../limits.ts';
import { Writer } from './writer.ts';

/** Whether a text is more than one message may say. */
export function isTooLong(text: string): boolean {
  return encodeUtf8(text).length > LIMITS.plaintextBytes;
}

/** @see OTRv4 "TLV Record Types" */
export const TLV_TYPE = {
  padding: 0,
  disconnected: 1,
  smp1: 2,
  smp2: 3,
  smp3: 4,
  smp4: 5,
  smpAbort: 6,
  extraSymmetricKey: 7,
} as const;

const HEADER_LENGTH = 4;
const LONGEST_VALUE = 0xffff;

export interface Tlv {
  readonly type: number;
  /** At most 65,535 bytes. */
  readonly value: Uint8Array;
}

/** What a data message carries once it is decrypted. */
export interface Plaintext {
  /** Untrusted. Empty for a heartbeat and for messages that only carry TLVs. */
  readonly text: string;
  readonly tlvs: readonly Tlv[];
}

/**
 * text UTF-8 [ | 0x00 | (type SHORT | length SHORT | value)... ]
 *
 * NUL ends the text, so one in the text would let it forge TLVs: it becomes U+FFFD.
 *
 * @param padTo a padding TLV makes the length a multiple of this many bytes; 0 for none
 * @see OTRv4 "TLV Record Types"
 */
export function encodePlaintext({ text, tlvs }: Plaintext, padTo = 0): Uint8Array {
  const body = encodeUtf8(text.replaceAll('\0', '\uFFFD'));
  const records = tlvs.map(encodeTlv);
  if (padTo > 0) {
    const unpadded = records.reduce((sum, record) => sum + record.length, body.length + 1);
    records.push(encodeTlv(paddingFor(unpadded, padTo)));
  }
  return records.length === 0 ? body : concat(body, Uint8Array.of(0), ...records);
}

function paddingFor(length: number, padTo: number): Tlv {
  if (!Number.isInteger(padTo) || padTo > LONGEST_VALUE) throw new RangeError('padding');
  const over = (length + HEADER_LENGTH) % padTo;
  return { type: TLV_TYPE.padding, value: new Uint8Array(over === 0 ? 0 : padTo - over) };
}

function encodeTlv({ type, value }: Tlv): Uint8Array {
  if (value.length > LONGEST_VALUE) throw new RangeError('TLV value');
  return new Writer().short(type).short(value.length).bytes(value).finish();
}

/**
 * Never throws: a record that is cut off ends the list, and text and records before it stand.
 * Padding keeps its place, since places count; records past the limit are not looked at.
 *
 * @see OTRv4 "TLV Record Types"
 */
export function decodePlaintext(bytes: Uint8Array): Plaintext {
  const end = bytes.indexOf(0);
  if (end === -1) return { text: decodeUtf8(bytes), tlvs: [] };
  return { text: decodeUtf8(bytes.subarray(0, end)), tlvs: decodeTlvs(bytes.subarray(end + 1)) };
}

function decodeTlvs(bytes: Uint8Array): readonly Tlv[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tlvs: Tlv[] = [];
  let at = 0;
  for (let seen = 0; seen < LIMITS.tlvs && bytes.length - at >= HEADER_LENGTH; seen += 1) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const start = at + HEADER_LENGTH;
    if (length > bytes.length - start) break;
    at = start + length;
    tlvs.push({ type, value: bytes.slice(start, at) });
  }
  return tlvs;
}
