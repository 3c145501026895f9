// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { onScopeDispose, shallowRef } from 'vue';
import type { ContactRequestView } from '#shared/model/contact.ts';
import type { BareJid } from '#shared/model/jid.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** Strangers who ask to become contacts. */
export const useRequests = defineStore('requests', () => {
  const client = useClient();
  const list = shallowRef<readonly ContactRequestView[]>([]);

  onScopeDispose(
    client.on('contact.requests-changed', (next) => {
      list.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('contact.requests', {});
    if (answer.ok) list.value = answer.value;
    return failureOf(answer);
  }

  async function answer(jid: BareJid, how: 'accept' | 'decline' | 'block'): Promise<Failure> {
    return failureOf(await client.request(`contact.${how}`, { jid }));
  }

  return { list, load, answer };
});
