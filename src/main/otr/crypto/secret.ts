// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Security Properties": key material with one owner, who wipes it.

const REDACTED = '[secret]';

/**
 * Owned key material. Whoever holds a `Secret` must pass it on or wipe it, exactly once.
 *
 * JavaScript cannot promise erasure: the engine may have copied the buffer, and every bigint
 * derived from it outlives us. Wiping shortens exposure; it does not end it (docs/threat-model.md).
 */
export class Secret<Length extends number = number> {
  readonly length: Length;
  #bytes: Uint8Array | undefined;

  private constructor(bytes: Uint8Array, length: Length) {
    this.#bytes = bytes;
    this.length = length;
  }

  /** Takes ownership of `bytes`: the caller must not touch the array again. */
  static own<L extends number>(bytes: Uint8Array, length: L): Secret<L> {
    if (bytes.length !== length) {
      throw new RangeError(`secret of ${bytes.length} bytes, expected ${length}`);
    }
    return new Secret(toPlain(bytes), length);
  }

  get wiped(): boolean {
    return this.#bytes === undefined;
  }

  /** Lends the bytes to `use`. They must not be kept, returned or logged. */
  lend<T>(use: (bytes: Uint8Array) => T): T {
    if (this.#bytes === undefined) throw new RangeError('secret used after wipe');
    return use(this.#bytes);
  }

  /** A second secret with its own buffer and its own owner. */
  copy(): Secret<Length> {
    return this.lend((bytes) => new Secret(bytes.slice(), this.length));
  }

  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}

/** The same memory, never as a Buffer: a Buffer's slice is no copy, and wiping it would wipe us. */
function toPlain(bytes: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(bytes) === Uint8Array.prototype
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Bytes that may be secret: what a hash takes. */
export type SecretOrBytes = Secret | Uint8Array;

/** A copy of all parts in one array, which the caller must wipe. */
export function gather(parts: readonly SecretOrBytes[]): Uint8Array {
  const gathered = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    if (part instanceof Secret) {
      part.lend((bytes) => {
        gathered.set(bytes, at);
      });
    } else {
      gathered.set(part, at);
    }
    at += part.length;
  }
  return gathered;
}
