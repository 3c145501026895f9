// SPDX-License-Identifier: GPL-3.0-or-later

interface Source {
  /** Cryptographically secure bytes. */
  readonly random: (length: number) => Uint8Array;
}

const STANZA_ID_OCTETS = 12;

/** Lower-case hexadecimal digits that nobody can guess, two for each octet. */
export const randomHex = ({ random }: Source, octets: number): string =>
  Array.from(random(octets), (octet) => octet.toString(16).padStart(2, '0')).join('');

/**
 * Unpredictable, so that nobody can confirm what they have not received, or make us believe that a
 * stanza of ours came back.
 */
export const newStanzaId = (source: Source): string => randomHex(source, STANZA_ID_OCTETS);
