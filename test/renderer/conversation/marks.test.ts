// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MessageItem } from '../../../src/shared/model/timeline.ts';
import {
  laptop,
  Script,
  verifiedLaptop,
  verifiedPhone,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function show(
  direction: MessageItem['direction'],
  more: Partial<MessageItem>,
  view = viewOf('unverified'),
): Promise<HTMLElement> {
  window = await openChat(view, new Script().say(direction, '14:05', 'the text', more).items);
  return window.one('.message');
}

const heard = (element: Element): string => {
  const labels = [...element.querySelectorAll('[role=img]')].map((image) =>
    image.getAttribute('aria-label'),
  );
  return [element.textContent, ...labels].join(' ').replace(/\s+/g, ' ');
};

describe('the mark of a message', () => {
  it.each([
    [{ protection: 'verified' }, 'Off the record, verified'],
    [{ protection: 'unverified' }, 'Off the record, not verified'],
    [{ protection: 'plain' }, 'Not encrypted'],
    [{ protection: 'plain', plainInside: true }, 'Not encrypted'],
  ] as const)('ux:I-5 says in words how %o travelled', async (more, words) => {
    expect(heard(await show('in', more))).toContain(words);
  });

  it('ux:I-6 never calls an unverified message verified', async () => {
    expect(heard(await show('in', { protection: 'unverified' }))).not.toMatch(/, verified/);
  });

  it('has no padlock before the contact was ever off the record, and an open one after', async () => {
    const never = await show('in', {}, viewOf('plain', { devices: [] }));
    expect(never.querySelector('svg')).toBeNull();
    window.close();
    const before = { ...laptop, firstSeenAt: today(10, 0) };
    const since = await show('in', {}, viewOf('plain', { devices: [before] }));
    expect(since.querySelector('[role=img]')?.getAttribute('aria-label')).toBe('Not encrypted');
    window.close();
    const later = { ...laptop, firstSeenAt: today(18, 0) };
    expect(
      (await show('in', {}, viewOf('plain', { devices: [later] }))).querySelector('svg'),
    ).toBeNull();
  });

  it.each([
    ['sending', 'Sending'],
    ['sent', 'Sent'],
    ['delivered', 'Delivered'],
  ] as const)('tells that a message is %s', async (delivery, words) => {
    expect(heard(await show('out', { protection: 'verified', delivery }))).toContain(words);
  });

  it('ux:I-4 draws what was not delivered unlike what was: no tick, and Send again', async () => {
    const failed = await show('out', { protection: 'verified', delivery: 'failed' });
    expect(failed.classList.contains('failed')).toBe(true);
    expect(failed.querySelectorAll('.marks svg')).toHaveLength(1);
    expect(heard(failed)).toContain('Not delivered. Bob Lindqvist’s device could not read it.');
    expect(heard(failed)).not.toMatch(/\bSent\b|Delivered(?!\.)/);
    await window.click('button', 'Send again');
    expect(inputsOf(window.client, 'conversation.resend')).toEqual([{ id: 1, itemId: 'p1' }]);
  });

  it('sec:F-SM-2 ux:2.5.7 calls nothing undelivered that was only not confirmed, and warns before it is sent again', async () => {
    const out = await show('out', { protection: 'verified', delivery: 'unconfirmed' });
    expect(heard(out)).toContain('Off the record, verified');
    expect(heard(out)).toContain(
      'Not confirmed. The connection broke before the server confirmed this. It may or may not have arrived. If you send it again, it may arrive twice.',
    );
    expect(heard(out)).not.toMatch(/Not delivered|could not read|\bSent\b/);
    expect(out.classList.contains('unconfirmed')).toBe(true);
    expect(out.classList.contains('failed')).toBe(false);
    expect(out.querySelector('.tick')?.getAttribute('title')).toBe('Not confirmed');
    await window.click('button', 'Send again');
    expect(inputsOf(window.client, 'conversation.resend')).toEqual([{ id: 1, itemId: 'p1' }]);
  });

  it('ux:2.5.7 says the same of a message in clear', async () => {
    const out = await show('out', { delivery: 'unconfirmed' }, viewOf('plain'));
    expect(heard(out)).toContain('It may or may not have arrived.');
  });

  const at = (label: string, delivery: MessageItem['delivery']) => ({
    name: { label, instanceTag: label === 'Laptop' ? 'c45b041c' : '9d20e1b7' },
    delivery,
  });
  const both = viewOf('verified', { devices: [verifiedLaptop, verifiedPhone] });

  it('ux:2.5.7 names the devices it went to, and the one it came from', async () => {
    const devices = [at('Laptop', 'delivered'), at('Phone', 'delivered')];
    const out = await show('out', { protection: 'verified', devices }, both);
    expect(heard(out)).toContain('Off the record, verified, to “Laptop” and “Phone”');
    expect(heard(out)).toContain('Delivered');
    expect(out.querySelector('.shape')?.getAttribute('title')).toContain('to “Laptop” and');
    window.close();
    const from = await show(
      'in',
      { protection: 'verified', devices: [at('Phone', 'delivered')] },
      both,
    );
    expect(heard(from)).toContain('Off the record, verified, from “Phone”');
  });

  it('ux:2.5.7 tells where it has not arrived, and sends it again on request', async () => {
    const devices = [at('Laptop', 'delivered'), at('Phone', 'failed')];
    const out = await show('out', { protection: 'verified', devices }, both);
    expect(heard(out)).toContain('Not delivered to Bob Lindqvist’s “Phone”.');
    expect(heard(out)).toContain('Delivered at “Laptop”, not delivered at “Phone”');
    expect(out.classList.contains('failed')).toBe(false);
    await window.click('button', 'Send again');
    expect(inputsOf(window.client, 'conversation.resend')).toEqual([{ id: 1, itemId: 'p1' }]);
  });

  it('ux:2.5.7 tells of which device nothing is known', async () => {
    const devices = [at('Laptop', 'delivered'), at('Phone', 'unconfirmed')];
    const out = await show('out', { protection: 'verified', devices }, both);
    expect(heard(out)).toContain('Not confirmed for Bob Lindqvist’s “Phone”. It may or may not');
    expect(heard(out)).toContain('Delivered at “Laptop”, Not confirmed at “Phone”');
    expect(out.classList.contains('unconfirmed')).toBe(false);
    await window.click('button', 'Send again');
    expect(inputsOf(window.client, 'conversation.resend')).toEqual([{ id: 1, itemId: 'p1' }]);
  });

  it('ux:2.5.7 speaks first of the device that missed it: that one it is sent to again', async () => {
    const devices = [
      at('Laptop', 'failed'),
      at('Phone', 'unconfirmed'),
      { ...at('Tablet', 'delivered'), name: { label: 'Tablet', instanceTag: '11223344' } },
    ];
    const out = await show('out', { protection: 'verified', devices }, both);
    expect(heard(out)).toContain('Not delivered to Bob Lindqvist’s “Laptop”.');
  });

  it('ux:2.5.7 tells for whom it waits, with nothing to be done', async () => {
    const devices = [at('Laptop', 'delivered'), at('Phone', 'held')];
    const out = await show('out', { protection: 'verified', devices }, both);
    expect(heard(out)).toContain('Waiting for Bob Lindqvist’s “Phone”.');
    expect(out.querySelectorAll('.note button')).toHaveLength(0);
  });

  it('ux:18 warns of a message that came in clear while off the record', async () => {
    const clear = await show('in', { plainInside: true });
    expect(clear.classList.contains('clear')).toBe(true);
    expect(heard(clear)).toContain(
      'This message came without encryption. Others may have read or changed it.',
    );
    expect(window.composer().placeholder).toBe('Off the record to Bob Lindqvist');
  });

  it('shows when a message will vanish', async () => {
    expect(heard(await show('in', { vanishesAt: today(15, 5) }))).toMatch(/Will be removed .*5/);
  });

  it('ux:I-8 shows what others wrote as text, whatever is in it', async () => {
    const text = '<img src=x onerror="alert(1)"> <b>bold</b> \u202egnirts';
    window = await openChat(viewOf('plain'), new Script().say('in', '14:05', text).items);
    const shown = window.one('.message .text');
    expect(shown.textContent).toBe(text);
    expect(shown.children).toHaveLength(0);
    expect(shown.getAttribute('dir')).toBe('auto');
  });

  it('lays out the beginning of a megabyte, and more of it on request', async () => {
    window = await openChat(
      viewOf('plain'),
      new Script().say('in', '14:05', 'long words '.repeat(100_000)).items,
    );
    const length = () => window.one('.message .text').textContent.length;
    expect(length()).toBeLessThan(5000);
    await window.click('button', 'Show more of this message');
    expect(length()).toBeGreaterThan(40_000);
    expect(length()).toBeLessThan(50_000);
  });
});
