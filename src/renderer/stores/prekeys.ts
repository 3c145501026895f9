// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { PrekeysView } from '#shared/model/prekeys.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** What of ours lies on a key server, and what the user has to decide about key servers. */
export const usePrekeys = defineStore('prekeys', () => {
  const client = useClient();
  const view = shallowRef<PrekeysView>();
  const changedServers = computed(() => (view.value?.tag === 'used' ? view.value.changed : []));

  onScopeDispose(
    client.on('prekeys.changed', (next) => {
      view.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('prekeys.view', {});
    if (answer.ok) view.value = answer.value;
    return failureOf(answer);
  }

  async function repair(): Promise<Failure> {
    return failureOf(await client.request('prekeys.repair', {}));
  }

  async function setLeaves(leaves: boolean): Promise<Failure> {
    return failureOf(await client.request('prekeys.leave', { leaves }));
  }

  /** Under the key that it announces now; also one that was stopped. */
  async function acceptServer(jid: string): Promise<Failure> {
    return failureOf(await client.request('prekeys.accept-server', { jid }));
  }

  async function stopServer(jid: string): Promise<Failure> {
    return failureOf(await client.request('prekeys.stop-server', { jid }));
  }

  return { view, changedServers, load, repair, setLeaves, acceptServer, stopServer };
});
