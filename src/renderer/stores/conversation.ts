// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef } from 'vue';
import type { DeviceChange } from '#shared/ipc/contract.ts';
import type { AppError } from '#shared/errors/app-error.ts';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { Rules, SendTo } from '#shared/model/rules.ts';
import type { Result } from '#shared/std/result.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';
import { useLoadedItems } from './loaded-items.ts';

const NO_CHAT: AppError = { code: 'conversation-unknown' };

/** Requests that need nothing but the chat they are about. */
export type ConversationAct =
  | 'accept'
  | 'accept-key'
  | 'cancel'
  | 'clear'
  | 'decline'
  | 'end'
  | 'mark-read'
  | 'refresh'
  | 'start'
  | 'write-unencrypted';

/**
 * The chat on screen, as main last reported it. Holds no truth of its own, and nothing of a chat
 * that was left: opening it again asks main again.
 */
export const useConversation = defineStore('conversation', () => {
  const client = useClient();
  const id = ref<ConversationId>();
  const view = shallowRef<ConversationView>();
  const failure = shallowRef<Failure>();
  const loaded = useLoadedItems();
  const { items, hasOlder, loading, removed, arrived, outcome, trim } = loaded;

  /** Counts the visits, so that an answer to an earlier one is not taken for this one's. */
  let visit = 0;

  function reset(next: ConversationId | undefined): void {
    visit += 1;
    id.value = next;
    view.value = undefined;
    failure.value = undefined;
    loaded.reset();
  }

  const stops = [
    client.on('conversation.changed', (next) => {
      if (next.id === id.value) view.value = next;
    }),
    client.on('conversation.item-changed', (item) => {
      if (item.conversationId === id.value) loaded.put(item);
    }),
    client.on('conversation.items-removed', (event) => {
      if (event.id === id.value) loaded.remove(event.items);
    }),
  ];
  onScopeDispose(() => {
    for (const stop of stops) stop();
  });

  async function open(next: ConversationId): Promise<void> {
    if (next === id.value) return;
    reset(next);
    const current = visit;
    const answer = await client.request('conversation.open', { id: next });
    if (visit !== current) return;
    if (!answer.ok) {
      failure.value = answer.error;
      return;
    }
    // An event may have brought a newer view while the answer was on its way.
    view.value ??= answer.value;
    hasOlder.value = true;
    await loadOlder();
  }

  function close(): void {
    reset(undefined);
  }

  async function loadOlder(): Promise<void> {
    const of = id.value;
    const current = visit;
    if (of === undefined) return;
    const problem = await loaded.loadOlder(async ({ before, limit }) => {
      const page = before === undefined ? { limit } : { limit, before };
      const answer = await client.request('conversation.history', { id: of, ...page });
      return visit === current ? answer : undefined;
    });
    if (problem !== undefined && visit === current) failure.value = problem;
  }

  /** Says something to main about the chat on screen. */
  async function say(
    words: (chat: ConversationId) => Promise<Result<unknown, AppError>>,
  ): Promise<Failure> {
    return id.value === undefined ? NO_CHAT : failureOf(await words(id.value));
  }

  /** @param stateToken of the view that was on screen when the user pressed Enter (ux I-1) */
  const send = (text: string, stateToken: string): Promise<Failure> =>
    say((chat) => client.request('conversation.send', { id: chat, text, stateToken }));

  const act = (name: ConversationAct): Promise<Failure> =>
    say((chat) => client.request(`conversation.${name}`, { id: chat }));

  const resend = (itemId: ItemId): Promise<Failure> =>
    say((chat) => client.request('conversation.resend', { id: chat, itemId }));

  const setRules = (rules: Rules): Promise<Failure> =>
    say((chat) => client.request('conversation.set-rules', { id: chat, rules }));

  /** What the user decides about one device of the contact. */
  const changeDevice = (instanceTag: string, change: DeviceChange): Promise<Failure> =>
    say((chat) => client.request('conversation.change-device', { id: chat, instanceTag, change }));

  /** Who gets messages; `instanceTag` where it is one device. */
  const setSendTo = (rule: SendTo, instanceTag?: string): Promise<Failure> =>
    say((chat) =>
      client.request('conversation.set-send-to', {
        id: chat,
        rule,
        ...(instanceTag === undefined ? {} : { instanceTag }),
      }),
    );

  /** Of any chat: who leaves one has stopped typing there. */
  const sayTyping = async (chat: ConversationId, typing: boolean): Promise<void> => {
    await client.request('conversation.say-typing', { id: chat, typing });
  };

  /** Drops a held text and hands it back. */
  async function discardHeld(itemId: ItemId): Promise<Result<string, AppError>> {
    if (id.value === undefined) return { ok: false, error: NO_CHAT };
    return client.request('conversation.discard-held', { id: id.value, itemId });
  }

  return {
    id,
    view,
    items,
    hasOlder,
    loading,
    failure,
    removed,
    arrived,
    outcome,
    open,
    close,
    loadOlder,
    trim,
    send,
    act,
    resend,
    discardHeld,
    setRules,
    changeDevice,
    setSendTo,
    sayTyping,
  };
});
