// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { en } from '#shared/i18n/en.ts';
import { messages } from '#shared/i18n/locale.ts';
import { createNotifications, noticeLines, type NoticeLevel } from '#main/shell/notifications.ts';
import { FakeNotification } from './support/fake-electron.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());

let level: NoticeLevel;
const onOpen = vi.fn();
const options = { appName: 'Sotto', level: () => level, words: () => en, onOpen };

beforeEach(() => {
  FakeNotification.all.length = 0;
  onOpen.mockClear();
  level = 'name';
});
const plain = (conversationId: string, name = 'Bob') =>
  ({ kind: 'plain', conversationId, name }) as const;
const secret = (conversationId: string) => ({ kind: 'off-the-record', conversationId }) as const;

describe('a notification', () => {
  it('sec:T-E-NOTIFY-1 never says who wrote off the record, at any level', () => {
    for (const each of ['generic', 'name'] as const) {
      level = each;
      expect(noticeLines(secret('bob@example.org'), options)).toEqual({
        title: 'Sotto',
        body: 'New message',
      });
    }
  });

  it('ux:9 speaks German as soon as the application does', () => {
    let words = messages.en;
    const later = { ...options, words: () => words };
    expect(noticeLines(plain('1'), later)?.body).toBe('New message');
    words = messages.de;
    expect(noticeLines(plain('1'), later)?.body).toBe('Neue Nachricht');
  });

  it('sec:T-E-NOTIFY-2 names the sender of a plain message only where the user wants it', () => {
    expect(noticeLines(plain('1'), options)).toEqual({ title: 'Bob', body: 'New message' });
    level = 'generic';
    expect(noticeLines(plain('1'), options)).toEqual({ title: 'Sotto', body: 'New message' });
    level = 'none';
    expect(noticeLines(plain('1'), options)).toBeUndefined();
  });

  it('sec:T-E-NOTIFY-3 shows no text of a message, whatever else is handed in', () => {
    const notifications = createNotifications(options);
    notifications.show({ ...plain('1'), text: 'canary', body: 'canary' } as never);
    notifications.show({ ...secret('2'), text: 'canary', name: 'canary' } as never);
    expect(FakeNotification.all).toHaveLength(2);
    expect(JSON.stringify(FakeNotification.all.map((each) => each.options))).not.toContain(
      'canary',
    );
  });

  it('sec:T-E-NOTIFY-4 shows a name in one short line without characters that rearrange', () => {
    const name = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(name, (each) => {
        const title = noticeLines(plain('1', each), options)?.title ?? '';
        expect(title.length).toBeGreaterThan(0);
        expect(title.length).toBeLessThanOrEqual(60);
        expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(noticeLines(plain('1', 'Bob\u202E\n'), options)?.title).toBe('Bob');
  });

  it('takes the place of the earlier one of its chat, and of no other', () => {
    const notifications = createNotifications(options);
    notifications.show(plain('1'));
    notifications.show(plain('2', 'Carol'));
    notifications.show(plain('1'));
    expect(FakeNotification.all.map(({ close }) => close.mock.calls.length)).toEqual([1, 0, 0]);
    expect(FakeNotification.all.map(({ show }) => show.mock.calls.length)).toEqual([1, 1, 1]);
  });

  it('goes when its chat is read, and all go together', () => {
    const notifications = createNotifications(options);
    notifications.show(plain('1'));
    notifications.show(secret('2'));
    notifications.remove('1');
    notifications.remove('unknown');
    expect(FakeNotification.all.map(({ close }) => close.mock.calls.length)).toEqual([1, 0]);
    notifications.removeAll();
    expect(FakeNotification.all.map(({ close }) => close.mock.calls.length)).toEqual([1, 1]);
  });

  it('opens its chat when it is clicked', () => {
    createNotifications(options).show(secret('2'));
    FakeNotification.all[0]?.emit('click');
    expect(onOpen.mock.calls).toEqual([['2']]);
  });

  it('is not shown where the system has none', () => {
    FakeNotification.isSupported.mockReturnValueOnce(false);
    createNotifications(options).show(plain('1'));
    expect(FakeNotification.all).toEqual([]);
  });
});
