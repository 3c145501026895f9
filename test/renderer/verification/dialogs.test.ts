// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import { readPixels } from '../../../src/renderer/features/verification/read-pixels.ts';
import type { CodeReading } from '../../../src/shared/model/link.ts';
import type { VerificationView } from '../../../src/shared/model/verification.ts';
import { ok } from '../../../src/shared/std/result.ts';
import {
  laptop,
  theirCode,
  verifiedPhone,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { accountView, jid, ourCode, today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf, utf8 } from '../../support/open-window.ts';

let window: ChatWindow;

/** Gone again after the test: the DOM here has none. */
function withCamera(getUserMedia: () => Promise<unknown>): void {
  Object.defineProperty(navigator, 'mediaDevices', {
    configurable: true,
    value: { getUserMedia },
  });
}

const SQUARE_PX = 4;

/** The picture as pixels, drawn from nothing but its path. */
function toPixels(picture: Element) {
  const squares = Number(picture.getAttribute('viewBox')?.split(' ')[2]);
  const side = squares * SQUARE_PX;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  const path = picture.querySelector('path')?.getAttribute('d') ?? '';
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < SQUARE_PX; row += 1) {
      const from = ((Number(y) * SQUARE_PX + row) * side + Number(x) * SQUARE_PX) * 4;
      for (let at = 0; at < Number(length) * SQUARE_PX * 4; at += 1) {
        if (at % 4 !== 3) data[from + at] = 0;
      }
    }
  }
  return { width: side, height: side, data };
}

const unverified = (verification: VerificationView = { tag: 'idle' }) =>
  viewOf('unverified', { devices: [laptop, verifiedPhone], verification });
const waiting = (code?: string): VerificationView => ({
  tag: 'waiting',
  method: code === undefined ? 'question' : 'code',
  device: laptop.name,
  since: today(14, 6),
  code,
});
const asked = (question?: string): VerificationView => ({
  tag: 'asked',
  question,
  device: laptop.name,
  at: today(14, 6),
});
const said = (name: string) => inputsOf(window.client, `verification.${name}`);
const dialogs = () => window.all('[role=dialog]');

async function openWays(way?: string): Promise<void> {
  window = await openChat(unverified());
  window.client.emit('app.command', 'verify');
  await window.settle();
  if (way !== undefined) await choose(way);
}

async function choose(way: string): Promise<void> {
  const tab = window.all('[role=tab]').find(({ textContent }) => textContent.includes(way));
  tab?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }));
  tab?.click();
  await window.settle();
}

afterEach(() => {
  window.close();
  Reflect.deleteProperty(navigator, 'mediaDevices');
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the four ways to verify', () => {
  it('names four situations and the device, the code first', async () => {
    await openWays();
    expect(window.all('[role=tab] strong').map(({ textContent }) => textContent)).toEqual([
      'We can talk now',
      'We share a memory',
      'We agreed on a secret',
      'We are together',
    ]);
    expect(window.one('[role=tab][aria-selected=true]').textContent).toContain('We can talk now');
    expect(window.one('[role=dialog]').textContent).toContain('“Laptop”');
  });

  it('ux:9 makes a code only when asked, shows it in two halves, and stays open', async () => {
    await openWays();
    expect(said('ask-code')).toEqual([]);
    await window.click('button', 'Show a code');
    expect(said('ask-code')).toEqual([{ id: 1, instanceTag: 'c45b041c' }]);
    await window.become(unverified(waiting('482913')));
    expect(window.one('.digits [aria-hidden]').textContent).toBe('482 913');
    expect(window.one('.digits .visually-hidden').textContent).toContain('4 8 2 9 1 3');
    expect(dialogs()).toHaveLength(1);
  });

  it('closes the code with Cancel, and tells main', async () => {
    await openWays();
    await window.become(unverified(waiting('482913')));
    await window.click('button', 'Cancel');
    expect(said('cancel')).toEqual([{ id: 1 }]);
    expect(dialogs()).toHaveLength(0);
  });

  it('says what came of the code in the open dialog', async () => {
    await openWays();
    await window.become(
      unverified({
        tag: 'result',
        outcome: 'matched-both',
        method: 'code',
        device: laptop.name,
        at: today(14, 8),
        paused: false,
      }),
    );
    expect(window.one('.outcome').textContent).toContain('verified each other');
  });

  it('ux:8 asks a question with its wording, the answer as bytes, and goes on in the panel', async () => {
    await openWays('We share a memory');
    await window.type('Question', 'Where did we first meet?');
    await window.click('button', 'only small letters');
    await window.type('Answer', 'Zürich');
    await window.submit('Answer');
    expect(said('ask')).toEqual([
      {
        id: 1,
        instanceTag: 'c45b041c',
        question: 'Where did we first meet? (only small letters)',
        answer: utf8('Zürich'),
      },
    ]);
    expect(dialogs()).toHaveLength(0);
    expect(window.all('aside')).toHaveLength(1);
  });

  it('clears the answer at once, even when main refuses', async () => {
    await openWays('We share a memory');
    window.client.answer({ 'verification.ask': () => refuse('verification-busy') });
    await window.type('Question', 'Where?');
    await window.type('Answer', 'Lisbon');
    await window.submit('Answer');
    expect((window.find('field', 'Answer') as HTMLInputElement).value).toBe('');
    expect((window.find('field', 'Question') as HTMLInputElement).value).toBe('Where?');
    expect(window.one('[role=dialog] .failure').textContent).not.toBe('');
  });

  it('wipes the bytes it sent as soon as main has them', async () => {
    await openWays('We agreed on a secret');
    let bytes: Uint8Array | undefined;
    window.client.answer({
      'verification.ask-secret': ({ secret }) => {
        bytes = secret;
        return ok(undefined);
      },
    });
    await window.type('Secret', 'between us');
    await window.submit('Secret');
    expect(said('ask-secret')).toEqual([
      { id: 1, instanceTag: 'c45b041c', secret: utf8('between us') },
    ]);
    expect(bytes).toEqual(new Uint8Array(10));
  });

  it('asks nothing without a question or an answer', async () => {
    await openWays('We share a memory');
    await window.type('Question', 'Where?');
    await window.submit('Question');
    expect(said('ask')).toEqual([]);
  });

  it('warns of answers that are easy to guess, and of asking for a password', async () => {
    await openWays('We share a memory');
    await window.type('Answer', 'yes');
    expect(window.one('.notice').textContent).toContain('easy to guess');
    await window.type('Question', 'What is your password?');
    expect(window.one('.notice').textContent).toContain('password');
  });

  it('keeps question and wording within what main takes', async () => {
    await openWays('We share a memory');
    const spare = () => (window.find('field', 'Question') as HTMLInputElement).maxLength;
    expect(spare()).toBe(300);
    await window.click('button', 'one word');
    expect(spare()).toBe(300 - ' (one word)'.length);
  });
});

describe('comparing', () => {
  it('shows both codes alike: twelve numbered words and the whole code in groups of eight', async () => {
    await openWays('We are together');
    const columns = window.all('[role=dialog] .column');
    expect(columns).toHaveLength(2);
    const words = (column: HTMLElement | undefined) =>
      [...(column?.querySelectorAll('ol li') ?? [])].map(({ textContent }) => textContent);
    expect(words(columns[0])).toEqual(
      theirCode.words.map((word, at) => `${String(at + 1)}${word}`),
    );
    expect(words(columns[1])).toEqual(ourCode.words.map((word, at) => `${String(at + 1)}${word}`));
    expect(columns[0]?.querySelector('.hex')?.textContent).toBe(theirCode.hex);
    const groups = [...(columns[0]?.querySelectorAll('.hex span') ?? [])];
    expect(groups.map(({ textContent }) => textContent.length)).toEqual(new Array(14).fill(8));
    expect(columns[0]?.textContent).toContain('“Laptop”');
    expect(columns[1]?.textContent).toContain('“Desktop”');
  });

  it('ux:10 shows the own address and code as a picture, without any style of its own', async () => {
    await openWays('We are together');
    const picture = window.one('[role=dialog] svg.qr');
    expect(picture.getAttribute('aria-label')).toContain('your address');
    expect(picture.querySelectorAll('[style]')).toHaveLength(0);
    const link = accountView.keys.tag === 'ready' ? accountView.keys.link : '';
    expect(readPixels(toPixels(picture), 'picture')).toBe(link);
  });

  async function compareWith(reading: CodeReading, text = theirCode.hex): Promise<void> {
    await openWays('We are together');
    window.client.answer({ 'verification.read-code': () => ok(reading) });
    await window.type('Code or link', text);
    await window.submit('Code or link');
  }

  it('xep:X-52 ux:10 a code that is the same is said to be, and verifies nothing before the click', async () => {
    await compareWith({ tag: 'match' }, ` ${theirCode.hex.toLowerCase()} `);
    expect(said('read-code')).toEqual([
      { id: 1, instanceTag: 'c45b041c', text: ` ${theirCode.hex.toLowerCase()} ` },
    ]);
    expect(window.one('.result').textContent).toContain('The same code.');
    expect(window.one('.result').textContent).toContain('“Laptop”');
    expect(said('compared')).toEqual([]);
    await window.click('button', 'They match');
    expect(said('compared')).toEqual([{ id: 1, instanceTag: 'c45b041c', result: 'match' }]);
  });

  it('ux:10 a code that differs cannot be said to match; stopping is one click', async () => {
    await compareWith({ tag: 'different' });
    expect(window.one('.result').getAttribute('role')).toBe('alert');
    expect(window.one('.result').textContent).toContain('pretending to be Bob Lindqvist');
    expect(window.has('button', 'They match')).toBe(false);
    expect(said('compared')).toEqual([]);
    await window.click('button', 'They are different');
    expect(said('compared')).toEqual([{ id: 1, instanceTag: 'c45b041c', result: 'different' }]);
  });

  it('ux:10 the code of another device is held beside that one, at a click', async () => {
    await compareWith({ tag: 'match-other', device: verifiedPhone.name });
    await window.click('button', 'Compare with that device');
    expect(said('read-code').at(-1)).toMatchObject({
      instanceTag: verifiedPhone.name.instanceTag,
      text: theirCode.hex,
    });
    expect(window.one('.column').textContent).toContain('“Phone”');
    expect(said('compared')).toEqual([]);
  });

  it.each<[CodeReading, string]>([
    [{ tag: 'old-version' }, 'It cannot be used here'],
    [{ tag: 'ours' }, 'your own code'],
    [{ tag: 'no-code' }, 'no security code'],
    [{ tag: 'other-address', jid: jid('mallory@example.org') }, 'mallory@example.org'],
  ])('xep:S-28 says in plain words of what use a code is: %j', async (reading, words) => {
    await compareWith(reading);
    expect(window.one('.result').textContent).toContain(words);
    expect(window.has('button', 'They match')).toBe(true);
    expect(said('compared')).toEqual([]);
  });

  it.each([
    ['NotAllowedError', 'may not use the camera'],
    ['NotFoundError', 'No camera was found'],
  ])(
    'ux:10 the camera is asked for at the click only; without it (%s) there is a way on',
    async (error, words) => {
      const getUserMedia = vi.fn(() => Promise.reject(new DOMException('', error)));
      withCamera(getUserMedia);
      await openWays('We are together');
      expect(getUserMedia).not.toHaveBeenCalled();
      await window.click('button', 'Use the camera');
      expect(getUserMedia.mock.calls).toEqual([[expect.objectContaining({ audio: false })]]);
      expect(window.one('.scan [role=alert]').textContent).toContain(words);
      expect(window.all('video')).toHaveLength(0);
    },
  );

  it('ux:10 the camera goes off when the dialog is closed, also while it was being asked for', async () => {
    const stop = vi.fn();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    withCamera(() => promise);
    await openWays('We are together');
    await window.click('button', 'Use the camera');
    expect(window.all('video')).toHaveLength(1);
    await window.click('button', 'Not sure');
    resolve({ getTracks: () => [{ stop }] });
    await window.settle();
    expect(stop).toHaveBeenCalledOnce();
  });

  it('xep:S-28 copies a link with the address, through main', async () => {
    await openWays('We are together');
    await window.click('button', 'Copy a link with the code of Bob Lindqvist’s device');
    await window.click('button', 'Copy a link with the code of this device');
    expect(inputsOf(window.client, 'clipboard.copy-link')).toEqual([
      { of: { whose: 'theirs', id: 1, instanceTag: 'c45b041c' } },
      { of: { whose: 'ours' } },
    ]);
  });

  it.each([
    ['They match', 'match'],
    ['They are different', 'different'],
  ] as const)('ux:I-7 tells main "%s" only on that click', async (button, result) => {
    await openWays('We are together');
    expect(said('compared')).toEqual([]);
    await window.click('button', button);
    expect(said('compared')).toEqual([{ id: 1, instanceTag: 'c45b041c', result }]);
    expect(dialogs()).toHaveLength(0);
  });

  it('changes nothing with "Not sure"', async () => {
    await openWays('We are together');
    await window.click('button', 'Not sure');
    expect(said('compared')).toEqual([]);
    expect(dialogs()).toHaveLength(0);
  });

  it('copies through main, never by itself', async () => {
    await openWays('We are together');
    await window.click('button', 'Copy the code of Bob Lindqvist’s device');
    await window.click('button', 'Copy the code of this device');
    expect(inputsOf(window.client, 'clipboard.copy-code')).toEqual([
      { of: { whose: 'theirs', id: 1, instanceTag: 'c45b041c' } },
      { of: { whose: 'ours' } },
    ]);
  });

  it('goes back to the other ways', async () => {
    await openWays('We are together');
    await window.click('button', 'Other ways');
    expect(window.all('[role=tab]')).toHaveLength(4);
  });
});

describe('answering', () => {
  async function openAnswer(question?: string): Promise<void> {
    window = await openChat(unverified(asked(question)));
    await window.click('button', 'Answer…');
  }

  it('ux:I-8 quotes the question, names the device and its trust, and warns of passwords', async () => {
    await openAnswer('Where did we <i>meet</i>?');
    const dialog = window.one('[role=dialog]');
    expect(dialog.querySelector('blockquote bdi')?.textContent).toBe('Where did we <i>meet</i>?');
    expect(dialog.textContent).toContain('“Laptop”. (not verified)');
    expect(dialog.textContent).toContain('Never type a password here.');
  });

  it('sends the answer as bytes and clears the field', async () => {
    await openAnswer('Where?');
    await window.type('Your answer', 'Lisbon');
    await window.submit('Your answer');
    expect(said('answer')).toEqual([{ id: 1, answer: utf8('Lisbon') }]);
    expect(dialogs()).toHaveLength(0);
  });

  it('asks for the secret where no question came', async () => {
    await openAnswer();
    await window.type('Your secret', 'between us');
    await window.submit('Your secret');
    expect(said('answer')).toEqual([{ id: 1, answer: utf8('between us') }]);
  });

  it('says so when the contact no longer asks, and sends nothing', async () => {
    await openAnswer('Where?');
    await window.type('Your answer', 'Lisbon');
    await window.become(unverified());
    expect(window.one('[role=dialog]').textContent).toContain('no longer asks');
    expect(window.has('button', 'Answer')).toBe(false);
    expect(said('answer')).toEqual([]);
  });
});
