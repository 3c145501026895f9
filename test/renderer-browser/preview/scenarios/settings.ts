// SPDX-License-Identifier: GPL-3.0-or-later

import { mainOf } from '../main-of.ts';
import { accountView } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

const page = (section: string, more: Partial<Scenario> = {}): Scenario => ({
  client: () => mainOf(),
  route: { name: 'settings', params: { section } },
  ...more,
});

export const scenarios: Scenarios = {
  sections: { client: () => mainOf(), route: { name: 'settings' } },
  account: page('account'),
  'account-failed': page('account', {
    client: () =>
      mainOf({ account: { ...accountView, connection: { tag: 'failed', code: 'auth-failed' } } }),
  }),
  device: page('device'),
  'device-making-keys': page('device', {
    client: () => mainOf({ account: { ...accountView, keys: { tag: 'making' } } }),
  }),
  'device-contested': page('device', {
    client: () =>
      mainOf({
        account: {
          ...accountView,
          devices: { ...accountView.devices, standing: 'contested' },
        },
      }),
  }),
  'off-the-record': page('off-the-record'),
  'off-the-record-strict': page('off-the-record', {
    client: () => mainOf({ account: { ...accountView, mode: 'interactive-only' } }),
  }),
  'mode-change': page('off-the-record', {
    then: ({ click }) => click('[role=radio][value=standalone]'),
  }),
  messages: page('messages'),
  notifications: page('notifications'),
  appearance: page('appearance'),
  locking: page('locking'),
  about: page('about'),
};
