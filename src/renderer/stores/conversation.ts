// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef } from 'vue';
import type { AppError } from '#shared/errors/app-error.ts';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { Rules } from '#shared/model/rules.ts';
import type { Result } from '#shared/std/result.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';
import { prependPage, putItem, type TimelineItems, withoutItems } from './timeline-items.ts';

const PAGE = 50;
/** Above this, what is older than the newest half is let go again while the end is on screen. */
const MOST_ITEMS = 1000;

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
  const items = shallowRef<TimelineItems>([]);
  const hasOlder = ref(false);
  const loading = ref(false);
  const failure = shallowRef<Failure>();
  /** What was taken away last, so that it can fade instead of jump. */
  const removed = shallowRef<ReadonlySet<ItemId>>(new Set());
  /** What came in last while the chat was open: told to screen readers once. */
  const arrived = shallowRef<TimelineItems[number]>();

  function reset(next: ConversationId | undefined): void {
    id.value = next;
    view.value = undefined;
    items.value = [];
    hasOlder.value = false;
    failure.value = undefined;
    removed.value = new Set();
    arrived.value = undefined;
  }

  const stops = [
    client.on('conversation.changed', (next) => {
      if (next.id === id.value) view.value = next;
    }),
    client.on('conversation.item-changed', (item) => {
      if (item.conversationId !== id.value) return;
      const isNew = !items.value.some((known) => known.id === item.id);
      items.value = putItem(items.value, item);
      if (isNew) arrived.value = item;
    }),
    client.on('conversation.items-removed', (event) => {
      if (event.id !== id.value) return;
      removed.value = new Set(event.items);
      items.value = withoutItems(items.value, removed.value);
      if (arrived.value !== undefined && removed.value.has(arrived.value.id)) {
        arrived.value = undefined;
      }
    }),
  ];
  onScopeDispose(() => {
    for (const stop of stops) stop();
  });

  async function open(next: ConversationId): Promise<void> {
    if (next === id.value) return;
    reset(next);
    const answer = await client.request('conversation.open', { id: next });
    if (id.value !== next) return;
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
    if (of === undefined || loading.value || !hasOlder.value) return;
    loading.value = true;
    const oldest = items.value[0]?.id;
    const answer = await client.request('conversation.history', {
      id: of,
      limit: PAGE,
      ...(oldest === undefined ? {} : { before: oldest }),
    });
    loading.value = false;
    if (of !== id.value) return;
    if (!answer.ok) {
      failure.value = answer.error;
      return;
    }
    items.value = prependPage(items.value, answer.value);
    hasOlder.value = answer.value.length === PAGE;
  }

  /** Lets go of what is far above, so that a long-lived window does not grow without end. */
  function trim(): void {
    if (items.value.length <= MOST_ITEMS) return;
    items.value = items.value.slice(-MOST_ITEMS / 2);
    hasOlder.value = true;
  }

  /** @param stateToken of the view that was on screen when the user pressed Enter (ux I-1) */
  async function send(text: string, stateToken: string): Promise<Failure> {
    if (id.value === undefined) return { code: 'conversation-unknown' };
    return failureOf(await client.request('conversation.send', { id: id.value, text, stateToken }));
  }

  async function act(name: ConversationAct): Promise<Failure> {
    if (id.value === undefined) return { code: 'conversation-unknown' };
    return failureOf(await client.request(`conversation.${name}`, { id: id.value }));
  }

  async function resend(itemId: ItemId): Promise<Failure> {
    if (id.value === undefined) return { code: 'conversation-unknown' };
    return failureOf(await client.request('conversation.resend', { id: id.value, itemId }));
  }

  /** Drops a held text and hands it back. */
  async function discardHeld(itemId: ItemId): Promise<Result<string, AppError>> {
    if (id.value === undefined) return { ok: false, error: { code: 'conversation-unknown' } };
    return client.request('conversation.discard-held', { id: id.value, itemId });
  }

  async function setRules(rules: Rules): Promise<Failure> {
    if (id.value === undefined) return { code: 'conversation-unknown' };
    return failureOf(await client.request('conversation.set-rules', { id: id.value, rules }));
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
    open,
    close,
    loadOlder,
    trim,
    send,
    act,
    resend,
    discardHeld,
    setRules,
  };
});
