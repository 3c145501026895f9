// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppError, AppErrorCode } from './app-error.ts';

/**
 * Thrown by a service when the user must be told something. `code` picks the sentence; `cause`
 * keeps the original for the log. Anything else that escapes a handler is a bug and reads `internal`.
 */
export class AppFailure extends Error {
  override readonly name = 'AppFailure';
  readonly code: AppErrorCode;
  readonly params: AppError['params'];

  constructor(
    code: AppErrorCode,
    options: { readonly params?: AppError['params']; readonly cause?: unknown } = {},
  ) {
    super(code, { cause: options.cause });
    this.code = code;
    this.params = options.params;
  }

  toAppError(): AppError {
    return this.params === undefined
      ? { code: this.code }
      : { code: this.code, params: this.params };
  }
}
