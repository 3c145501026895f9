// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Types": reading BYTE, SHORT, INT, MPI and DATA from untrusted bytes.

import { decodeBigEndian } from '../crypto/integer.ts';
import { OtrError } from '../errors.ts';

/** Cursor over one received message. Every read names its field, so every failure says where. */
export class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(field: string): number {
    return this.#view.getUint8(this.#take(1, field));
  }

  short(field: string): number {
    return this.#view.getUint16(this.#take(2, field));
  }

  /** Key types alone are little-endian. */
  shortLittleEndian(field: string): number {
    return this.#view.getUint16(this.#take(2, field), true);
  }

  int(field: string): number {
    return this.#view.getUint32(this.#take(4, field));
  }

  /** Signed, 8 bytes. */
  long(field: string): bigint {
    return this.#view.getBigInt64(this.#take(8, field));
  }

  /** A copy: what is returned stays valid whatever happens to the message. */
  fixed(length: number, field: string): Uint8Array {
    const start = this.#take(length, field);
    return this.#bytes.slice(start, start + length);
  }

  /** @param maxLength in bytes; checked before anything is copied */
  data(maxLength: number, field: string): Uint8Array {
    const length = this.int(field);
    if (length > maxLength) throw new OtrError('too-large', field);
    return this.fixed(length, field);
  }

  /** At most `maxLength` bytes, shortest encoding only: an MPI has one spelling. */
  mpi(maxLength: number, field: string): bigint {
    const length = this.int(field);
    if (length > maxLength) throw new OtrError('bad-mpi', field);
    const body = this.fixed(length, field);
    if (body[0] === 0) throw new OtrError('bad-mpi', field);
    return decodeBigEndian(body);
  }

  /** The bytes between two positions, as they arrived. */
  span(from: number, to: number): Uint8Array {
    return this.#bytes.slice(from, to);
  }

  end(field: string): void {
    if (this.#at !== this.#bytes.length) throw new OtrError('trailing-bytes', field);
  }

  #take(length: number, field: string): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new OtrError('truncated', field);
    this.#at = start + length;
    return start;
  }
}
