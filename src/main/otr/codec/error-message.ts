// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "OTR Error Messages": the only answer to what cannot be read.

const PREFIX = '?OTR Error:';

/** ERROR_1, ERROR_2, ERROR_3 of the specification. */
export type ErrorCode = 'unreadable' | 'not-private' | 'malformed';

const ERRORS: readonly { readonly code: ErrorCode; readonly id: string; readonly text: string }[] =
  [
    { code: 'unreadable', id: 'ERROR_1', text: 'Unreadable message' },
    { code: 'not-private', id: 'ERROR_2', text: 'Not in private state message' },
    { code: 'malformed', id: 'ERROR_3', text: 'Malformed message' },
  ];

/** @see OTRv4 "OTR Error Messages" */
export function formatError(code: ErrorCode): string {
  const known = ERRORS.find((error) => error.code === code);
  if (known === undefined) throw new RangeError('error code');
  return `${PREFIX} ${known.id}: ${known.text}`;
}

/**
 * Reads an error message, which stands at the very start or not at all. Whatever it says is not
 * authenticated: it may be shown, by its code, and must change nothing.
 */
export function findError(body: string): { readonly code: ErrorCode | undefined } | undefined {
  if (!body.startsWith(PREFIX)) return undefined;
  const details = body.slice(PREFIX.length).trimStart();
  return { code: ERRORS.find(({ id }) => details.startsWith(`${id}:`))?.code };
}
