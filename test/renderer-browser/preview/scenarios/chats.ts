// SPDX-License-Identifier: GPL-3.0-or-later

import { mainOf } from '../main-of.ts';
import { ok } from '../../../../src/shared/std/result.ts';
import { accountView, foundMessages, jid, requestViews, today } from '../sample.ts';
import type { Scenarios } from '../scenario.ts';

const withNewDevice = {
  ...accountView.devices,
  others: accountView.devices.others.map((device) => ({ ...device, isNew: true })),
};

export const scenarios: Scenarios = {
  'none-open': { client: () => mainOf() },
  'no-contacts': {
    client: () => mainOf({ contacts: [], account: { ...accountView, keys: { tag: 'making' } } }),
  },
  requests: { client: () => mainOf({ requests: requestViews }) },
  'look-alike': {
    client: () =>
      // Its first letter is Cyrillic.
      mainOf({ requests: [{ jid: jid('\u0430lice@example.org'), at: today(13, 0) }] }),
  },
  'own-device': {
    client: () => mainOf({ account: { ...accountView, devices: withNewDevice } }),
  },
  waiting: {
    client: () =>
      mainOf({
        account: {
          ...accountView,
          connection: { tag: 'waiting', attempt: 3, retryAt: Date.now() + 12_000 },
        },
      }),
  },
  failed: {
    client: () =>
      mainOf({
        account: { ...accountView, connection: { tag: 'failed', code: 'certificate-expired' } },
      }),
  },
  'wrong-clock': {
    client: () => mainOf({ account: { ...accountView, clockAheadMs: -3 * 3_600_000 } }),
  },
  'new-chat': {
    client: () => mainOf(),
    then: ({ click }) => click('nav header button'),
  },
  'contact-menu': {
    client: () => mainOf(),
    then: async ({ click }) => {
      const row = document.querySelector('a.chat');
      row?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }));
      await click('[role=menu]');
    },
  },
  'nothing-found': {
    client: () => mainOf(),
    then: ({ type }) => type('[role=searchbox]', 'zebra'),
  },
  'found-messages': {
    client: () => mainOf({ answers: { 'conversation.search': () => ok(foundMessages) } }),
    then: async ({ type, click }) => {
      await type('[role=searchbox]', 'letter');
      await click('nav h2');
    },
  },
  shortcuts: {
    client: () => mainOf(),
    then: ({ client }) => {
      client.emit('app.command', 'shortcuts');
    },
  },
};
