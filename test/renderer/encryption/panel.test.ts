// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  ConversationState,
  ConversationView,
} from '../../../src/shared/model/conversation.ts';
import type {
  VerificationOutcome,
  VerificationView,
} from '../../../src/shared/model/verification.ts';
import {
  laptop,
  verifiedLaptop,
  verifiedPhone,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { appView, settingsView, today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;

async function openPanel(view: ConversationView): Promise<void> {
  window = await openChat(view);
  window.client.emit('app.command', 'toggle-panel');
  await window.settle();
}

const headline = () => window.one('aside .headline');
const primaries = () =>
  window.all('aside .headline .button.primary').map(({ textContent }) => textContent.trim());
const result = (
  outcome: VerificationOutcome,
  method: 'question' | 'compare' = 'question',
  paused = false,
): VerificationView => ({
  tag: 'result',
  outcome,
  method,
  device: laptop.name,
  at: today(14, 8),
  paused,
});

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the headline', () => {
  it.each([
    ['S0', 'plain', ['Start off the record'], 'can be read by the servers'],
    ['S1', 'plain-available', ['Start off the record'], 'can be read by the servers'],
    ['S6', 'waiting', [], 'is not online'],
    ['S5', 'offline-verified', [], 'a device you verified'],
    ['S5', 'offline-unverified', ['Verify Bob Lindqvist'], 'not confirmed that the device is'],
    ['S6, somebody there', 'not-started', ['Start off the record'], 'never writes unencrypted'],
    ['S2', 'starting', [], 'What you write is held'],
    ['S3', 'unverified', ['Verify Bob Lindqvist'], 'not confirmed that the device is'],
    ['S4', 'verified', [], 'you confirmed on'],
    ['S7', 'ended-by-peer', ['Start again'], 'would not be encrypted'],
    ['S8', 'expired', ['Start again'], 'would not be encrypted'],
    ['S9', 'interrupted', ['Refresh keys'], 'held until new keys are agreed'],
    ['S10', 'key-changed', ['Compare security code'], 'Off the record is stopped.'],
    ['S11', 'cannot-encrypt', ['Try again'], 'Nothing is sent unencrypted'],
  ] as const)('ux:%s (%s) has the primary buttons %o', async (_id, state, buttons, meaning) => {
    await openPanel(viewOf(state satisfies ConversationState));
    expect(primaries()).toEqual(buttons);
    expect(headline().textContent).toContain(meaning);
  });

  it.each(['plain', 'plain-available', 'ended-by-peer', 'expired'] as const)(
    'guide:R-02 offers no start where off the record is switched off (%s)',
    async (state) => {
      await openPanel(viewOf(state, { rules: { ...settingsView.rules, otr: 'never' } }));
      expect(primaries()).toEqual([]);
      await window.click('button', 'More for Bob Lindqvist');
      expect(window.has('menuitem', 'Encryption')).toBe(true);
      expect(window.has('menuitem', 'Start off the record')).toBe(false);
      expect(window.has('button', 'Start again')).toBe(false);
      window.client.emit('app.command', 'start-off-the-record');
      await window.settle();
      expect(inputsOf(window.client, 'conversation.start')).toEqual([]);
      expect(document.querySelector('[role=dialog]')).toBeNull();
    },
  );

  it('ux:S4 says when and how the user verified', async () => {
    await openPanel(viewOf('verified', { devices: [verifiedLaptop] }));
    expect(headline().textContent).toMatch(/confirmed on .*12.* that this device .*\(question\)/);
  });

  it('ux:I-6 does not call a device verified because it verified us', async () => {
    await openPanel(viewOf('unverified', { verification: result('matched-answered') }));
    expect(headline().textContent).toContain('Bob Lindqvist verified you. You have not verified');
    expect(window.one('header .chip').textContent).toContain('not verified');
  });

  it('says before the click that the contact is offline, and lets click all the same', async () => {
    await openPanel(viewOf('plain', { presence: 'offline' }));
    expect(headline().textContent).toContain('is offline');
    expect(primaries()).toEqual(['Start anyway']);
  });
});

describe('the devices', () => {
  it('shows trust as main says it, names in quotes, and what each is doing', async () => {
    await openPanel(viewOf('verified', { devices: [verifiedLaptop, verifiedPhone, laptop] }));
    const rows = window
      .all('aside .device')
      .map(({ textContent }) => textContent.replace(/\s+/g, ' '));
    expect(rows[0]).toMatch(/“Laptop”.*Verified.*\(question\).*live now/);
    expect(rows[1]).toMatch(/“Phone”.*Verified.*\(code\).*last used/);
    expect(rows[1]).not.toContain('live now');
    expect(rows[2]).toContain('Not verified');
  });

  it('ux:I-8 keeps a hostile label plain, isolated and short', async () => {
    const label = `<img src=x>\u202e${'l'.repeat(90)}`;
    await openPanel(
      viewOf('unverified', { devices: [{ ...laptop, name: { label, instanceTag: 'c45b041c' } }] }),
    );
    const shown = window.one('aside .device bdi');
    expect(shown.children).toHaveLength(0);
    expect(shown.textContent).toContain('<img src=x>');
    expect(shown.textContent).not.toContain('\u202e');
    expect(Array.from(shown.textContent).length).toBeLessThanOrEqual(54);
  });

  it('names a device without a label by its tag, and two with one label by both', async () => {
    const first = { ...laptop, name: { ...laptop.name, shared: true } };
    const other = { ...laptop, name: { label: 'Laptop', instanceTag: '11112222', shared: true } };
    const nameless = { ...laptop, name: { label: undefined, instanceTag: '33334444' } };
    await openPanel(viewOf('unverified', { devices: [first, other, nameless] }));
    const names = window.all('aside .device .name').map(({ textContent }) => textContent);
    expect(names[0]).toContain('c45b041c');
    expect(names[1]).toContain('11112222');
    expect(names[2]).toContain('Device 33334444');
  });

  it('shows fifty of a long list, and the rest on request', async () => {
    const devices = Array.from({ length: 60 }, (_, index) => ({
      ...laptop,
      name: { label: undefined, instanceTag: String(10_000_000 + index) },
    }));
    await openPanel(viewOf('unverified', { devices }));
    expect(window.all('aside .device')).toHaveLength(50);
    await window.click('button', '10 more');
    expect(window.all('aside .device')).toHaveLength(60);
  });

  it('removes a verification only after a question', async () => {
    await openPanel(viewOf('verified', { devices: [verifiedLaptop] }));
    await window.click('button', 'More for Laptop');
    await window.click('menuitem', 'Remove verification…');
    expect(inputsOf(window.client, 'verification.remove')).toEqual([]);
    await window.click('button', 'Remove verification');
    expect(inputsOf(window.client, 'verification.remove')).toEqual([
      { id: 1, instanceTag: 'c45b041c' },
    ]);
  });
});

describe('the rules', () => {
  it('saves one rule and leaves the others as they are', async () => {
    await openPanel(viewOf('unverified'));
    const select = window.find('field', 'Keep messages') as HTMLSelectElement;
    select.value = 'hour';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await window.settle();
    await window.click('switch', 'Only verified devices');
    expect(inputsOf(window.client, 'conversation.set-rules')).toEqual([
      { id: 1, rules: { ...settingsView.rules, keep: 'hour' } },
      { id: 1, rules: { ...settingsView.rules, verifiedOnly: true } },
    ]);
  });
});

describe('the progress of a verification', () => {
  it('waits inline, names the device, and can be cancelled', async () => {
    await openPanel(
      viewOf('unverified', {
        verification: {
          tag: 'waiting',
          method: 'question',
          device: laptop.name,
          since: today(14, 6),
          code: undefined,
        },
      }),
    );
    expect(window.one('.progress').textContent).toContain('to answer (“Laptop”)');
    await window.click('button', 'Cancel');
    expect(inputsOf(window.client, 'verification.cancel')).toEqual([{ id: 1 }]);
  });

  it('shows the six digits while the dialog is closed', async () => {
    await openPanel(
      viewOf('unverified', {
        verification: {
          tag: 'waiting',
          method: 'code',
          device: laptop.name,
          since: today(14, 6),
          code: '482913',
        },
      }),
    );
    expect(window.one('.progress .digits').textContent).toBe('482 913');
  });

  it.each([
    ['matched-asked', ['answer matches. This device is now verified.', 'has not verified you yet']],
    ['matched-answered', ['has verified you.', 'You have not verified', 'a question']],
    ['matched-both', ['verified each other']],
    ['mismatch', ['different', 'typing mistake', 'Try again', 'Another way', 'Stop talking']],
    ['cancelled-by-peer', ['cancelled. Nothing changed.']],
    ['collided', ['at the same moment. Yours was cancelled.']],
    ['cheated', ['cannot be right', 'Nothing was revealed and nothing changed.']],
    ['session-ended', ['ended before the verification finished']],
  ] as const)('ux:I-7 words the result "%s"', async (outcome, sentences) => {
    await openPanel(viewOf('unverified', { verification: result(outcome) }));
    for (const sentence of sentences) {
      expect(window.one('.progress').textContent).toContain(sentence);
    }
    expect(window.one('header .chip').textContent).toContain('not verified');
    expect(inputsOf(window.client, 'verification.remove')).toEqual([]);
  });

  const everyResult = [
    ['matched-asked', 'Die Antwort von Bob Lindqvist stimmt', 'hat dich noch nicht verifiziert'],
    ['matched-answered', 'Bob Lindqvist hat dich verifiziert', 'Du hast Bob Lindqvist noch nicht'],
    ['matched-both', 'habt einander verifiziert'],
    ['mismatch', 'Die Antworten waren verschieden', 'Tippfehler'],
    ['mismatch-verified', 'obwohl dieses Gerät am 12. Mai', 'Verifiziert lassen'],
    ['cancelled-by-peer', 'Bob Lindqvist hat abgebrochen'],
    ['cancelled-by-us', 'Du hast abgebrochen'],
    ['collided', 'im selben Moment'],
    ['cheated', 'Fehler im Programm oder ein Betrugsversuch', 'nichts hat sich geändert'],
    ['session-ended', 'bevor die Verifizierung'],
  ] as const satisfies readonly (readonly [VerificationOutcome, ...string[]])[];
  it.each(everyResult)(
    'ux:2.5.11 words the result "%s" in German',
    async (outcome, ...sentences) => {
      const house = { app: { ...appView, locale: 'de' as const } };
      window = await openChat(
        viewOf('verified', { devices: [verifiedLaptop], verification: result(outcome) }),
        [],
        house,
      );
      window.client.emit('app.command', 'toggle-panel');
      await window.settle();
      for (const sentence of sentences) {
        expect(window.one('.progress').textContent).toContain(sentence);
      }
    },
  );

  it('ux:2.5.11 names the day of a verification that a mismatch puts in doubt', async () => {
    await openPanel(
      viewOf('verified', { devices: [verifiedLaptop], verification: result('mismatch-verified') }),
    );
    expect(window.one('.progress').textContent).toMatch(
      /Verification failed although this device was verified on .*12.*\.\s*Keep verified/,
    );
    await window.click('button', 'Remove verification');
    expect(inputsOf(window.client, 'verification.remove')).toEqual([
      { id: 1, instanceTag: 'c45b041c' },
    ]);
  });

  it('ux:2.5.11 leads from the third mismatch to comparing, not to a fourth try', async () => {
    await openPanel(viewOf('unverified', { verification: result('mismatch', 'question', true) }));
    expect(window.one('.progress').textContent).toContain('That was the third time.');
    expect(window.has('button', 'Try again')).toBe(false);
    await window.click('button', 'Compare security codes');
    expect(window.has('dialog', 'Compare security codes')).toBe(true);
  });

  it('ux:8 leads from "has verified you" to a question of one’s own', async () => {
    await openPanel(viewOf('unverified', { verification: result('matched-answered') }));
    await window.click('button', 'Ask Bob Lindqvist a question');
    expect(window.one('[role=tab][aria-selected=true]').textContent).toContain('We share a memory');
    expect(window.one('[role=dialog]').textContent).toContain('“Laptop”');
  });
});

describe('the overflow', () => {
  it('refreshes keys, and ends only through its sheet', async () => {
    await openPanel(viewOf('unverified'));
    await window.click('button', 'More: refresh keys, end, details');
    await window.click('menuitem', 'Refresh keys');
    expect(inputsOf(window.client, 'conversation.refresh')).toEqual([{ id: 1 }]);
    await window.click('button', 'More: refresh keys, end, details');
    await window.click('menuitem', 'End off the record…');
    expect(inputsOf(window.client, 'conversation.end')).toEqual([]);
    expect(window.has('dialog', 'End off the record with Bob Lindqvist?')).toBe(true);
  });

  it('tells the details, our half of the number bold', async () => {
    await openPanel(viewOf('unverified'));
    await window.click('button', 'More: refresh keys, end, details');
    await window.click('menuitem', 'Security details');
    const dialog = window.one('[role=dialog]');
    expect(dialog.querySelector('.ssid b')?.textContent).toBe('a0c4f1e2');
    expect(dialog.textContent).toContain('OTR version 4');
    expect(dialog.querySelectorAll('.hex')).toHaveLength(2);
  });

  it('closes with Escape', async () => {
    await openPanel(viewOf('plain'));
    await window.press(window.one('aside button'), 'Escape');
    expect(window.all('aside')).toHaveLength(0);
  });
});
