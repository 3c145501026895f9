// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { requireProfile, type Services } from './services.ts';

export const settingsHandlers = (services: Services): HandlersOf<'settings'> => ({
  'settings.save': ({ settings }) => {
    requireProfile(services).settings.save(settings);
    return undefined;
  },
  'settings.view': () => requireProfile(services).settings.view(),
});
