// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { lendSecret } from './secret-text.ts';
import { requireProfile, type Services } from './services.ts';

export const accountHandlers = (services: Services): HandlersOf<'account'> => ({
  'account.add': (input) => {
    const { password, forgingKey } = input;
    const exportUnder = forgingKey.choice === 'keep' ? forgingKey.passphrase : undefined;
    return lendSecret([password, exportUnder], async () => {
      await requireProfile(services).account.add({
        ...input,
        server: input.server,
        token: input.token,
      });
      return undefined;
    });
  },
  'account.announce-device': () => {
    requireProfile(services).account.devices().announceAgain();
    return undefined;
  },
  'account.connect': () => {
    requireProfile(services).account.connect();
    return undefined;
  },
  'account.disconnect': async () => {
    await requireProfile(services).account.disconnect();
    return undefined;
  },
  'account.keep-device': ({ instanceTag }) => {
    requireProfile(services).account.devices().keep(instanceTag);
    return undefined;
  },
  'account.remove-device': ({ instanceTag }) => {
    requireProfile(services).account.devices().remove(instanceTag);
    return undefined;
  },
  'account.remove': async () => {
    await requireProfile(services).account.remove();
    return undefined;
  },
  'account.set-device-label': ({ label }) => {
    requireProfile(services).account.setDeviceLabel(label);
    return undefined;
  },
  'account.set-mode': async ({ mode }) => {
    await requireProfile(services).account.setMode(mode);
    return undefined;
  },
  'account.set-password': ({ password }) =>
    lendSecret([password], async () => {
      await requireProfile(services).account.setPassword(password);
      return undefined;
    }),
  'account.view': () => services.profile()?.account.view(),
});
