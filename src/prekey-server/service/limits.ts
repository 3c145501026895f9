// SPDX-License-Identifier: GPL-3.0-or-later

export const serviceLimits = {
  /** Messages of key exchanges that wait for a worker, of everybody and of one account. */
  exchangesWaiting: 256,
  exchangesPerAccount: 8,
  /** Queries that wait for the store. */
  queriesWaiting: 256,
  /** Messages of one full address that wait for their turn. */
  messagesPerSender: 16,
  /** Characters of all that wait, and of those of one account: sixteen messages of the longest. */
  waitingChars: 32 * 1024 * 1024,
  waitingCharsPerAccount: 4 * 1024 * 1024,
  /** Tasks that a worker has at once: answers of the store must not stand behind a queue. */
  tasksPerWorker: 2,
} as const;

/** In milliseconds. */
export const serviceDelays = {
  /** A worker that takes longer for one task has lost its way. */
  task: 30_000,
  /** Before a worker that died at once is replaced again. */
  respawn: 1_000,
  /** Between two looks for what is overdue. */
  tick: 30_000,
  sweep: 15 * 60_000,
} as const;
