// SPDX-License-Identifier: GPL-3.0-or-later

import action from './de/action.json' with { type: 'json' };
import app from './de/app.json' with { type: 'json' };
import connection from './de/connection.json' with { type: 'json' };
import contacts from './de/contacts.json' with { type: 'json' };
import conversation from './de/conversation.json' with { type: 'json' };
import devices from './de/devices.json' with { type: 'json' };
import encryption from './de/encryption.json' with { type: 'json' };
import error from './de/error.json' with { type: 'json' };
import links from './de/links.json' with { type: 'json' };
import menu from './de/menu.json' with { type: 'json' };
import onboarding from './de/onboarding.json' with { type: 'json' };
import settings from './de/settings.json' with { type: 'json' };
import shortcuts from './de/shortcuts.json' with { type: 'json' };
import unlock from './de/unlock.json' with { type: 'json' };
import verification from './de/verification.json' with { type: 'json' };
import type { Messages } from './en.ts';

/** The same in German. Does not compile while a word is missing; its glossary is docs/i18n.md. */
export const de: Messages = {
  action,
  app,
  connection,
  contacts,
  conversation,
  devices,
  encryption,
  error,
  links,
  menu,
  onboarding,
  settings,
  shortcuts,
  unlock,
  verification,
};
