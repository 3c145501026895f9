// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { lendSecret } from './secret-text.ts';
import type { Services } from './services.ts';

export const vaultHandlers = ({ door }: Services): HandlersOf<'vault'> => ({
  'vault.change-passphrase': ({ current, next }) =>
    lendSecret([current, next], async () => {
      await door.changePassphrase(current, next);
      return undefined;
    }),
  'vault.create': ({ passphrase }) =>
    lendSecret([passphrase], async () => {
      await door.create(passphrase);
      return undefined;
    }),
  'vault.lock': () => {
    door.lock();
    return undefined;
  },
  'vault.retry': async () => {
    await door.retry();
    return undefined;
  },
  'vault.unlock': ({ passphrase }) =>
    lendSecret([passphrase], async () => {
      await door.unlock(passphrase);
      return undefined;
    }),
});
