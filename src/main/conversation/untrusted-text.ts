// SPDX-License-Identifier: GPL-3.0-or-later

/** Longest question that is shown, in code points (ux I-8). */
const MAX_QUESTION = 300;
// Controls and format characters: among them line breaks, bidirectional marks and overrides.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]+/gu;
// Joiners belong to words and emoji of many languages; alone they hide nothing.
const JOINERS = /\u200C|\u200D/;

/** A question of a peer, fit to be shown in one quoted box: one line, no direction tricks, cut. */
export function cleanQuestion(question: string): string {
  const visible = question.slice(0, 8 * MAX_QUESTION).replace(INVISIBLE, (run) => {
    return JOINERS.test(run) && run.length === 1 ? run : ' ';
  });
  return Array.from(visible.replace(/ {2,}/g, ' ').trim()).slice(0, MAX_QUESTION).join('');
}

const WHITESPACE_TAG_BASE = ' \t  \t\t\t\t \t \t \t  ';
/** U+2060: no width, no line break, and no longer what an OTR client looks for. */
const WORD_JOINER = '\u2060';

/**
 * Text of the user as it may travel in clear: whatever would start OTR on the other side, a query,
 * an error or an encoded message quoted from somewhere, is only text there too (ux A8).
 */
export function escapePlain(text: string): string {
  return text
    .replaceAll('?OTR', `?${WORD_JOINER}OTR`)
    .replaceAll(WHITESPACE_TAG_BASE, WHITESPACE_TAG_BASE.replaceAll('\t', ' '));
}

/** The text of a body in clear without the invisible offer some clients hide in it. */
export function stripWhitespaceTag(body: string): string {
  const start = body.indexOf(WHITESPACE_TAG_BASE);
  if (start === -1) return body;
  const rest = body.slice(start + WHITESPACE_TAG_BASE.length);
  return body.slice(0, start) + rest.replace(/^(?:[ \t]{8})*/, '');
}
