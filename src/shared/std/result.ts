// SPDX-License-Identifier: GPL-3.0-or-later

/** An expected outcome: the caller must look at `ok` before it gets at the value. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });
