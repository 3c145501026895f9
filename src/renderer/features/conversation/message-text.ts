// SPDX-License-Identifier: GPL-3.0-or-later

/** Shown of a long message at first, and by each "Show more" (UTF-16 units). */
export const FIRST_PART = 4_000;
export const NEXT_PART = 40_000;

export interface ShownText {
  readonly text: string;
  readonly isCut: boolean;
}

/** A message may be a megabyte: what is laid out at once stays small. */
export function toShownText(text: string, most: number): ShownText {
  if (text.length <= most) return { text, isCut: false };
  // Never between the two halves of one character.
  const last = text.charCodeAt(most - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? most - 1 : most;
  return { text: text.slice(0, end), isCut: true };
}
