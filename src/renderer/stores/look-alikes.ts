// SPDX-License-Identifier: GPL-3.0-or-later

/** Alphabets with letters that look like those of another one of them. */
const ALPHABETS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];

/**
 * Whether a part of an address has letters of more than one of them: hardly anybody has such an
 * address, but whoever wants to be taken for somebody else may.
 */
export const mixesAlphabets = (address: string): boolean =>
  address
    .split(/[@.]/u)
    .some((part) => ALPHABETS.filter((alphabet) => alphabet.test(part)).length > 1);
