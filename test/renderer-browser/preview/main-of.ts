// SPDX-License-Identifier: GPL-3.0-or-later

import type { AccountView } from '../../../src/shared/model/account.ts';
import type { AppView } from '../../../src/shared/model/app.ts';
import type { ContactRequestView, ContactView } from '../../../src/shared/model/contact.ts';
import type { PrekeysView } from '../../../src/shared/model/prekeys.ts';
import type { Settings } from '../../../src/shared/model/settings.ts';
import { ok } from '../../../src/shared/std/result.ts';
import {
  type Answers,
  createFakeClient,
  type FakeClient,
  refuse,
} from '../../support/fake-client.ts';
import { accountView, appView, contactViews, prekeysView, settingsView } from './sample.ts';

export interface House {
  readonly app?: AppView;
  readonly account?: AccountView;
  readonly contacts?: readonly ContactView[];
  readonly requests?: readonly ContactRequestView[];
  readonly settings?: Settings;
  readonly prekeys?: PrekeysView;
  readonly answers?: Answers;
}

/** A main that answers from the given views; what is saved comes back as an event. */
export function mainOf(house: House = {}): FakeClient {
  const {
    app = appView,
    account = accountView,
    contacts = contactViews,
    requests = [],
    settings = settingsView,
    prekeys = prekeysView,
  } = house;
  const client = createFakeClient({
    'app.view': () => ok(app),
    'account.view': () => ok(account),
    'contact.list': () => ok(contacts),
    'contact.requests': () => ok(requests),
    'prekeys.view': () => ok(prekeys),
    'settings.view': () => ok(settings),
    'settings.save': ({ settings: next }) => {
      client.emit('settings.changed', next);
      const locale = next.language === 'system' ? app.locale : next.language;
      client.emit('app.changed', { ...app, locale });
      return ok(undefined);
    },
    'conversation.open': () => refuse('conversation-unknown'),
    'conversation.history': () => ok([]),
    'conversation.search': () => ok([]),
    ...house.answers,
  });
  return client;
}
