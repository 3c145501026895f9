// SPDX-License-Identifier: GPL-3.0-or-later

import { mainOf } from '../main-of.ts';
import type { PrekeysView } from '../../../../src/shared/model/prekeys.ts';
import { accountView, DAY_MS, keyServer, MINUTE_MS, prekeysView, today } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

const page = (section: string, more: Partial<Scenario> = {}): Scenario => ({
  client: () => mainOf(),
  route: { name: 'settings', params: { section } },
  ...more,
});

const health = (prekeys: Partial<Extract<PrekeysView, { tag: 'used' }>>): Scenario =>
  page('health', { client: () => mainOf({ prekeys: { ...prekeysView, ...prekeys } }) });

const nothingYet = {
  server: undefined,
  left: undefined,
  checkedAt: undefined,
  publishedUntil: undefined,
} as const;

const changedServer = {
  ...keyServer,
  newCode: keyServer.code.split('').toReversed().join(''),
};

const live = mainOf.bind(undefined, {
  account: { ...accountView, mode: 'interactive-only' },
  prekeys: { tag: 'not-used', publishedUntil: today(12, 0) + 6 * DAY_MS },
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
  health: health({}),
  'health-publishing': health({ ...nothingYet, stage: 'publishing', nextLookAt: undefined }),
  'health-no-server': health({
    ...nothingYet,
    stage: 'no-server',
    trouble: { why: 'no-server', at: today(9, 12) },
  }),
  'health-server-changed': health({
    stage: 'server-changed',
    nextLookAt: undefined,
    changed: [changedServer],
  }),
  'health-stopped': health({ stage: 'stopped' }),
  'health-off': health({ stage: 'off', nextLookAt: undefined }),
  'health-failing': health({
    stage: 'failing',
    left: 12,
    nextLookAt: today(9, 12) + 40 * MINUTE_MS,
    trouble: { why: 'unreachable', at: today(9, 12) },
  }),
  'health-wrong-key': health({
    ...nothingYet,
    server: keyServer,
    stage: 'failing',
    nextLookAt: today(9, 12) + 5 * MINUTE_MS,
    trouble: { why: 'wrong-key', at: today(9, 12) },
  }),
  'health-clock': page('health', {
    client: () => mainOf({ account: { ...accountView, clockAheadMs: 3 * DAY_MS } }),
  }),
  'health-not-used': page('health', { client: live }),
  'mode-change-live': page('off-the-record', {
    then: ({ click }) => click('[role=radio][value=interactive-only]'),
  }),
  messages: page('messages'),
  notifications: page('notifications'),
  appearance: page('appearance'),
  locking: page('locking'),
  about: page('about'),
};
