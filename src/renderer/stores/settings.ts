// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { onScopeDispose, shallowRef } from 'vue';
import type { Settings } from '#shared/model/settings.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** What the user set. Not there before main could read it, that is, before the profile is open. */
export const useSettings = defineStore('settings', () => {
  const client = useClient();
  const view = shallowRef<Settings>();
  const failure = shallowRef<Failure>();

  onScopeDispose(
    client.on('settings.changed', (next) => {
      view.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('settings.view', {});
    if (answer.ok) view.value = answer.value;
    return failureOf(answer);
  }

  /** Shows the change at once; if main refuses it, shows again what holds. */
  async function save(change: Partial<Settings>): Promise<Failure> {
    const before = view.value;
    if (before === undefined) return { code: 'internal' };
    const settings = { ...before, ...change };
    view.value = settings;
    const answer = await client.request('settings.save', { settings });
    if (!answer.ok) view.value = before;
    failure.value = failureOf(answer);
    return failure.value;
  }

  return { view, failure, load, save };
});
