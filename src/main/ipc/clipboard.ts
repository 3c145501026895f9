// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { HandlersOf } from './noun-handlers.ts';
import { requireAccount, requireProfile, type Services } from './services.ts';

export const clipboardHandlers = (services: Services): HandlersOf<'clipboard'> => ({
  'clipboard.copy-code': async ({ of }) => {
    const hex =
      of.whose === 'ours'
        ? ourCode(services)
        : requireAccount(services)
            .conversations.view(of.id)
            .devices.find(({ name }) => name.instanceTag === of.instanceTag)?.code.hex;
    if (hex === undefined) throw new AppFailure('session-needed');
    await services.clipboard.copyForAMinute(hex);
    return undefined;
  },
  'clipboard.copy-text': async ({ text }) => {
    await services.clipboard.copyText(text);
    return undefined;
  },
});

function ourCode(services: Services): string | undefined {
  const keys = requireProfile(services).account.view()?.keys;
  return keys?.tag === 'ready' ? keys.code.hex : undefined;
}
