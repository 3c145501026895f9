// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import type { AppError } from '#shared/errors/app-error.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { Contract, Handlers } from '#shared/ipc/channel.ts';
import { err, ok, type Result } from '#shared/std/result.ts';

export type Dispatch = (name: string, input: unknown) => Promise<Result<unknown, AppError>>;

/** Checks the name, checks the input, calls the handler, turns whatever it threw into a value. */
export function createDispatch<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  onBug: (cause: unknown) => void,
): Dispatch {
  return async (name, input) => {
    const channel = Object.hasOwn(contract, name) ? contract[name] : undefined;
    if (channel?.kind !== 'request') return err({ code: 'input-invalid' });
    const parsed = v.safeParse(channel.input, input);
    if (!parsed.success) return err({ code: 'input-invalid' });
    const handle = handlers[name as keyof typeof handlers] as (input: unknown) => unknown;
    try {
      return ok(await handle(parsed.output));
    } catch (cause) {
      if (cause instanceof AppFailure) return err(cause.toAppError());
      onBug(cause);
      return err({ code: 'internal' });
    }
  };
}
