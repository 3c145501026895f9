// SPDX-License-Identifier: GPL-3.0-or-later

import type { World } from './ports.ts';

const ID_OCTETS = 12;

/** Unpredictable, so that nobody can confirm what they have not received. */
export function newStanzaId({ random }: World): string {
  return Array.from(random(ID_OCTETS), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
