// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppError } from '#shared/errors/app-error.ts';
import type { Result } from '#shared/std/result.ts';

/** What a store's action answers: nothing, or what the user must be told. */
export type Failure = AppError | undefined;

export const failureOf = (answer: Result<unknown, AppError>): Failure =>
  answer.ok ? undefined : answer.error;
