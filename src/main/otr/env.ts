// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Assumptions": what the engine may ask of the world, chance and two clocks.

/**
 * What a step may ask of the world. The engine has no other source of time or chance, so the same
 * inputs with the same `Env` give the same bytes.
 */
export interface Env {
  /** `length` fresh unpredictable bytes, now the engine's: it wipes them after use. */
  random(length: number): Uint8Array;
  /** Wall clock, milliseconds since the epoch. Only for what leaves the machine: profile expiry. */
  nowMs(): number;
  /** Never set back. For every duration: session expiry, time-outs, limits per minute. */
  monotonicMs(): number;
  /**
   * base ^ exponent mod dh_p by native code, where there is some: 384 and 80 bytes, both lent, give
   * 384 bytes, all big-endian, now the engine's. Undefined when the engine has to compute by itself.
   */
  dhPower?(base: Uint8Array, exponent: Uint8Array): Uint8Array | undefined;
}
