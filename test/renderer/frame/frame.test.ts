// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { accountView, appView, contactViews } from '../../renderer-browser/preview/sample.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow } from '../../support/open-window.ts';

let window: OpenWindow;

const banner = (): string =>
  document.querySelector('.cell.list .banner')?.textContent.replace(/\s+/g, ' ') ?? '';

afterEach(() => {
  window.close();
});

describe('the connection', () => {
  it('says nothing while all is well', async () => {
    window = await openWindow(mainOf());
    expect(document.querySelector('.banner')).toBeNull();
  });

  it('ux:24 says when it is tried again, in words and once aloud, and tries at once if asked', async () => {
    const client = mainOf();
    window = await openWindow(client);
    client.emit('account.changed', {
      ...accountView,
      connection: { tag: 'waiting', attempt: 2, retryAt: Date.now() + 50_000 },
    });
    await window.settle();
    expect(banner()).toMatch(/Next attempt in [345]\d seconds\./);
    const spoken = document.querySelector('.cell.list .banner [role=status]');
    expect(spoken?.textContent).toBe('No connection');
    await window.click('button', 'Try now');
    expect(inputsOf(client, 'account.connect')).toHaveLength(1);
  });

  it('leads to the password when that is what is wrong', async () => {
    const client = mainOf({
      account: { ...accountView, connection: { tag: 'failed', code: 'auth-failed' } },
    });
    window = await openWindow(client);
    await window.click('button', 'Change password');
    expect(window.router.currentRoute.value.params).toEqual({ section: 'account' });
    expect(inputsOf(client, 'account.connect')).toHaveLength(0);
  });
});

describe('sec:F-CLK-1 a clock that is wrong', () => {
  const HOUR_MS = 3_600_000;

  it.each([
    [3 * HOUR_MS, '3 hours ahead of your server’s'],
    [-HOUR_MS, '1 hour behind your server’s'],
    [-72 * HOUR_MS, '3 days behind your server’s'],
  ])('%i ms: is told with a way on', async (clockAheadMs, words) => {
    window = await openWindow(mainOf({ account: { ...accountView, clockAheadMs } }));
    expect(banner()).toContain(words);
    expect(banner()).toContain('Set it right: until then, off the record may not start.');
  });

  it('waits until there is a connection again', async () => {
    window = await openWindow(
      mainOf({
        account: { ...accountView, clockAheadMs: HOUR_MS, connection: { tag: 'offline' } },
      }),
    );
    expect(banner()).toContain('You are signed out.');
    expect(document.querySelectorAll('.cell.list .banner')).toHaveLength(1);
  });
});

describe('what is dropped', () => {
  it('sec:2.1 never takes the place of the application', async () => {
    window = await openWindow(mainOf());
    for (const kind of ['dragover', 'drop']) {
      const dropped = new Event(kind, { bubbles: true, cancelable: true });
      document.body.dispatchEvent(dropped);
      expect(dropped.defaultPrevented, kind).toBe(true);
      const files = new Event(kind, { bubbles: true, cancelable: true });
      Object.assign(files, { dataTransfer: { types: ['Files'] } });
      window.find('field', 'Search').dispatchEvent(files);
      expect(files.defaultPrevented, kind).toBe(true);
      const text = new Event(kind, { bubbles: true, cancelable: true });
      Object.assign(text, { dataTransfer: { types: ['text/plain'] } });
      window.find('field', 'Search').dispatchEvent(text);
      expect(text.defaultPrevented, kind).toBe(false);
    }
  });
});

describe('shortcuts', () => {
  it('open their own sheet, from the keyboard and from the menu', async () => {
    const client = mainOf();
    window = await openWindow(client);
    const pressed = await window.press(document.body, '/', { ctrlKey: true });
    expect(pressed.defaultPrevented).toBe(true);
    expect(window.has('dialog', 'Shortcuts')).toBe(true);
    await window.click('button', 'Close');
    client.emit('app.command', 'shortcuts');
    await window.settle();
    expect(window.has('dialog', 'Shortcuts')).toBe(true);
  });

  it('go from chat to chat and round again', async () => {
    window = await openWindow(mainOf());
    await window.press(document.body, 'ArrowUp', { altKey: true });
    expect(window.router.currentRoute.value.params).toEqual({ id: '9' });
    await window.press(document.body, 'ArrowDown', { altKey: true });
    expect(window.router.currentRoute.value.params).toEqual({ id: '1' });
    await window.press(document.body, 'Tab', { ctrlKey: true });
    expect(window.router.currentRoute.value.params).toEqual({ id: '2' });
  });

  it('find a chat, begin one, open the settings and lock, but not behind an open dialog', async () => {
    const client = mainOf();
    window = await openWindow(client);
    await window.press(document.body, 'k', { ctrlKey: true });
    expect(document.activeElement).toBe(window.find('field', 'Search'));
    await window.press(document.body, 'n', { ctrlKey: true });
    expect(window.has('dialog', 'Add a contact')).toBe(true);
    await window.press(document.body, ',', { ctrlKey: true });
    expect(window.router.currentRoute.value.name).toBe('chats');
    await window.click('button', 'Cancel');
    await window.press(document.body, ',', { ctrlKey: true });
    expect(window.router.currentRoute.value.name).toBe('settings');
    await window.press(document.body, 'l', { ctrlKey: true });
    expect(inputsOf(client, 'vault.lock')).toHaveLength(1);
  });

  it('leave to the system what nobody here does something about', async () => {
    window = await openWindow(mainOf());
    const pressed = await window.press(document.body, 'y', { ctrlKey: true, shiftKey: true });
    expect(pressed.defaultPrevented).toBe(false);
    const typed = await window.press(document.body, 'k');
    expect(typed.defaultPrevented).toBe(false);
  });

  it('take Command for Ctrl on a Mac', async () => {
    window = await openWindow(mainOf({ app: { ...appView, platform: 'mac' } }));
    await window.press(document.body, '/', { ctrlKey: true });
    expect(window.has('dialog', 'Shortcuts')).toBe(false);
    await window.press(document.body, '/', { metaKey: true });
    expect(window.has('dialog', 'Shortcuts')).toBe(true);
    expect(document.querySelector('[role=dialog] kbd')?.textContent).toBe('⌘');
  });
});

describe('ux:21 a notification that was clicked', () => {
  it('brings its chat on screen, each time', async () => {
    const client = mainOf();
    window = await openWindow(client);
    const [contact] = contactViews;
    if (contact === undefined) throw new TypeError('the sample has no contacts');
    for (let click = 0; click < 2; click += 1) {
      client.emit('conversation.show', contact.id);
      await window.settle();
      expect(window.router.currentRoute.value).toMatchObject({
        name: 'chat',
        params: { id: String(contact.id) },
      });
      await window.router.push({ name: 'chats' });
    }
  });
});

describe('locking a profile that the key store opens by itself', () => {
  it.each(['by its button', 'by its shortcut'])('leads to the passphrase, %s', async (how) => {
    const client = mainOf({
      answers: { 'vault.lock': () => refuse('lock-needs-passphrase') },
    });
    window = await openWindow(client);
    if (how === 'by its button') await window.click('button', 'Lock Sotto');
    else await window.press(document.body, 'l', { ctrlKey: true });
    expect(window.router.currentRoute.value).toMatchObject({
      name: 'settings',
      params: { section: 'locking' },
    });
    expect(document.body.textContent).toContain('Choose a passphrase first.');
  });
});
