// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactView } from '#shared/model/contact.ts';

/** Without case and without accents: "zielinski" finds "Zieliński". */
const fold = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Contacts that have each of the typed words in their name or address. */
export function matching(contacts: readonly ContactView[], typed: string): readonly ContactView[] {
  const words = fold(typed)
    .split(/\s+/)
    .filter((word) => word !== '');
  return contacts.filter(({ name, jid }) => {
    const own = `${fold(name)} ${fold(jid)}`;
    return words.every((word) => own.includes(word));
  });
}
