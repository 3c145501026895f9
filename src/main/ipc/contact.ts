// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { requireAccount, type Services } from './services.ts';

export const contactHandlers = (services: Services): HandlersOf<'contact'> => ({
  'contact.accept': async ({ jid }) => {
    await requireAccount(services).contacts.accept(jid);
    return undefined;
  },
  'contact.add': ({ jid, name }) => requireAccount(services).contacts.add(jid, name),
  'contact.block': async ({ jid }) => {
    await requireAccount(services).contacts.block(jid);
    return undefined;
  },
  'contact.decline': ({ jid }) => {
    requireAccount(services).contacts.decline(jid);
    return undefined;
  },
  'contact.list': () => services.profile()?.forAccount()?.conversations.contacts() ?? [],
  'contact.remove': async ({ id }) => {
    await requireAccount(services).contacts.remove(id);
    return undefined;
  },
  'contact.rename': async ({ id, name }) => {
    await requireAccount(services).contacts.rename(id, name);
    return undefined;
  },
  'contact.requests': () => services.profile()?.forAccount()?.contacts.requests() ?? [],
});
