// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import type { Services } from './services.ts';

export const appHandlers = ({ door }: Services): HandlersOf<'app'> => ({
  'app.view': () => door.view(),
});
