// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Types": writing BYTE, SHORT, INT, MPI and DATA.

import { concat, encodeData, encodeInt } from '../bytes.ts';
import { encodeUnsigned } from '../crypto/integer.ts';

/** Builds one message field by field, in the order of the table in the specification. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  byte(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  short(value: number): this {
    return this.bytes(Uint8Array.of(value >>> 8, value));
  }

  /** Key types alone are little-endian. */
  shortLittleEndian(value: number): this {
    return this.bytes(Uint8Array.of(value, value >>> 8));
  }

  int(value: number): this {
    return this.bytes(encodeInt(value));
  }

  /** Signed, 8 bytes. */
  long(value: bigint): this {
    const body = new Uint8Array(8);
    new DataView(body.buffer).setBigInt64(0, value);
    return this.bytes(body);
  }

  /** As they are: points, scalars, MACs, signatures. */
  bytes(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }

  data(value: Uint8Array): this {
    return this.int(value.length).bytes(value);
  }

  mpi(value: bigint): this {
    return this.bytes(encodeMpi(value));
  }

  finish(): Uint8Array {
    return concat(...this.#parts);
  }
}

/**
 * MPI: a 4-byte length, then the shortest big-endian spelling; zero has length 0.
 * @see OTRv4 "Data Types"
 */
export function encodeMpi(value: bigint): Uint8Array {
  return encodeData(encodeUnsigned(value));
}
