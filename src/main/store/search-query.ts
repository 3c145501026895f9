// SPDX-License-Identifier: GPL-3.0-or-later

/** Words of one query that are looked at; the rest is ignored. */
const MAX_WORDS = 16;
/** UTF-16 units of one query that are looked at. */
const MAX_LENGTH = 256;

/**
 * The user's text as an FTS5 expression: every run of letters and digits becomes a quoted word, so
 * that nothing typed is ever read as an operator. `undefined` if there is no word in it.
 */
export function toMatchExpression(query: string): string | undefined {
  const words = query.slice(0, MAX_LENGTH).match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu);
  if (words === null) return undefined;
  return `${words
    .slice(0, MAX_WORDS)
    .map((word) => `"${word}"`)
    .join(' ')}*`;
}
