// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppPhase } from '../../../../src/shared/model/app.ts';
import { refuse } from '../../../support/fake-client.ts';
import { mainOf } from '../main-of.ts';
import { appView } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

const inPhase = (phase: AppPhase, more: Partial<Scenario> = {}): Scenario => ({
  client: () => mainOf({ app: { ...appView, phase } }),
  ...more,
});

const typed: Scenario['then'] = async ({ type }) => {
  await type('input[autocomplete=username]', 'alice@example.org');
  await type('input[type=password]', 'correct horse');
};

export const scenarios: Scenarios = {
  unlock: inPhase({ tag: 'locked' }),
  'unlock-wrong': {
    client: () =>
      mainOf({
        app: { ...appView, phase: { tag: 'locked' }, retryAt: Date.now() + 9000 },
        answers: { 'vault.unlock': () => refuse('vault-passphrase-wrong') },
      }),
  },
  'new-required': inPhase({ tag: 'new', passphrase: 'required' }),
  'new-optional': inPhase({ tag: 'new', passphrase: 'optional' }),
  broken: inPhase({ tag: 'broken', code: 'store-newer' }),
  'sign-in': inPhase({ tag: 'no-account' }, { then: typed }),
  'sign-in-server': inPhase(
    { tag: 'no-account' },
    {
      then: async (context) => {
        await typed(context);
        await context.click('.to-server');
      },
    },
  ),
  'sign-in-refused': {
    client: () =>
      mainOf({
        app: { ...appView, phase: { tag: 'no-account' } },
        answers: { 'account.add': () => refuse('auth-failed') },
      }),
    then: async (context) => {
      await typed(context);
      await context.click('button[type=submit]');
      await context.click('[role=radiogroup]');
      await context.click('button[type=submit]');
      await context.click('[role=alert]');
    },
  },
  'sign-in-untrusted': {
    client: () =>
      mainOf({
        app: { ...appView, phase: { tag: 'no-account' } },
        answers: { 'account.add': () => refuse('certificate-untrusted') },
      }),
    then: async (context) => {
      await typed(context);
      await context.click('button[type=submit]');
      await context.click('[role=radiogroup]');
      await context.click('button[type=submit]');
      await context.click('[role=alert]');
    },
  },
  'key-questions': inPhase(
    { tag: 'no-account' },
    {
      then: async (context) => {
        await typed(context);
        await context.click('button[type=submit]');
        await context.click('[role=radiogroup]');
      },
    },
  ),
};
