// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Whitespace Tags": an offer of OTR hidden in plain text.

const BASE = ' \t  \t\t\t\t \t \t \t  ';
const VERSION_TAGS = new Map([
  ['  \t\t  \t\t', '3'],
  ['  \t\t \t  ', '4'],
]);
const VERSION_TAG_LENGTH = 8;
const BLANKS = /^[ \t]{8}/;

export interface WhitespaceTag {
  /** Versions offered, such as "34"; those we do not know are left out. */
  readonly versions: string;
  /** The text without the tag. */
  readonly text: string;
}

/**
 * Finds the first tag of a plaintext message and takes it out.
 * @see OTRv4 "Whitespace Tags"
 */
export function findWhitespaceTag(body: string): WhitespaceTag | undefined {
  const start = body.indexOf(BASE);
  if (start === -1) return undefined;
  let end = start + BASE.length;
  let versions = '';
  while (BLANKS.test(body.slice(end, end + VERSION_TAG_LENGTH))) {
    versions += VERSION_TAGS.get(body.slice(end, end + VERSION_TAG_LENGTH)) ?? '';
    end += VERSION_TAG_LENGTH;
  }
  return { versions, text: body.slice(0, start) + body.slice(end) };
}

/** `text` with a tag that offers version 4 at its end. */
export function addWhitespaceTag(text: string): string {
  return `${text}${BASE}  \t\t \t  `;
}
