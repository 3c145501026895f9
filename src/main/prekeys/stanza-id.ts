// SPDX-License-Identifier: GPL-3.0-or-later

import type { Env } from '#otr/env.ts';

const ID_OCTETS = 12;

/** Unpredictable, so that nobody can make us believe that a stanza of ours came back. */
export function formatStanzaId({ random }: Pick<Env, 'random'>): string {
  return Array.from(random(ID_OCTETS), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
