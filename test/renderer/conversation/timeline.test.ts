// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MessageItem, TimelineItem } from '../../../src/shared/model/timeline.ts';
import { ok } from '../../../src/shared/std/result.ts';
import { plainScript, Script, viewOf } from '../../renderer-browser/preview/conversation-sample.ts';
import { today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const keyOfFocus = () => (document.activeElement as HTMLElement).dataset['key'];
const rows = () => window.all('ol.list > li');
const lastOf = (script: Script): TimelineItem => {
  const item = script.items.at(-1);
  if (item === undefined) throw new TypeError('empty script');
  return item;
};

describe('the list of messages', () => {
  it('ux:22 has one stop for Tab, and is walked with Up, Down, Home and End', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    expect(rows().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
    rows().at(-1)?.focus();
    expect(keyOfFocus()).toBe('p5');
    await window.press(document.activeElement ?? document, 'ArrowUp');
    expect(keyOfFocus()).toBe('p4');
    await window.press(document.activeElement ?? document, 'Home');
    expect(keyOfFocus()).toMatch(/^day-/);
    await window.press(document.activeElement ?? document, 'ArrowDown');
    expect(keyOfFocus()).toBe('p1');
    await window.press(document.activeElement ?? document, 'End');
    expect(keyOfFocus()).toBe('p5');
    expect(rows().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
  });

  it('goes between composer and messages with Escape', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    window.composer().focus();
    await window.press(window.composer(), 'Escape');
    expect(keyOfFocus()).toBe('p5');
    await window.press(document.activeElement ?? document, 'Escape');
    expect(document.activeElement).toBe(window.composer());
  });

  it('says where each message stands among them', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    expect(rows().at(-1)?.getAttribute('aria-posinset')).toBe('6');
    expect(rows().at(-1)?.getAttribute('aria-setsize')).toBe('6');
  });

  it('ux:20 moves the focus to the tombstone when what had it is removed', async () => {
    const script = plainScript()
      .line('14:02', 'start')
      .say('in', '14:05', 'psst', { protection: 'verified' });
    window = await openChat(viewOf('verified'), script.items);
    const secret = lastOf(script) as MessageItem;
    window.one(`[data-key=${secret.id}]`).focus();
    await window.put(lastOf(script.tombstone('14:06', 1)));
    window.client.emit('conversation.items-removed', {
      id: secret.conversationId,
      items: [secret.id],
    });
    await window.settle();
    expect(document.body.textContent).not.toContain('psst');
    expect(keyOfFocus()).toBe(lastOf(script).id);
    expect(document.activeElement?.textContent).toContain('1 off-the-record message removed');
    expect(window.one('[role=log]').textContent).toContain('1 off-the-record message removed');
  });

  it('leaves the focus where it is when others are removed', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    window.composer().focus();
    window.client.emit('conversation.items-removed', {
      id: viewOf('plain').id,
      items: [lastOf(plainScript()).id],
    });
    await window.settle();
    expect(document.activeElement).toBe(window.composer());
  });

  it('hears the same event twice without showing it twice', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    const item = lastOf(plainScript().say('in', '14:09', 'only once'));
    await window.put(item);
    await window.put(item);
    expect(document.body.textContent.match(/only once/g)).toHaveLength(2);
    expect(window.all('.message')).toHaveLength(6);
  });

  it('takes no message of another chat', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    const item = { ...lastOf(plainScript().say('in', '14:09', 'elsewhere')), conversationId: 2 };
    await window.put(item as TimelineItem);
    expect(document.body.textContent).not.toContain('elsewhere');
  });

  it('forgets a chat that is left, text and all', async () => {
    window = await openChat(viewOf('plain'), plainScript().items);
    await window.router.push({ name: 'chats' });
    await window.settle();
    await window.put(lastOf(plainScript().say('in', '14:09', 'too late')));
    window.client.answer({ 'conversation.history': () => ok([]) });
    await window.router.push({ name: 'chat', params: { id: 1 } });
    await window.settle();
    expect(window.all('.message')).toHaveLength(0);
  });

  it('offers what an event asks for, only while it is so', async () => {
    const script = plainScript()
      .line('14:02', 'start')
      .tell('14:02', { name: 'started', verified: false, device: 'Laptop' });
    window = await openChat(viewOf('unverified'), script.items);
    await window.click('button', 'Verify');
    expect(window.has('dialog', 'Verify Bob Lindqvist')).toBe(true);
    await window.become(viewOf('verified'));
    expect(window.has('button', 'Verify')).toBe(false);
  });

  it('asks for older messages before the oldest it has', async () => {
    const items = Array.from({ length: 120 }, (_, index) =>
      lastOf(new Script().say('in', '12:00', `message ${String(index)}`)),
    ).map((item, index) => ({
      ...item,
      id: `p${String(index + 1)}` as typeof item.id,
      at: today(12, 0) + index,
    }));
    window = await openChat(viewOf('plain'), items);
    const [first, second] = inputsOf(window.client, 'conversation.history');
    expect(first).toEqual({ id: 1, limit: 50 });
    expect(second).toEqual({ id: 1, before: 'p71', limit: 50 });
  });
});
