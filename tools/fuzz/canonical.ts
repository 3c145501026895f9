// SPDX-License-Identifier: GPL-3.0-or-later

import { shake256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Secret } from '#otr/crypto/secret.ts';

/** A digest of a value however deep, with what its secrets hold. For comparing before and after. */
export function canonicalHash(value: unknown): string {
  return bytesToHex(shake256(utf8ToBytes(canonical(value)), { dkLen: 32 }));
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value.toString(16)}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Secret) return `secret(${value.wiped ? 'wiped' : value.lend(bytesToHex)})`;
  if (value instanceof Uint8Array) return `bytes(${bytesToHex(value)})`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  const parts = entries.map(([name, part]) => `${String(name)}:${canonical(part)}`);
  return `{${parts.sort().join()}}`;
}
