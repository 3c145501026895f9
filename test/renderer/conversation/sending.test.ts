// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ItemId } from '../../../src/shared/model/ids.ts';
import { ok } from '../../../src/shared/std/result.ts';
import { plainScript, viewOf } from '../../renderer-browser/preview/conversation-sample.ts';
import { settingsView } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;
const sent = () => inputsOf(window.client, 'conversation.send');
const enter = (more: KeyboardEventInit = {}) => window.press(window.composer(), 'Enter', more);
const m9 = 'm9' as ItemId;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('sending', () => {
  beforeEach(async () => {
    window = await openChat(viewOf('verified', { stateToken: 'verified/7' }), plainScript().items);
    window.client.answer({ 'conversation.send': () => ok(m9) });
  });

  it('ux:I-1 carries the token of the state that was on screen', async () => {
    await window.write('secret');
    await enter();
    expect(sent()).toEqual([{ id: 1, text: 'secret', stateToken: 'verified/7' }]);
    expect(window.composer().value).toBe('');
  });

  it('ux:I-1 sends under the token that is painted, not under one that arrived in this instant', async () => {
    await window.write('secret');
    window.client.emit('conversation.changed', viewOf('ended-by-peer', { stateToken: 'ended/8' }));
    await enter();
    expect(sent()).toMatchObject([{ stateToken: 'verified/7' }]);
  });

  it('ux:I-1 ux:12 keeps the text and explains when the chat changed before it left', async () => {
    window.client.answer({
      'conversation.send': () => {
        window.client.emit('conversation.changed', viewOf('ended-by-peer'));
        return refuse('state-changed');
      },
    });
    await window.write('one more thing');
    await enter();
    expect(window.composer().value).toBe('one more thing');
    expect(window.composer().readOnly).toBe(true);
    expect(window.one('.explanation').textContent).toContain('Not sent');
    expect(window.one('.explanation').getAttribute('role')).toBe('alert');
    expect(window.has('button', 'Start again')).toBe(true);
  });

  it.each(['drop', 'paste'] as const)(
    'guide:R-20 takes no file by %s, and says that it cannot be sent off the record',
    async (how) => {
      const offer = (types: readonly string[]): Event => {
        const event = new Event(how, { bubbles: true, cancelable: true });
        const name = how === 'drop' ? 'dataTransfer' : 'clipboardData';
        Object.defineProperty(event, name, { value: { types } });
        window.composer().dispatchEvent(event);
        return event;
      };
      expect(offer(['text/plain']).defaultPrevented).toBe(false);
      expect(offer(['Files']).defaultPrevented).toBe(true);
      await window.settle();
      expect(window.one('.explanation').textContent).toBe(
        'Files cannot be sent off the record yet.',
      );
      expect(sent()).toEqual([]);
    },
  );

  it('keeps what main refused for any other reason, and says the reason', async () => {
    window.client.answer({ 'conversation.send': () => refuse('not-connected') });
    await window.write('hello');
    await enter();
    expect(window.composer().value).toBe('hello');
    expect(window.one('.explanation').textContent).toMatch(/^Not sent\. .+/);
    await window.write('hello again');
    expect(window.all('.explanation')).toHaveLength(0);
  });

  it('keeps what was typed while main was working', async () => {
    let answer: (result: ReturnType<typeof ok<ItemId>>) => void = () => undefined;
    window.client.answer({
      'conversation.send': () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    await window.write('first');
    await enter();
    await window.write('first and more');
    await enter();
    answer(ok(m9));
    await window.settle();
    expect(sent()).toHaveLength(1);
    expect(window.composer().value).toBe('and more');
  });

  it('sends nothing that is only white space', async () => {
    await window.write(' \n ');
    await enter();
    expect(sent()).toEqual([]);
  });

  it('leaves Enter to an input method that is composing', async () => {
    await window.write('にほん');
    const composing = await enter({ isComposing: true });
    expect(sent()).toEqual([]);
    expect(composing.defaultPrevented).toBe(false);
    await enter();
    expect(sent()).toHaveLength(1);
  });

  it('makes a new line with Shift+Enter', async () => {
    await window.write('one');
    const pressed = await enter({ shiftKey: true });
    expect(pressed.defaultPrevented).toBe(false);
    expect(sent()).toEqual([]);
  });

  it('sends with Ctrl+Enter where the user wants Enter to make a new line', async () => {
    window.client.emit('settings.changed', { ...settingsView, enterSends: false });
    await window.write('one');
    await enter();
    expect(sent()).toEqual([]);
    await enter({ ctrlKey: true });
    expect(sent()).toHaveLength(1);
  });

  it('takes a megabyte of text as it is', async () => {
    const long = 'x'.repeat(1_000_000);
    await window.write(long);
    await enter();
    expect(sent()).toMatchObject([{ text: long }]);
  });

  it('keeps drafts by chat, in memory', async () => {
    await window.write('for Bob');
    await window.router.push({ name: 'chat', params: { id: 2 } });
    window.client.answer({ 'conversation.open': () => ok(viewOf('plain', { id: 2 as never })) });
    await window.router.push({ name: 'chats' });
    window.client.answer({ 'conversation.open': () => ok(viewOf('verified')) });
    await window.router.push({ name: 'chat', params: { id: 1 } });
    await window.settle();
    expect(window.composer().value).toBe('for Bob');
    const stored = JSON.stringify([
      ...Object.entries(localStorage),
      ...Object.entries(sessionStorage),
    ]);
    expect(stored).not.toContain('for Bob');
  });

  it('says to main which chat is on screen, and what was read', () => {
    expect(inputsOf(window.client, 'conversation.open')).toEqual([{ id: 1 }]);
  });
});

describe('a locked composer', () => {
  it.each(['ended-by-peer', 'expired', 'key-changed', 'cannot-encrypt'] as const)(
    'ux:I-1 lets nothing out in the state %s, and shows the draft',
    async (state) => {
      window = await openChat(viewOf('verified'));
      await window.write('kept');
      window.composer().focus();
      await window.become(viewOf(state));
      await enter();
      window.one('form').dispatchEvent(new Event('submit', { cancelable: true }));
      await window.settle();
      expect(sent()).toEqual([]);
      expect(window.composer().value).toBe('kept');
      expect(window.composer().readOnly).toBe(true);
      expect(document.activeElement).toBe(window.composer());
      expect(window.has('button', 'Send')).toBe(false);
    },
  );
});

describe('held text', () => {
  const held = () => plainScript().say('out', '14:02', 'secret', { delivery: 'held' }).items;

  beforeEach(async () => {
    window = await openChat(viewOf('starting', { heldCount: 1 }), held());
    window.client.answer({ 'conversation.discard-held': () => ok('secret') });
  });

  it('ux:I-2 ux:I-4 says that it is held and not sent, without a tick', () => {
    const message = window.one('.message.held');
    expect(message.textContent).toContain('Held: will be encrypted before sending');
    expect(message.textContent).not.toMatch(/Sent|Delivered/);
  });

  it('goes back into the composer with Edit, before what is typed there', async () => {
    await window.write('and more');
    await window.click('button', 'Edit');
    expect(inputsOf(window.client, 'conversation.discard-held')).toEqual([{ id: 1, itemId: 'p6' }]);
    expect(window.composer().value).toBe('secret\nand more');
    expect(document.activeElement).toBe(window.composer());
  });

  it('is gone with Discard', async () => {
    await window.click('button', 'Discard');
    expect(inputsOf(window.client, 'conversation.discard-held')).toHaveLength(1);
    expect(window.composer().value).toBe('');
  });

  it('says "Held: not sent" where the chat waits for a choice', async () => {
    await window.become(viewOf('key-changed', { heldCount: 1 }));
    expect(window.one('.message.held').textContent).toContain('Held: not sent');
  });

  it('ux:S6 says that it leaves by itself where it only waits for the contact', async () => {
    await window.become(
      viewOf('waiting', { presence: 'offline', heldCount: 1, noKeys: 'no-prekeys' }),
    );
    expect(window.one('.message.held').textContent).toContain(
      'Held: will be encrypted before sending',
    );
  });

  it('ux:6 stays held when the contact declines, with three ways out', async () => {
    await window.become(
      viewOf('plain-available', {
        composer: 'hold',
        heldCount: 1,
        starting: { by: 'us', since: 0, lastFailure: 'declined' },
      }),
    );
    expect(window.one('.card').textContent).toContain('Bob Lindqvist declined');
    expect(window.one('.card').textContent).toContain('Nothing was sent');
    for (const way of ['Send unencrypted…', 'Discard', 'Keep']) {
      expect(window.has('button', way)).toBe(true);
    }
    await window.click('button', 'Keep');
    expect(window.all('.card')).toHaveLength(0);
    expect(inputsOf(window.client, 'conversation.discard-held')).toEqual([]);
  });

  it('ux:I-3 goes back into the draft, unsent, when the user chooses to send unencrypted', async () => {
    await window.become(
      viewOf('plain-available', {
        composer: 'hold',
        heldCount: 1,
        starting: { by: 'us', since: 0, lastFailure: 'declined' },
      }),
    );
    await window.click('button', 'Send unencrypted…');
    expect(window.composer().value).toBe('');
    await window.click('button', 'Send unencrypted');
    expect(inputsOf(window.client, 'conversation.write-unencrypted')).toEqual([{ id: 1 }]);
    expect(window.composer().value).toBe('secret');
    expect(sent()).toEqual([]);
  });
});
