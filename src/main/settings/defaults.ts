// SPDX-License-Identifier: GPL-3.0-or-later
import type { Settings } from '#shared/model/settings.ts';

/** What holds until the user says otherwise. Nothing starts, shows or tells more by itself. */
export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  // "New message", without name or text.
  notifications: 'generic',
  sendReceipts: true,
  receiptsOffTheRecord: true,
  sendTyping: true,
  enterSends: true,
  startSheetSeen: false,
  rules: {
    otr: 'when-asked',
    accept: 'verified',
    verifiedOnly: false,
    keep: 'until-end',
    liveOnly: false,
  },
};
