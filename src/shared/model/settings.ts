// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import { locales } from '../i18n/locale.ts';
import { Rules } from './rules.ts';

export const Theme = v.picklist(['system', 'light', 'dark']);
export type Theme = v.InferOutput<typeof Theme>;

export const Language = v.picklist(['system', ...locales]);
export type Language = v.InferOutput<typeof Language>;

/** What the user can set. Every field has a default (main/settings). */
export const Settings = v.strictObject({
  theme: Theme,
  language: Language,
  /** `generic`: "New message" without name or text. */
  notifications: v.picklist(['none', 'generic', 'name']),
  /** Tells contacts that their message arrived. */
  sendReceipts: v.boolean(),
  /** Also of what is off the record, once it could be read. Holds only beside `sendReceipts`. */
  receiptsOffTheRecord: v.boolean(),
  /** Tells contacts, in clear chats, that something is being typed. */
  sendTyping: v.boolean(),
  /** Enter sends; otherwise Ctrl+Enter does. */
  enterSends: v.boolean(),
  /** The sheet that explains off the record was read and need not come again. */
  startSheetSeen: v.boolean(),
  /** Rules for contacts without their own. */
  rules: Rules,
});
export type Settings = v.InferOutput<typeof Settings>;
