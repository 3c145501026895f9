// SPDX-License-Identifier: GPL-3.0-or-later

import type { CountCommand, PublishCommand, RawEnsemble, TakeCommand } from '#otr';

export interface TakeOrder extends TakeCommand {
  /** Prekey messages that a device keeps: it gives nothing to this requester when it has no more. */
  readonly reserve: number;
}

/**
 * What a prekey server has to remember. Each method is one transaction, committed when its promise is
 * fulfilled. A promise that is rejected says that the store was not there; what was asked for may have
 * been done or not.
 */
export interface PrekeyStorage {
  /** All of it or nothing, as `decidePublication` says. @param nowMs wall clock */
  readonly publish: (command: PublishCommand, nowMs: number) => Promise<'stored' | 'refused'>;
  /** Prekey messages of one device under one long-term key. */
  readonly count: (command: CountCommand) => Promise<number>;
  /**
   * One prekey message of each complete device, with its profiles. It is deleted and remembered as used
   * before the promise is fulfilled, and nobody else ever gets it.
   */
  readonly take: (order: TakeOrder, nowMs: number) => Promise<readonly RawEnsemble[]>;
  /** Removes what has expired, a batch in each transaction. @returns rows removed */
  readonly sweep: (nowMs: number) => Promise<number>;
  readonly close: () => Promise<void>;
}
