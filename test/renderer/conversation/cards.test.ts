// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConversationView } from '../../../src/shared/model/conversation.ts';
import { ok } from '../../../src/shared/std/result.ts';
import {
  laptop,
  plainScript,
  verifiedPhone,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { settingsView, today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const invitation = { at: today(14, 2), device: laptop.name, isStrange: false };
const asked = (question?: string) =>
  ({ tag: 'asked', question, device: laptop.name, at: today(14, 6) }) as const;
const card = () => window.one('.card');
const said = (name: string) => inputsOf(window.client, `conversation.${name}`);

async function arrive(view: ConversationView, before = viewOf('plain-available')) {
  window = await openChat(before, plainScript().items);
  await window.write('I am listen');
  window.composer().focus();
  window.composer().setSelectionRange(3, 3);
  await window.become(view);
}

describe('ux:S6 ux:2.5.10 no keys to write with while they are away', () => {
  it.each([
    ['no-prekeys', 'has no spare keys on the server'],
    ['not-valid', 'has expired or is not right'],
    ['no-server', 'does not store keys for offline start'],
    ['server-key-changed', 'changed its identity'],
    ['unreachable', 'does not answer'],
    ['not-allowed', 'gives you no keys'],
  ] as const)(
    '%s is said, and that the text waits; it can be discarded or kept',
    async (noKeys, words) => {
      const view = viewOf('waiting', { presence: 'offline', heldCount: 1, noKeys });
      await arrive(view);
      expect(card().textContent).toContain(words);
      expect(card().textContent).toContain('Nothing was sent.');
      expect(window.has('button', 'Discard')).toBe(true);
      expect(window.has('button', 'Send unencrypted…')).toBe(false);
      await window.click('button', 'Try again');
      expect(said('start')).toEqual([{ id: 1 }]);
      await window.click('button', 'Keep waiting');
      expect(window.all('.card')).toHaveLength(0);
    },
  );

  it('nothing is asked where it goes on by itself', async () => {
    await arrive(viewOf('waiting', { presence: 'offline', heldCount: 1 }));
    expect(window.all('.card')).toHaveLength(0);
  });
});

describe('an invitation', () => {
  const invited = viewOf('plain-available', { invitation });

  it('ux:I-9 ux:5 is a card: no dialog, no focus, the caret and the text stay', async () => {
    await arrive(invited);
    expect(card().textContent).toContain('Bob Lindqvist wants to talk off the record.');
    expect(window.all('[role=dialog], [role=alertdialog]')).toHaveLength(0);
    expect(document.activeElement).toBe(window.composer());
    expect(window.composer().selectionStart).toBe(3);
    expect(window.composer().value).toBe('I am listen');
  });

  it('is accepted or declined', async () => {
    await arrive(invited);
    await window.click('button', 'Accept');
    await window.click('button', 'Decline');
    expect(said('accept')).toEqual([{ id: 1 }]);
    expect(said('decline')).toEqual([{ id: 1 }]);
  });

  it('ux:16 says which device asks, and that it is not one of the verified ones', async () => {
    const strange = { ...invitation, device: verifiedPhone.name, isStrange: true };
    await arrive(viewOf('verified', { invitation: strange }), viewOf('verified'));
    expect(card().textContent).toContain('wants to talk off the record from “Phone” too.');
    expect(card().textContent).toContain('It gets nothing of what you write until you verify it');
    await window.become(viewOf('ended-by-peer', { invitation: strange, devices: [] }));
    expect(card().textContent).toContain('From the device “Phone”, which you have not verified.');
  });

  it('ux:16 comes before the card of an ended chat, which waits behind it', async () => {
    await arrive(viewOf('ended-by-peer', { invitation }));
    expect(card().textContent).toContain('wants to talk off the record');
    expect(window.composer().disabled || window.composer().readOnly).toBe(true);
    await window.click('button', '1 more');
    expect(card().textContent).toContain('ended off the record');
  });

  it.each(['ended-by-peer', 'expired', 'cannot-encrypt'] as const)(
    'ux:S7 ux:S8 ux:S11 is the way out of "%s", and stands before it',
    async (state) => {
      await arrive(viewOf(state, { invitation, devices: [] }), viewOf(state));
      expect(card().textContent).toContain('wants to talk off the record.');
      await window.become(viewOf(state));
      expect(card().textContent).not.toContain('wants to talk off the record.');
    },
  );

  it('ux:7 counts nothing down, and goes when the inviter cancels', async () => {
    await arrive(invited);
    expect(card().textContent).not.toMatch(/\d/);
    await window.become(viewOf('plain-available'));
    expect(window.all('.card')).toHaveLength(0);
  });
});

describe('an invitation of ours that nobody has answered', () => {
  it('mode:I-15 ux:7 asks after thirty seconds whether to go on, and counts nothing down', async () => {
    const starting = (agoMs: number) =>
      viewOf('starting', {
        starting: { by: 'us', since: Date.now() - agoMs, lastFailure: undefined },
      });
    await arrive(starting(20_000), viewOf('plain-available'));
    expect(window.has('button', 'Keep waiting')).toBe(false);
    await window.become(starting(31_000));
    await window.click('button', 'Try again');
    const acts = window.client.heard.map(({ name }) => name);
    expect(acts.slice(-2)).toEqual(['conversation.cancel', 'conversation.start']);
    await window.click('button', 'Keep waiting');
    expect(window.has('button', 'Try again')).toBe(false);
    await window.become(starting(45_000));
    await window.click('button', 'Cancel');
    expect(said('cancel')).toHaveLength(2);
  });
});

describe('a chat that the other side ended', () => {
  it('ux:S7 ux:12 locks the composer until one of three choices', async () => {
    await arrive(viewOf('ended-by-peer'), viewOf('verified'));
    expect(card().textContent).toMatch(/Bob Lindqvist ended off the record at .*55/);
    expect(card().textContent).toContain('Your next message would not be encrypted.');
    await window.click('button', 'Start again');
    await window.click('button', 'Clear messages');
    expect(said('start')).toEqual([{ id: 1 }]);
    expect(said('clear')).toEqual([{ id: 1 }]);
    expect(window.composer().value).toBe('I am listen');
  });

  it('ux:I-3 ux:13 unlocks only after the sheet, and does not send the draft', async () => {
    await arrive(viewOf('ended-by-peer'), viewOf('verified'));
    await window.click('button', 'Write unencrypted…');
    expect(window.has('dialog', 'Send without encryption to Bob Lindqvist?')).toBe(true);
    expect(document.activeElement?.textContent.trim()).toBe('Stay off the record');
    expect(said('write-unencrypted')).toEqual([]);
    await window.click('button', 'Stay off the record');
    expect(said('write-unencrypted')).toEqual([]);
    expect(window.all('[role=alertdialog]')).toHaveLength(0);

    await window.click('button', 'Write unencrypted…');
    await window.click('button', 'Send unencrypted');
    expect(said('write-unencrypted')).toEqual([{ id: 1 }]);
    expect(said('send')).toEqual([]);
    expect(window.composer().value).toBe('I am listen');
  });

  it('ux:I-3 offers no way to plain text where the rule is "Always"', async () => {
    const rules = { ...settingsView.rules, otr: 'always' } as const;
    await arrive(viewOf('ended-by-peer', { rules }), viewOf('verified', { rules }));
    expect(window.has('button', 'Start again')).toBe(true);
    expect(window.has('button', 'Write unencrypted…')).toBe(false);
    await window.click('button', 'Bob Lindqvist ended off the record. Opens encryption panel');
    expect(window.has('button', 'Write unencrypted…')).toBe(false);
  });
});

describe('a changed security code', () => {
  const changed = viewOf('key-changed', {
    devices: [{ ...laptop, trust: { tag: 'changed', why: 'other-key' } }],
  });

  it('ux:S10 ux:17 stops, names the device, and asks to compare', async () => {
    await arrive(changed, viewOf('verified'));
    expect(card().textContent).toContain('The security code of Bob Lindqvist’s “Laptop” changed.');
    await window.click('button', 'Compare security code');
    expect(window.has('dialog', 'Compare security codes')).toBe(true);
  });

  it('takes two steps to use it anyway', async () => {
    await arrive(changed, viewOf('verified'));
    await window.click('button', 'More choices');
    await window.click('menuitem', 'Use it anyway…');
    expect(said('accept-key')).toEqual([]);
    await window.click('button', 'Use it, not verified');
    expect(said('accept-key')).toEqual([{ id: 1 }]);
  });

  it('stays locked after "Not now"', async () => {
    await arrive(changed, viewOf('verified'));
    await window.click('button', 'Not now');
    expect(window.all('.card')).toHaveLength(0);
    expect(window.composer().readOnly).toBe(true);
  });
});

describe('a question from the contact', () => {
  it('ux:I-8 is quoted, isolated, cut at 300, plain, and names its author', async () => {
    const question = `<b>Your password?</b> \u202e${'x'.repeat(400)}`;
    await arrive(viewOf('unverified', { verification: asked(question) }), viewOf('unverified'));
    const quote = window.one('.card blockquote bdi');
    expect(quote.children).toHaveLength(0);
    expect(quote.textContent).toContain('<b>Your password?</b>');
    expect(quote.textContent).not.toContain('\u202e');
    expect(Array.from(quote.textContent)).toHaveLength(301);
    expect(card().textContent).toMatch(/Written by Bob Lindqvist’s .*“Laptop”\./);
    expect(card().textContent).toContain('Never type a password');
  });

  it('ux:2.5.11 names the device that asks where it is another one, with its trust and its age', async () => {
    const name = { label: 'Phone', instanceTag: '7c91e4ce' };
    const devices = [laptop, { ...laptop, name, firstSeenAt: today(9, 12), live: true }];
    const verification = { ...asked('Where?'), device: name };
    await arrive(viewOf('unverified', { devices, verification }), viewOf('unverified'));
    expect(card().textContent).toMatch(
      /Bob Lindqvist’s device .*“Phone”.* \(not verified, first seen today\) asks to verify you:/,
    );
    await window.become(viewOf('unverified', { devices, verification: asked('Where?') }));
    expect(card().textContent).toContain('wants to check it is you');
  });

  it('ux:2.5.11 that comes again and again can be stopped for today', async () => {
    window = await openChat(
      viewOf('unverified'),
      plainScript().tell('14:05', { name: 'asks-too-often' }).items,
    );
    expect(window.text()).toContain('Bob Lindqvist keeps asking for verification.');
    await window.click('button', 'Mute for today');
    expect(inputsOf(window.client, 'verification.mute')).toEqual([{ id: 1 }]);
  });

  it('ux:I-9 takes neither focus nor a dialog', async () => {
    await arrive(viewOf('unverified', { verification: asked('Where?') }), viewOf('unverified'));
    expect(document.activeElement).toBe(window.composer());
    expect(window.all('[role=dialog]')).toHaveLength(0);
  });

  it('can be put off, and comes back only as a new one', async () => {
    await arrive(viewOf('unverified', { verification: asked('Where?') }), viewOf('unverified'));
    await window.click('button', 'Not now');
    expect(window.all('.card')).toHaveLength(0);
    const again = { ...asked('When?'), at: today(14, 9) };
    await window.become(viewOf('unverified', { verification: again }));
    expect(card().textContent).toContain('When?');
  });

  it('ux:I-7 is declined without a change of anything here', async () => {
    await arrive(viewOf('unverified', { verification: asked('Where?') }), viewOf('unverified'));
    await window.click('button', 'Decline');
    expect(inputsOf(window.client, 'verification.cancel')).toEqual([{ id: 1 }]);
    expect(window.one('header .chip').textContent).toContain('not verified');
  });
});

describe('the cards', () => {
  it('shows one at a time, the most urgent first, the other behind "1 more"', async () => {
    await arrive(viewOf('ended-by-peer', { verification: asked('Where?') }), viewOf('unverified'));
    expect(window.all('.card')).toHaveLength(1);
    expect(card().textContent).toContain('ended off the record');
    await window.click('button', '1 more');
    expect(card().textContent).toContain('Where?');
  });

  it('asks after thirty seconds without an answer, and lets wait on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    window = await openChat(
      viewOf('starting', { starting: { by: 'us', since: Date.now(), lastFailure: undefined } }),
    );
    expect(window.all('.card')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(31_000);
    await window.settle();
    expect(card().textContent).toContain('No answer yet.');
    await window.click('button', 'Keep waiting');
    expect(window.all('.card')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(60_000);
    await window.settle();
    expect(window.all('.card')).toHaveLength(0);
  });

  it('ux:S11 says why nothing can be sent, and offers to try again', async () => {
    await arrive(viewOf('cannot-encrypt'), viewOf('plain'));
    expect(card().textContent).toContain('has no off the record');
    await window.click('button', 'Try again');
    expect(said('start')).toEqual([{ id: 1 }]);
  });

  it('asks to verify where the rule sends to verified devices only', async () => {
    await arrive(viewOf('unverified', { composer: 'locked' }), viewOf('unverified'));
    await window.click('button', 'Verify Bob Lindqvist…');
    expect(window.has('dialog', 'Verify Bob Lindqvist')).toBe(true);
  });
});

describe('starting', () => {
  const start = (): void => {
    window.client.emit('app.command', 'start-off-the-record');
  };

  it('ux:5 guide:R-13 explains in four lines first, and starts on a click', async () => {
    window = await openChat(viewOf('plain-available'));
    start();
    await window.settle();
    expect(window.has('dialog', 'Off the record')).toBe(true);
    expect(window.all('[role=dialog] li')).toHaveLength(4);
    expect(said('start')).toEqual([]);
    await window.click('button', 'Start');
    expect(said('start')).toEqual([{ id: 1 }]);
    expect(inputsOf(window.client, 'settings.save')).toEqual([]);
  });

  it('does not explain again once the user ticked the box', async () => {
    window = await openChat(viewOf('plain-available'));
    start();
    await window.settle();
    const box = window.one('[role=dialog] input') as HTMLInputElement;
    box.click();
    await window.settle();
    await window.click('button', 'Start');
    expect(inputsOf(window.client, 'settings.save')).toMatchObject([
      { settings: { startSheetSeen: true } },
    ]);
    start();
    await window.settle();
    expect(window.all('[role=dialog]')).toHaveLength(0);
    expect(said('start')).toHaveLength(2);
  });

  it('shows the seconds and can be cancelled', async () => {
    window = await openChat(viewOf('starting'), plainScript().items);
    expect(window.one('.waiting').textContent).toMatch(
      /Waiting for Bob Lindqvist to accept.*0:\d\d/,
    );
    window.one('.waiting button').click();
    await window.settle();
    expect(said('cancel')).toEqual([{ id: 1 }]);
  });
});

describe('ending', () => {
  it('says what is removed and what follows, then ends and drops the draft', async () => {
    window = await openChat(viewOf('verified'));
    await window.write('half a sentence');
    window.client.answer({ 'conversation.end': () => ok(undefined) });
    window.client.emit('app.command', 'end-off-the-record');
    await window.settle();
    const text = window.one('[role=dialog]').textContent;
    expect(text).toContain('will be removed from this window now');
    expect(text).toContain('not encrypted');
    expect(said('end')).toEqual([]);
    await window.click('button', 'End and remove');
    expect(said('end')).toEqual([{ id: 1 }]);
    expect(window.composer().value).toBe('');
  });

  it('ux:S6 is offered beside a chat that was live until they went, and counts what was not sent', async () => {
    const devices = [{ ...laptop, live: false }];
    window = await openChat(viewOf('waiting', { devices, noKeys: 'no-prekeys', heldCount: 2 }));
    window.client.emit('app.command', 'end-off-the-record');
    await window.settle();
    expect(window.one('[role=dialog]').textContent).toContain('2 messages that were not sent');
  });

  it('ux:S6 is not offered where there is no chat yet', async () => {
    window = await openChat(viewOf('waiting', { heldCount: 2 }));
    window.client.emit('app.command', 'end-off-the-record');
    await window.settle();
    expect(window.all('[role=dialog]')).toEqual([]);
  });

  it('promises to remove nothing that the user chose to keep', async () => {
    const { rules } = viewOf('verified');
    window = await openChat(viewOf('verified', { rules: { ...rules, keep: 'day' }, heldCount: 1 }));
    window.client.emit('app.command', 'end-off-the-record');
    await window.settle();
    const { textContent } = window.one('[role=dialog]');
    expect(textContent).toContain('stay here, dimmed');
    expect(textContent).not.toContain('removed');
    expect(textContent).not.toContain('not sent');
    await window.click('button', 'End');
    expect(said('end')).toEqual([{ id: 1 }]);
  });
});

describe('ux:16 a new device', () => {
  const phone = {
    name: { label: 'Phone', instanceTag: '7c91e4ce' },
    firstSeenAt: today(9, 12),
    blocked: false,
    nickname: undefined,
    announcedAs: undefined,
  };
  const seen = viewOf('verified', { announced: [phone], newDevices: [phone] });

  it('is told by a card that names it, and put away by the user', async () => {
    await arrive(seen, viewOf('verified'));
    expect(card().textContent).toContain('Bob Lindqvist has a new device “Phone” (since 09:12');
    expect(card().textContent).toContain('It is not verified.');
    expect(document.activeElement).toBe(window.composer());
    await window.click('button', 'Ignore');
    expect(said('change-device')).toEqual([
      { id: 1, instanceTag: '7c91e4ce', change: { act: 'ignore' } },
    ]);
  });

  it('is let in without being verified only by the user', async () => {
    await arrive(seen, viewOf('verified'));
    await window.click('button', 'Use without verifying');
    expect(said('change-device')).toEqual([
      { id: 1, instanceTag: '7c91e4ce', change: { act: 'allow' } },
    ]);
  });

  it('is verified itself, where it is in the chat', async () => {
    const device = { ...laptop, name: phone.name };
    await arrive({ ...seen, devices: [...seen.devices, device] }, viewOf('verified'));
    await window.click('button', 'Verify');
    await window.click('button', 'Show a code');
    expect(inputsOf(window.client, 'verification.ask-code')).toEqual([
      { id: 1, instanceTag: '7c91e4ce' },
    ]);
  });

  it('is let in from where the rule for verified devices stops the sending', async () => {
    await arrive(viewOf('unverified', { composer: 'locked' }));
    await window.click('button', 'Use without verifying');
    expect(said('change-device')).toEqual([
      { id: 1, instanceTag: 'c45b041c', change: { act: 'allow' } },
    ]);
  });

  it('ux:S10 stops the chat where nothing verified is left', async () => {
    const trust = { tag: 'changed', why: 'only-new' } as const;
    await arrive(viewOf('key-changed', { devices: [{ ...laptop, name: phone.name, trust }] }));
    expect(card().textContent).toContain(
      'None of Bob Lindqvist’s verified devices is left, only the new “Phone”.',
    );
  });
});
