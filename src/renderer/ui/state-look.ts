// SPDX-License-Identifier: GPL-3.0-or-later

/** Every state of a conversation that has a shape, the letters of the design's state table beside it. */
export type StateName =
  | 'plain' // S0
  | 'plain-available' // S1
  | 'not-started' // in place of S0 and S1, where nothing may go in clear
  | 'starting' // S2
  | 'unverified' // S3
  | 'verified' // S4
  | 'mixed' // S4p
  | 'offline-verified' // S5
  | 'offline-unverified' // S5, not verified
  | 'waiting' // S6
  | 'ended-by-peer' // S7
  | 'expired' // S8
  | 'interrupted' // S9
  | 'key-changed' // S10
  | 'cannot-encrypt'; // S11

export type Tone = 'plain' | 'info' | 'warn' | 'ok' | 'away' | 'ended' | 'bad';

/** The edge tells the truth: dotted is not verified, dashed is not sent or waiting. */
export type Edge = 'quiet' | 'solid' | 'dotted' | 'dashed';

export type Thread = 'none' | 'dotted' | 'solid' | 'ended';

export interface StateLook {
  readonly tone: Tone;
  readonly chip: Edge;
  readonly composer: Edge;
  /** The thread beside messages written in this state. */
  readonly thread: Thread;
}

export const stateLook: Readonly<Record<StateName, StateLook>> = {
  plain: { tone: 'plain', chip: 'quiet', composer: 'quiet', thread: 'none' },
  'plain-available': { tone: 'plain', chip: 'quiet', composer: 'quiet', thread: 'none' },
  'not-started': { tone: 'plain', chip: 'dashed', composer: 'dashed', thread: 'none' },
  starting: { tone: 'info', chip: 'dashed', composer: 'dashed', thread: 'none' },
  unverified: { tone: 'warn', chip: 'dotted', composer: 'dotted', thread: 'dotted' },
  verified: { tone: 'ok', chip: 'solid', composer: 'solid', thread: 'solid' },
  mixed: { tone: 'warn', chip: 'solid', composer: 'solid', thread: 'none' },
  'offline-verified': { tone: 'away', chip: 'solid', composer: 'solid', thread: 'solid' },
  'offline-unverified': { tone: 'away', chip: 'dotted', composer: 'dotted', thread: 'dotted' },
  waiting: { tone: 'info', chip: 'dashed', composer: 'dashed', thread: 'none' },
  'ended-by-peer': { tone: 'ended', chip: 'quiet', composer: 'quiet', thread: 'ended' },
  expired: { tone: 'ended', chip: 'quiet', composer: 'quiet', thread: 'ended' },
  interrupted: { tone: 'bad', chip: 'dashed', composer: 'dashed', thread: 'none' },
  'key-changed': { tone: 'bad', chip: 'solid', composer: 'quiet', thread: 'none' },
  'cannot-encrypt': { tone: 'bad', chip: 'solid', composer: 'quiet', thread: 'none' },
};
