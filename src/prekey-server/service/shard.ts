// SPDX-License-Identifier: GPL-3.0-or-later

import {
  answerCount,
  answerPublication,
  createPrekeyServer,
  prekeyServerSecrets,
  stepPrekeyServer,
} from '#otr';
import type {
  AuthenticatedTicket,
  CountCommand,
  Env,
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerEffect,
  PrekeyServerStep,
  PublishCommand,
  ServerIgnoredWhy,
  Unavailable,
} from '#otr';

/** What a worker is asked. Answers of the store carry the task that wanted to know. */
export type ShardTask =
  | { readonly tag: 'receive'; readonly task: number; readonly from: string; readonly body: string }
  | {
      readonly tag: 'answer';
      readonly task: number;
      readonly outcome: 'stored' | 'refused' | Unavailable | number;
    };

/** What it says to a task. */
export interface ShardReply {
  readonly task: number;
  /** To the sender of the message. */
  readonly bodies: readonly string[];
  /** For the store, whose answer is the next task of the same number. */
  readonly ask: PublishCommand | CountCommand | undefined;
  readonly ignored: ServerIgnoredWhy | undefined;
}

/**
 * The engine's server for some of the accounts: their key exchanges, and nothing else. Lives in a worker
 * thread, since one publication takes up to a second.
 */
export class Shard {
  readonly #env: Env;
  readonly #waiting = new Map<number, AuthenticatedTicket>();
  #server: PrekeyServer;

  constructor(context: PrekeyServerContext, env: Env) {
    this.#env = env;
    this.#server = createPrekeyServer(context);
  }

  do(task: ShardTask): ShardReply {
    switch (task.tag) {
      case 'receive': {
        const { from, body } = task;
        return this.#adopt(task.task, this.#step({ tag: 'receive', from, body }));
      }
      case 'answer':
        return this.#answer(task.task, task.outcome);
    }
  }

  /** Forgets what is overdue. */
  tick(): void {
    this.#adopt(0, this.#step({ tag: 'tick' }));
  }

  end(): void {
    for (const secret of prekeyServerSecrets(this.#server)) secret.wipe();
    for (const { macKey } of this.#waiting.values()) macKey.wipe();
    this.#waiting.clear();
  }

  #step(input: Parameters<typeof stepPrekeyServer>[1]): PrekeyServerStep {
    return stepPrekeyServer(this.#server, input, this.#env);
  }

  #answer(task: number, outcome: Extract<ShardTask, { tag: 'answer' }>['outcome']): ShardReply {
    const ticket = this.#waiting.get(task);
    this.#waiting.delete(task);
    if (ticket === undefined) return replyOf(task, [], undefined);
    const effects =
      typeof outcome === 'number'
        ? answerCount(ticket, outcome)
        : answerPublication(ticket, outcome);
    wipeRetired(effects);
    return replyOf(task, effects, undefined);
  }

  #adopt(task: number, { next, effects }: PrekeyServerStep): ShardReply {
    this.#server = next;
    const asking = effects.find((effect) => effect.tag === 'store' || effect.tag === 'count');
    if (asking !== undefined) this.#waiting.set(task, asking.ticket);
    wipeRetired(effects);
    return replyOf(task, effects, asking?.command);
  }
}

function replyOf(
  task: number,
  effects: readonly PrekeyServerEffect[],
  ask: ShardReply['ask'],
): ShardReply {
  return {
    task,
    bodies: effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : [])),
    ask,
    ignored: effects.find((effect) => effect.tag === 'ignored')?.why,
  };
}

function wipeRetired(effects: readonly PrekeyServerEffect[]): void {
  for (const effect of effects) {
    if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
  }
}
