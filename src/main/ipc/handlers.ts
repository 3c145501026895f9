// SPDX-License-Identifier: GPL-3.0-or-later

import type { Handlers } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import { accountHandlers } from './account.ts';
import { appHandlers } from './app.ts';
import { clipboardHandlers } from './clipboard.ts';
import { contactHandlers } from './contact.ts';
import { conversationHandlers } from './conversation.ts';
import { linkHandlers } from './link.ts';
import { prekeysHandlers } from './prekeys.ts';
import type { Services } from './services.ts';
import { settingsHandlers } from './settings.ts';
import { vaultHandlers } from './vault.ts';
import { verificationHandlers } from './verification.ts';

/** Everything the window may ask for. A request without a handler does not compile. */
export const createHandlers = (services: Services): Handlers<AppContract> => ({
  ...accountHandlers(services),
  ...appHandlers(services),
  ...clipboardHandlers(services),
  ...contactHandlers(services),
  ...conversationHandlers(services),
  ...linkHandlers(services),
  ...prekeysHandlers(services),
  ...settingsHandlers(services),
  ...vaultHandlers(services),
  ...verificationHandlers(services),
});
