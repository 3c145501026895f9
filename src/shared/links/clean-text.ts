// SPDX-License-Identifier: GPL-3.0-or-later

// Controls and format characters, among them marks that turn the direction of what follows.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;
// They belong to words and emoji of many languages.
const JOINERS = new Set(['\u200C', '\u200D']);
const mayShow = (character: string): boolean =>
  character === '\n' || JOINERS.has(character) || !INVISIBLE.test(character);

const LINE_ENDS = /\r\n?|[\u0085\u2028\u2029]/gu;

const octetsOf = (character: string): number => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_00_00 ? 3 : 4;
};

/** A text of somebody else, fit for a field: no controls but line ends, and cut. */
export function cleanText(
  text: string,
  mostOctets: number,
): { readonly text: string; readonly cut: boolean } {
  let clean = '';
  let octets = 0;
  for (const character of text.replace(LINE_ENDS, '\n').replaceAll('\t', ' ')) {
    if (!mayShow(character)) continue;
    octets += octetsOf(character);
    if (octets > mostOctets) return { text: clean.trimEnd(), cut: true };
    clean += character;
  }
  return { text: clean.trim(), cut: false };
}

/** The same in one line. */
export function cleanLine(text: string, mostOctets: number): string {
  return cleanText(text.replace(/\s+/gu, ' '), mostOctets).text;
}
