// SPDX-License-Identifier: GPL-3.0-or-later

import { createPinia, setActivePinia } from 'pinia';
import { createApp } from 'vue';
import { beforeEach, describe, expect, it } from 'vitest';
import { provideClient } from '../../../src/renderer/bridge/use-client.ts';
import { useConversation } from '../../../src/renderer/stores/conversation.ts';
import { useDrafts } from '../../../src/renderer/stores/drafts.ts';
import type { TimelineItem } from '../../../src/shared/model/timeline.ts';
import { ok, type Result } from '../../../src/shared/std/result.ts';
import { plainScript, Script, viewOf } from '../../renderer-browser/preview/conversation-sample.ts';
import { conversation } from '../../renderer-browser/preview/sample.ts';
import { createFakeClient, type FakeClient } from '../../support/fake-client.ts';

const BOB = conversation(1);
const MIRA = conversation(2);
let client: FakeClient;

/** Answers that the test gives when it likes. */
function later<T>() {
  const waiting: ((value: T) => void)[] = [];
  return {
    answer: (): Promise<Result<T, never>> =>
      new Promise((resolve) => {
        waiting.push((value) => {
          resolve(ok(value));
        });
      }),
    give: (at: number, value: T): void => {
      waiting[at]?.(value);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  client = createFakeClient({
    'conversation.open': ({ id }) => ok(viewOf('plain', { id: conversation(id) })),
    'conversation.history': () => ok([]),
  });
  const app = createApp({});
  provideClient(app, client);
  const pinia = createPinia();
  app.use(pinia);
  setActivePinia(pinia);
});

describe('the chat on screen', () => {
  it('drops the answer to a chat that was left meanwhile', async () => {
    const opened = later<ReturnType<typeof viewOf>>();
    client.answer({ 'conversation.open': opened.answer });
    const store = useConversation();
    void store.open(BOB);
    void store.open(MIRA);
    opened.give(1, viewOf('plain', { id: MIRA, name: 'Mira' }));
    opened.give(0, viewOf('verified', { id: BOB }));
    await turn();
    expect(store.view?.id).toBe(MIRA);
    expect(store.view?.state).toBe('plain');
  });

  it('takes no page of an earlier visit for one of this visit', async () => {
    const pages = later<readonly TimelineItem[]>();
    client.answer({ 'conversation.history': pages.answer });
    const store = useConversation();
    void store.open(BOB);
    await turn();
    store.close();
    void store.open(BOB);
    await turn();
    pages.give(0, new Script().say('in', '09:00', 'of the earlier visit').items);
    await turn();
    expect(store.items).toEqual([]);
    pages.give(1, plainScript().items);
    await turn();
    expect(store.items).toEqual(plainScript().items);
  });

  it('prefers an event to an answer that was older', async () => {
    const opened = later<ReturnType<typeof viewOf>>();
    client.answer({ 'conversation.open': opened.answer });
    const store = useConversation();
    void store.open(BOB);
    client.emit('conversation.changed', viewOf('starting'));
    opened.give(0, viewOf('plain'));
    await turn();
    expect(store.view?.state).toBe('starting');
  });

  it('does not put news of an item between pages that are not loaded', async () => {
    const [old, ...rest] = plainScript().items;
    const filler = Array.from({ length: 50 }, (_, index) => ({
      ...rest[0],
      id: `p${String(100 + index)}`,
    })) as TimelineItem[];
    client.answer({ 'conversation.history': () => ok(filler) });
    const store = useConversation();
    await store.open(BOB);
    if (old !== undefined) client.emit('conversation.item-changed', old);
    expect(store.items).toHaveLength(50);
  });

  it('lets go of the oldest when there are more than a thousand', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({
      ...plainScript().items[0],
      id: `p${String(index + 1)}`,
    })) as TimelineItem[];
    client.answer({ 'conversation.history': () => ok(many) });
    const store = useConversation();
    await store.open(BOB);
    store.trim();
    expect(store.items).toHaveLength(500);
    expect(store.items.at(-1)?.id).toBe('p1001');
    expect(store.hasOlder).toBe(true);
  });
});

describe('drafts', () => {
  it('keep what was typed behind a text that has been sent', () => {
    const drafts = useDrafts();
    drafts.put(BOB, 'one two');
    drafts.settle(BOB, 'one');
    expect(drafts.of(BOB)).toBe('two');
    drafts.put(BOB, 'changed');
    drafts.settle(BOB, 'two');
    expect(drafts.of(BOB)).toBe('changed');
  });

  it('put a text back before what has been typed since, and alone where nothing was', () => {
    const drafts = useDrafts();
    drafts.restore(BOB, 'held');
    expect(drafts.of(BOB)).toBe('held');
    drafts.put(BOB, 'new');
    drafts.restore(BOB, 'held');
    expect(drafts.of(BOB)).toBe('held\nnew');
    drafts.forget(BOB);
    expect(drafts.of(BOB)).toBe('');
  });
});
