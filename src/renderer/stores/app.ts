// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { AppView } from '#shared/model/app.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';
import { lendSecrets } from './secret-bytes.ts';

const LOADING: AppView = {
  phase: { tag: 'loading' },
  platform: 'linux',
  version: '',
  locale: 'en',
  retryAt: undefined,
};

/** What the window has to show before anything else, and the locks on it. */
export const useApp = defineStore('app', () => {
  const client = useClient();
  const view = shallowRef<AppView>(LOADING);
  const phase = computed(() => view.value.phase);

  onScopeDispose(
    client.on('app.changed', (next) => {
      view.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('app.view', {});
    if (answer.ok) view.value = answer.value;
    // A window that stays empty says less than one that says what is wrong.
    else view.value = { ...view.value, phase: { tag: 'broken', code: answer.error.code } };
    return failureOf(answer);
  }

  /** Has main look again at a profile that could not be opened. */
  async function retry(): Promise<Failure> {
    const failure = failureOf(await client.request('vault.retry', {}));
    return failure ?? load();
  }

  /** Makes the profile. @param passphrase none: the system's key store keeps the key */
  async function create(passphrase: string | undefined): Promise<Failure> {
    if (passphrase === undefined) return failureOf(await client.request('vault.create', {}));
    return lendSecrets({ passphrase }, async (secrets) =>
      failureOf(await client.request('vault.create', secrets)),
    );
  }

  function unlock(passphrase: string): Promise<Failure> {
    return lendSecrets({ passphrase }, async (secrets) =>
      failureOf(await client.request('vault.unlock', secrets)),
    );
  }

  async function lock(): Promise<Failure> {
    return failureOf(await client.request('vault.lock', {}));
  }

  function changePassphrase(change: {
    /** Not set: there is none yet. */
    readonly current?: string;
    readonly next: string;
  }): Promise<Failure> {
    return lendSecrets({ ...change }, async (secrets) =>
      failureOf(await client.request('vault.change-passphrase', secrets)),
    );
  }

  return { view, phase, load, retry, create, unlock, lock, changePassphrase };
});
