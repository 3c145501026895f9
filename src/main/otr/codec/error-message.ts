// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "OTR Error Messages": the only answer to what cannot be read.

const PREFIX = '?OTR Error:';

/** ERROR_1, ERROR_2, ERROR_3 of the specification. */
const CODES = ['unreadable', 'not-private', 'malformed'] as const;

export type ErrorCode = (typeof CODES)[number];

const ERRORS: Readonly<Record<ErrorCode, { readonly id: string; readonly text: string }>> = {
  unreadable: { id: 'ERROR_1', text: 'Unreadable message' },
  'not-private': { id: 'ERROR_2', text: 'Not in private state message' },
  malformed: { id: 'ERROR_3', text: 'Malformed message' },
};

/** @see OTRv4 "OTR Error Messages" */
export function formatError(code: ErrorCode): string {
  const { id, text } = ERRORS[code];
  return `${PREFIX} ${id}: ${text}`;
}

/**
 * Reads an error message, which stands at the very start or not at all. Whatever it says is not
 * authenticated: it may be shown, by its code, and must change nothing.
 */
export function findError(body: string): { readonly code: ErrorCode | undefined } | undefined {
  if (!body.startsWith(PREFIX)) return undefined;
  const details = body.slice(PREFIX.length).trimStart();
  return { code: CODES.find((code) => details.startsWith(`${ERRORS[code].id}:`)) };
}
