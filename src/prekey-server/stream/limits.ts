// SPDX-License-Identifier: GPL-3.0-or-later

/** In bytes. */
export const streamLimits = {
  /** What may wait to be sent before we read no more, and before we hang up. */
  outgoingHigh: 1024 * 1024,
  outgoingMost: 16 * 1024 * 1024,
  /** An address: three parts and what separates them (RFC 7622). */
  jid: 3071,
  /** A stanza id that is echoed. */
  stanzaId: 256,
} as const;

/** In milliseconds. */
export const streamDelays = {
  /** From the first packet to a stream that is accepted. */
  handshake: 10_000,
  /** Silence after which we ask whether the server is still there, and how long it may take. */
  idle: 30_000,
  idleAnswer: 15_000,
  reconnectMin: 1_000,
  reconnectMax: 60_000,
  /** How long a clean end may take before the socket is dropped. */
  farewell: 1_000,
} as const;
