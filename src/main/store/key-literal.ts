// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * `x'…'` in ASCII: 32 bytes of raw key, then 16 bytes that stand in clear at the start of the file.
 * Without this form the cipher takes the bytes for a passphrase. A Buffer of its own, because a
 * string cannot be wiped: the caller does it.
 */
export function keyLiteral(key: Uint8Array, id: Uint8Array): Buffer {
  if (key.length !== 32) throw new RangeError('a store key has 32 bytes');
  if (id.length !== 16) throw new RangeError('a store id has 16 bytes');
  const literal = Buffer.alloc(2 * (key.length + id.length) + 3);
  literal.write("x'");
  writeHex(literal.subarray(2), key);
  writeHex(literal.subarray(2 + 2 * key.length), id);
  literal.write("'", literal.length - 1);
  return literal;
}

function writeHex(target: Uint8Array, bytes: Uint8Array): void {
  const digit = (nibble: number): number => nibble + (nibble < 10 ? 0x30 : 0x57);
  for (const [index, octet] of bytes.entries()) {
    target[2 * index] = digit(octet >> 4);
    target[2 * index + 1] = digit(octet & 15);
  }
}
