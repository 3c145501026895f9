// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppError, AppErrorCode } from '../../src/shared/errors/app-error.ts';
import type {
  Client,
  EventName,
  EventPayload,
  RequestInput,
  RequestName,
  RequestReply,
} from '../../src/shared/ipc/channel.ts';
import type { AppContract } from '../../src/shared/ipc/contract.ts';
import { err, ok, type Result } from '../../src/shared/std/result.ts';

type Name = RequestName<AppContract>;
type Answer<N extends Name> = Result<RequestReply<AppContract, N>, AppError>;

/** What a fake main answers. What is not listed succeeds and says nothing. */
export type Answers = {
  readonly [N in Name]?: (input: RequestInput<AppContract, N>) => Answer<N> | Promise<Answer<N>>;
};

export interface Heard {
  readonly name: Name;
  readonly input: unknown;
}

export interface FakeClient extends Client<AppContract> {
  /** Every request so far, oldest first, with its bytes copied before anybody can wipe them. */
  readonly heard: readonly Heard[];
  readonly emit: <N extends EventName<AppContract>>(
    name: N,
    payload: EventPayload<AppContract, N>,
  ) => void;
  readonly answer: (answers: Answers) => void;
}

export const refuse = (code: AppErrorCode, params?: AppError['params']): Result<never, AppError> =>
  err(params === undefined ? { code } : { code, params });

/** Main, as the renderer sees it, without a main. */
export function createFakeClient(first: Answers = {}): FakeClient {
  let answers: Readonly<Record<string, unknown>> = first;
  const heard: Heard[] = [];
  const listeners = new Map<string, Set<(payload: never) => void>>();
  return {
    heard,
    request: async (name, input) => {
      heard.push({ name, input: structuredClone(input) });
      const reply = answers[name] as ((input: unknown) => Promise<never>) | undefined;
      return reply === undefined ? (ok(undefined) as never) : reply(input);
    },
    on: (name, listen) => {
      const those = listeners.get(name) ?? new Set();
      listeners.set(name, those.add(listen));
      return () => {
        those.delete(listen);
      };
    },
    emit: (name, payload) => {
      for (const listen of [...(listeners.get(name) ?? [])]) listen(payload as never);
    },
    answer: (more) => {
      answers = { ...answers, ...more };
    },
  };
}
