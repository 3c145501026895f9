// SPDX-License-Identifier: GPL-3.0-or-later

const COLOURS = 6;

/** 1 to 6, always the same for an address. A mix of 32 bits is enough to spread over six. */
export function avatarColour(address: string): number {
  let hash = 0;
  for (const character of address) {
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  return (hash % COLOURS) + 1;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** First letter or digit as people see one. */
export function initialOf(name: string): string {
  for (const { segment } of graphemes.segment(name)) {
    if (/^[\p{L}\p{N}]/u.test(segment)) return segment.toLocaleUpperCase();
  }
  return '';
}
