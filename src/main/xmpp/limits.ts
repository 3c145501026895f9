// SPDX-License-Identifier: GPL-3.0-or-later

import { xmlLimits } from '#main/xml/limits.ts';

/** What we accept from the network, and what we ask of it. Sizes in bytes unless the name says otherwise. */
export const limits = {
  ...xmlLimits,

  /** Pieces that a WebSocket frame may come in. */
  fragmentsPerFrame: 1024,

  /** What a domain may say about its other ways in (XEP-0156). */
  hostMeta: 64 * 1024,

  /** Elements that may come in the same breath as the end of a login. */
  waitingElements: 16,
  saslChallenge: 4096,
  scramIterationsMin: 4096,
  scramIterationsMax: 1_000_000,

  /** Stanzas that the server has not acknowledged. Beyond it we behave as if offline. */
  unacknowledgedStanzas: 500,
  /** Questions of others that are answered at once; `delays.answer` earns one more. */
  answersAtOnce: 30,
  /** Text beside a subscription request and presence status, in UTF-16 units. */
  requestTextUnits: 300,
  statusUnits: 1024,
  /** Devices of one list that we read, and that we write (security §8). */
  devicesRead: 64,
  devicesWritten: 8,
  /** Services of one domain that are asked what they are, and how many of them at a time. */
  discoveredServices: 48,
  discoveriesAtOnce: 16,
  /** Messages of the archive in one page. */
  archivePage: 100,
  /** A stanza id that we are willing to remember or send back. */
  stanzaIdUnits: 256,
} as const;

/** In milliseconds. */
export const delays = {
  dial: 10_000,
  /** From the first packet to a usable session. */
  connect: 30_000,
  /** The parts of it that one kind of way may take. */
  rememberedWay: 5_000,
  tcpWays: 14_000,
  webSocketWays: 10_000,
  hostMeta: 4_000,
  request: 15_000,
  /** One question to one of many. */
  discovery: 10_000,
  /** Silence after which we ask whether the server is still there, and how long it may take. */
  keepAlive: 30_000,
  keepAliveAnswer: 15_000,
  answer: 200,
  /** How long a clean end may take before the socket is dropped. */
  farewell: 1_000,
  lastAcknowledgements: 2_000,
  reconnectMin: 1_000,
  reconnectMax: 60_000,
} as const;
