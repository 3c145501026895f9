// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef } from 'vue';
import type { LinkView } from '#shared/model/link.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** The `xmpp:` link that waits for the user, and whether the system brings such links here. */
export const useLinks = defineStore('links', () => {
  const client = useClient();
  const view = shallowRef<LinkView>();
  /** Unknown before main has said it. */
  const opensHere = ref<boolean>();

  onScopeDispose(
    client.on('link.changed', (next) => {
      view.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('link.view', {});
    if (answer.ok) view.value = answer.value;
    return failureOf(answer);
  }

  /** What the user pasted; it comes back as a link that waits. */
  async function open(text: string): Promise<Failure> {
    return failureOf(await client.request('link.open', { text }));
  }

  /** Done with, or not wanted. A later link stays. */
  async function settle(id: number): Promise<Failure> {
    if (view.value?.id === id) view.value = undefined;
    return failureOf(await client.request('link.settle', { id }));
  }

  async function loadHandler(): Promise<Failure> {
    const answer = await client.request('link.handler', {});
    if (answer.ok) opensHere.value = answer.value;
    return failureOf(answer);
  }

  async function setHandler(on: boolean): Promise<Failure> {
    const answer = await client.request('link.set-handler', { on });
    if (answer.ok) opensHere.value = answer.value;
    return failureOf(answer);
  }

  return { view, opensHere, load, open, settle, loadHandler, setHandler };
});
