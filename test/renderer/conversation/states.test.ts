// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConversationState } from '../../../src/shared/model/conversation.ts';
import type { MessageItem } from '../../../src/shared/model/timeline.ts';
import { plainScript, viewOf } from '../../renderer-browser/preview/conversation-sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';

let window: ChatWindow;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

interface Expected {
  readonly id: string;
  readonly state: ConversationState;
  readonly chip: string;
  readonly placeholder: string;
  readonly locked: boolean;
  readonly room: 'above' | 'below';
}

const BOB = 'Bob Lindqvist';
const table: readonly Expected[] = [
  {
    id: 'S0',
    state: 'plain',
    chip: 'Not encrypted',
    placeholder: 'Message (not encrypted)',
    locked: false,
    room: 'above',
  },
  {
    id: 'S1',
    state: 'plain-available',
    chip: 'Not encrypted · off the record available',
    placeholder: 'Message (not encrypted)',
    locked: false,
    room: 'above',
  },
  {
    id: 'S6, somebody there',
    state: 'not-started',
    chip: 'Off the record · not started',
    placeholder: 'Text is held until it is encrypted',
    locked: false,
    room: 'below',
  },
  {
    id: 'S6',
    state: 'waiting',
    chip: `Off the record · waiting for ${BOB}`,
    placeholder: `Held until ${BOB}’s device is online`,
    locked: false,
    room: 'below',
  },
  {
    id: 'S5',
    state: 'offline-verified',
    chip: `Off the record · ${BOB} is offline · verified`,
    placeholder: `Will be readable when ${BOB}’s device is back`,
    locked: false,
    room: 'below',
  },
  {
    id: 'S5, not verified',
    state: 'offline-unverified',
    chip: `Off the record · ${BOB} is offline · not verified`,
    placeholder: `Will be readable when ${BOB}’s device is back`,
    locked: false,
    room: 'below',
  },
  {
    id: 'S2',
    state: 'starting',
    chip: 'Starting off the record…',
    placeholder: 'Text is held until it is encrypted',
    locked: false,
    room: 'below',
  },
  {
    id: 'S3',
    state: 'unverified',
    chip: 'Off the record · not verified',
    placeholder: `Off the record to ${BOB}`,
    locked: false,
    room: 'below',
  },
  {
    id: 'S4',
    state: 'verified',
    chip: 'Off the record · verified',
    placeholder: `Off the record to ${BOB}`,
    locked: false,
    room: 'below',
  },
  {
    id: 'S7',
    state: 'ended-by-peer',
    chip: `${BOB} ended off the record`,
    placeholder: 'Locked until you choose',
    locked: true,
    room: 'above',
  },
  {
    id: 'S8',
    state: 'expired',
    chip: 'Off the record expired',
    placeholder: 'Locked until you choose',
    locked: true,
    room: 'above',
  },
  {
    id: 'S9',
    state: 'interrupted',
    chip: 'Off the record interrupted',
    placeholder: 'Text is held',
    locked: false,
    room: 'below',
  },
  {
    id: 'S10',
    state: 'key-changed',
    chip: 'Security code changed',
    placeholder: 'Locked until you choose',
    locked: true,
    room: 'below',
  },
  {
    id: 'S11',
    state: 'cannot-encrypt',
    chip: `Cannot send: ${BOB}’s app has no off the record`,
    placeholder: 'Locked until you choose',
    locked: true,
    room: 'above',
  },
];

const chip = () => window.one('header .chip');
const shapeIn = (element: Element) => element.querySelector('svg')?.innerHTML ?? '';

describe('the states', () => {
  it.each(table)('ux:$id shows "$chip", and what Enter does', async (expected) => {
    window = await openChat(viewOf(expected.state), plainScript().items);
    expect(chip().textContent.replace(/\s+/g, ' ').trim()).toBe(expected.chip);
    expect(chip().getAttribute('aria-label')).toBe(`${expected.chip}. Opens encryption panel`);
    expect(window.composer().placeholder).toBe(expected.placeholder);
    expect(window.composer().readOnly).toBe(expected.locked);
    expect(window.one('main').classList.contains(expected.room)).toBe(true);
  });

  it('ux:I-5 draws every state with a shape of its own, the same in chip and composer', async () => {
    const shapes = new Set<string>();
    window = await openChat(viewOf('plain'));
    for (const { state } of table) {
      await window.become(viewOf(state));
      expect(shapeIn(chip())).toBe(shapeIn(window.one('.composer .state')));
      shapes.add(shapeIn(chip()));
    }
    expect(shapes.size).toBe(table.length);
  });

  it('opens and closes the panel with the chip, and says so', async () => {
    window = await openChat(viewOf('plain'));
    expect(chip().getAttribute('aria-expanded')).toBe('false');
    chip().click();
    await window.settle();
    expect(chip().getAttribute('aria-expanded')).toBe('true');
    expect(window.all('aside')).toHaveLength(1);
  });

  it('holds text in any state in which main says so', async () => {
    window = await openChat(viewOf('verified', { composer: 'hold' }));
    expect(window.composer().placeholder).toBe('Text is held until it is encrypted');
    expect(chip().textContent).toContain('verified');
  });
});

describe('what is announced', () => {
  const polite = () => window.one('main [role=status]').textContent;
  const urgent = () => window.one('main .visually-hidden [role=alert]').textContent;

  it('ux:22 says nothing about the state in which a chat is opened', async () => {
    window = await openChat(viewOf('ended-by-peer'));
    expect(polite()).toBe('');
    expect(urgent()).toBe('');
  });

  it('ux:S3 ux:S4 says politely what a start led to, once', async () => {
    window = await openChat(viewOf('starting'));
    await window.become(viewOf('unverified'));
    expect(polite()).toBe('Off the record · not verified');
    await window.become(viewOf('verified'));
    expect(polite()).toBe('Off the record · verified');
    expect(urgent()).toBe('');
  });

  it.each(['ended-by-peer', 'expired', 'interrupted', 'key-changed', 'cannot-encrypt'] as const)(
    'ux:S7 ux:S8 ux:S9 ux:S10 ux:S11 says at once that the chat is now "%s"',
    async (state) => {
      window = await openChat(viewOf('verified'));
      const changes: string[] = [];
      const observer = new MutationObserver((records) => {
        for (const { target } of records) changes.push(target.textContent ?? '');
      });
      observer.observe(window.one('main .visually-hidden [role=alert]'), {
        childList: true,
        characterData: true,
        subtree: true,
      });
      await window.become(viewOf(state));
      await window.become(viewOf(state, { heldCount: 2 }));
      observer.disconnect();
      expect(changes).toHaveLength(1);
      expect(urgent()).not.toBe('');
      expect(window.all('.card [role=alert], .card[role=alert]')).toHaveLength(0);
    },
  );

  it('ux:22 reads out what comes in, with its mark, and forgets it when it is removed', async () => {
    window = await openChat(viewOf('unverified'), plainScript().items);
    const [incoming] = plainScript()
      .say('in', '14:05', 'psst', { protection: 'unverified' })
      .items.slice(-1);
    if (incoming === undefined) throw new TypeError('no message');
    await window.put(incoming);
    const log = () => window.one('[role=log]').textContent;
    expect(log()).toBe(`${BOB}: psst. Off the record, not verified`);
    window.client.emit('conversation.items-removed', {
      id: incoming.conversationId,
      items: [incoming.id],
    });
    await window.settle();
    expect(log()).toBe('');
  });

  describe('of a message of ours', () => {
    const said = (delivery: MessageItem['delivery']) => {
      const more = { protection: 'unverified', delivery } as const;
      const [item] = plainScript().say('out', '14:05', 'psst', more).items.slice(-1);
      if (item === undefined) throw new TypeError('no message');
      return item;
    };
    const turnedOut = () => window.all('main .visually-hidden [role=status]').at(-1)?.textContent;

    it.each([
      [
        'unconfirmed',
        /^Your message of .*:05.* is not confirmed. It may or may not have arrived.$/,
      ],
      ['failed', /^Your message of .*:05.* was not delivered.$/],
    ] as const)(
      'ux:22 sec:F-SM-2 says that it is %s, and that it has arrived after all',
      async (delivery, words) => {
        window = await openChat(viewOf('unverified'), [...plainScript().items, said('sending')]);
        expect(turnedOut()).toBe('');
        await window.put(said(delivery));
        expect(turnedOut()).toMatch(words);
        expect(turnedOut()).not.toContain('psst');
        await window.put(said('delivered'));
        expect(turnedOut()).toMatch(/^Your message of .*:05.* has arrived after all.$/);
      },
    );

    it('ux:22 says nothing of what was so when the chat was opened, or goes as it should', async () => {
      window = await openChat(viewOf('unverified'), [...plainScript().items, said('unconfirmed')]);
      expect(turnedOut()).toBe('');
      for (const delivery of ['sending', 'sent', 'delivered'] as const) {
        await window.put(said(delivery));
        expect(turnedOut()).toBe('');
      }
    });
  });
});
