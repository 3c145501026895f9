// SPDX-License-Identifier: GPL-3.0-or-later

import type { Messages } from '../../../src/shared/i18n/en.ts';

const ACCENTED: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'ë',
  i: 'ï',
  n: 'ñ',
  o: 'ø',
  u: 'û',
  y: 'ý',
  A: 'Å',
  E: 'É',
  I: 'Î',
  O: 'Ö',
  S: 'Š',
  U: 'Ü',
};
/** What is filled in stays; bars stand between plural forms. */
const PLACE = /(\{[^}]*\}|\|)/;
/** Languages that need more room than English need about as much more (de, fi, el). */
const LONGER = 0.4;
const FILLING = ['ẑø', 'ñëü', 'ïš', 'áłľë'];

function fill(letters: number): string {
  let filled = '';
  for (let turn = 0; filled.length < letters * LONGER; turn += 1) {
    filled += ` ${FILLING[turn % FILLING.length] ?? ''}`;
  }
  return filled;
}

const toPseudo = (text: string): string =>
  text
    .split(PLACE)
    .map((part) => {
      if (PLACE.test(part) || !/\p{L}/u.test(part)) return part;
      const accented = part.replace(/[A-Za-z]/g, (letter) => ACCENTED[letter] ?? letter);
      return accented.replace(/(\s*)$/, `${fill(part.trim().length)}$1`);
    })
    .join('');

interface Leaves {
  readonly [key: string]: string | Leaves;
}

const pseudoLeaves = (leaves: Leaves): Leaves =>
  Object.fromEntries(
    Object.entries(leaves).map(([key, value]) => [
      key,
      typeof value === 'string' ? toPseudo(value) : pseudoLeaves(value),
    ]),
  );

/**
 * English as a language that is 40 % longer, accented, and runs from right to left: shows what is
 * clipped, what knows left and right, and what is no word of the catalogue. It never ships.
 */
export function pseudoOf(messages: Messages): Messages {
  const pseudo = pseudoLeaves(messages) as unknown as Messages;
  return { ...pseudo, app: { ...pseudo.app, 'text-direction': 'rtl' } };
}
