// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { plainScript, viewOf } from '../../renderer-browser/preview/conversation-sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;
const said = () =>
  inputsOf(window.client, 'conversation.say-typing').map((input) => {
    return (input as { readonly typing: boolean }).typing;
  });

beforeEach(async () => {
  window = await openChat(viewOf('plain'), plainScript().items);
});
afterEach(() => {
  window.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('typing', () => {
  it('is said when it begins, and not with each letter', async () => {
    for (const text of ['h', 'he', 'hey']) await window.write(text);
    expect(said()).toEqual([true]);
  });

  it('has stopped when no letter comes for five seconds, and may begin again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await window.write('h');
    vi.advanceTimersByTime(4999);
    expect(said()).toEqual([true]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual([true, false]);
    await window.write('ha');
    expect(said()).toEqual([true, false, true]);
  });

  it('has stopped when nothing is left in the box, and when the chat is left', async () => {
    await window.write('h');
    await window.write('');
    expect(said()).toEqual([true, false]);
    await window.write('once more');
    window.close();
    expect(said()).toEqual([true, false, true, false]);
    window = await openChat(viewOf('plain'), plainScript().items);
  });

  it('of the contact stands in the place of their presence', async () => {
    const shown = (): string => window.one('.header p').textContent.trim();
    expect(shown()).toBe('Online');
    await window.become(viewOf('plain', { typing: true }));
    expect(shown()).toBe('Typing…');
    await window.become(viewOf('plain'));
    expect(shown()).toBe('Online');
  });
});
