// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowReactive } from 'vue';
import type { AppError } from '#shared/errors/app-error.ts';
import type { ContactView } from '#shared/model/contact.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { Result } from '#shared/std/result.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';

const names = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** Latest first; whoever never wrote follows by name. */
const byLast = (a: ContactView, b: ContactView): number =>
  (b.lastAt ?? 0) - (a.lastAt ?? 0) || names.compare(a.name, b.name);

/** The rows of the chat list. */
export const useContacts = defineStore('contacts', () => {
  const client = useClient();
  const byId = shallowReactive(new Map<ConversationId, ContactView>());
  /** Before this, an empty list says nothing. */
  const loaded = ref(false);
  const list = computed(() => [...byId.values()].toSorted(byLast));

  const stops = [
    client.on('contact.changed', (contact) => {
      byId.set(contact.id, contact);
    }),
    client.on('contact.removed', (id) => {
      byId.delete(id);
    }),
  ];
  onScopeDispose(() => {
    for (const stop of stops) stop();
  });

  async function load(): Promise<Failure> {
    const answer = await client.request('contact.list', {});
    if (!answer.ok) return answer.error;
    byId.clear();
    for (const contact of answer.value) byId.set(contact.id, contact);
    loaded.value = true;
    return undefined;
  }

  function add(jid: string, name: string): Promise<Result<ConversationId, AppError>> {
    return client.request('contact.add', name === '' ? { jid } : { jid, name });
  }

  async function rename(id: ConversationId, name: string): Promise<Failure> {
    return failureOf(await client.request('contact.rename', { id, name }));
  }

  async function remove(id: ConversationId): Promise<Failure> {
    return failureOf(await client.request('contact.remove', { id }));
  }

  /** In every chat: the messages of off-the-record chats that have ended. */
  async function clearOffTheRecord(): Promise<Failure> {
    return failureOf(await client.request('conversation.clear-all', {}));
  }

  return { byId, list, loaded, load, add, rename, remove, clearOffTheRecord };
});
