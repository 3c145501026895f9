// SPDX-License-Identifier: GPL-3.0-or-later

declare const codePlace: unique symbol;

/** `file.ts:line:column` of our own code. Made only by `toCodePlace`. */
export type CodePlace = string & { readonly [codePlace]: true };

export type ErrorKind = 'error' | 'type-error' | 'range-error' | 'sqlite';

const FRAME = /^ {4}at .*?([\w.-]{1,60}\.[cm]?[jt]s):(\d{1,7}):(\d{1,7})\)?$/m;
const PLACE = /^[\w.-]{1,60}\.[cm]?[jt]s:\d{1,7}:\d{1,7}$/;
const UNKNOWN = 'unknown.js:0:0' as CodePlace;

export const isCodePlace = (value: unknown): value is CodePlace =>
  typeof value === 'string' && PLACE.test(value);

/**
 * Where an error was thrown. Never what it says: a message may hold what somebody typed, and may
 * even look like a stack frame, so it is cut off first.
 */
export function toCodePlace(cause: unknown): CodePlace {
  if (!(cause instanceof Error) || typeof cause.stack !== 'string') return UNKNOWN;
  const end = cause.message === '' ? 0 : cause.stack.indexOf(cause.message) + cause.message.length;
  const frames = cause.stack.includes(cause.message) ? cause.stack.slice(end) : '';
  const [, file, line, column] = FRAME.exec(frames) ?? [];
  if (file === undefined || line === undefined || column === undefined) return UNKNOWN;
  return `${file}:${line}:${column}` as CodePlace;
}

export function toErrorKind(cause: unknown): ErrorKind {
  if (cause instanceof TypeError) return 'type-error';
  if (cause instanceof RangeError) return 'range-error';
  return cause instanceof Error && cause.name === 'SqliteError' ? 'sqlite' : 'error';
}
