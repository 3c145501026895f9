// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { requireAccount, requireProfile, type Services } from './services.ts';

export const prekeysHandlers = (services: Services): HandlersOf<'prekeys'> => ({
  'prekeys.accept-server': ({ jid }) => {
    requireAccount(services).prekeys.acceptServerKey(jid);
    return undefined;
  },
  'prekeys.leave': ({ leaves }) => {
    requireAccount(services).prekeys.setLeavesKeys(leaves);
    return undefined;
  },
  'prekeys.repair': () => {
    requireProfile(services).account.devices().announceAgain();
    requireAccount(services).prekeys.repair();
    return undefined;
  },
  'prekeys.stop-server': ({ jid }) => {
    requireAccount(services).prekeys.stopUsingServer(jid);
    return undefined;
  },
  'prekeys.view': () => requireAccount(services).prekeys.view(),
});
