// SPDX-License-Identifier: GPL-3.0-or-later

import action from './en/action.json' with { type: 'json' };
import app from './en/app.json' with { type: 'json' };
import connection from './en/connection.json' with { type: 'json' };
import contacts from './en/contacts.json' with { type: 'json' };
import conversation from './en/conversation.json' with { type: 'json' };
import devices from './en/devices.json' with { type: 'json' };
import encryption from './en/encryption.json' with { type: 'json' };
import error from './en/error.json' with { type: 'json' };
import links from './en/links.json' with { type: 'json' };
import menu from './en/menu.json' with { type: 'json' };
import onboarding from './en/onboarding.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import shortcuts from './en/shortcuts.json' with { type: 'json' };
import unlock from './en/unlock.json' with { type: 'json' };
import verification from './en/verification.json' with { type: 'json' };

/** Every English word of the application: one file for each topic, keys `role--name`. */
export const en = {
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
} as const;

export type Messages = typeof en;
