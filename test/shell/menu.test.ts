// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { en } from '#shared/i18n/en.ts';
import { messages } from '#shared/i18n/locale.ts';
import { installMenu, menuTemplate, type MenuOptions } from '#main/shell/menu.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());

const send = vi.fn();
const lock = vi.fn();
const options = (isMac: boolean, words = en): MenuOptions => ({
  isMac,
  appName: 'Sotto',
  words,
  send,
  lock,
});

function flatten(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [
    item,
    ...(Array.isArray(item.submenu) ? flatten(item.submenu) : []),
  ]);
}
const allItems = (isMac: boolean): MenuItemConstructorOptions[] =>
  flatten(menuTemplate(options(isMac)));

const expectedAccelerators = {
  'new-chat': 'CmdOrCtrl+N',
  'find-chat': 'CmdOrCtrl+K',
  'search-all': 'CmdOrCtrl+Shift+F',
  'next-chat': 'Alt+Down',
  'previous-chat': 'Alt+Up',
  settings: 'CmdOrCtrl+,',
  lock: 'CmdOrCtrl+L',
  'toggle-panel': 'CmdOrCtrl+Shift+P',
  'start-off-the-record': 'CmdOrCtrl+Shift+O',
  verify: 'CmdOrCtrl+Shift+Y',
  'end-off-the-record': 'CmdOrCtrl+Shift+E',
  'clear-off-the-record': 'CmdOrCtrl+Shift+Delete',
  'next-region': 'F6',
  'previous-region': 'Shift+F6',
  shortcuts: 'CmdOrCtrl+/',
};

describe.each([
  ['Linux and Windows', false],
  ['macOS', true],
])('the menu on %s', (_name, isMac) => {
  it('has every command once, with its shortcut and a word', () => {
    const ours = allItems(isMac).filter(({ id }) => id !== undefined);
    const found = Object.fromEntries(ours.map(({ id, accelerator }) => [String(id), accelerator]));
    expect(found).toEqual(expectedAccelerators);
    expect(ours).toHaveLength(Object.keys(expectedAccelerators).length);
    expect(ours.every(({ label = '' }) => label.length > 2)).toBe(true);
  });

  it('sec:T-E-MENU-1 has neither reload nor developer tools', () => {
    const roles = allItems(isMac).map(({ role }) => role);
    for (const role of ['reload', 'forceReload', 'toggleDevTools', 'viewMenu']) {
      expect(roles).not.toContain(role);
    }
    expect(roles).toContain('quit');
    expect(roles).toContain('close');
    expect(roles).toContain('editMenu');
  });

  it('gives no shortcut to two items', () => {
    const keys = allItems(isMac).flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('sends the command of the item that is chosen', () => {
    for (const item of allItems(isMac)) {
      send.mockClear();
      lock.mockClear();
      (item.click as (() => void) | undefined)?.();
      if (item.id === 'lock') expect(lock).toHaveBeenCalledOnce();
      else expect(send.mock.calls).toEqual(item.id === undefined ? [] : [[item.id]]);
    }
  });
});

it('the menu on macOS keeps settings and quit where its users look for them', () => {
  const [first] = menuTemplate(options(true));
  expect(first?.label).toBe('Sotto');
  const inside = flatten([first ?? {}]);
  expect(inside.map(({ id, role }) => id ?? role)).toEqual(
    expect.arrayContaining(['about', 'settings', 'services', 'hide', 'quit']),
  );
});

it('the menu is set for the whole application', () => {
  installMenu(options(false));
  expect(vi.mocked(electron.Menu).setApplicationMenu.mock.calls).toHaveLength(1);
});

it('ux:9 the menu has a word in German for every item, roles too', () => {
  for (const isMac of [false, true]) {
    const german = flatten(menuTemplate(options(isMac, messages.de)));
    const english = flatten(menuTemplate(options(isMac)));
    const worded = german.filter(({ type }) => type !== 'separator');
    expect(worded.filter(({ label }) => label === undefined)).toEqual([]);
    const labels = new Set(english.map(({ label }) => label));
    const left = worded.filter(({ label }) => labels.has(label)).map(({ label }) => label);
    expect(left).toEqual(isMac ? ['Sotto', 'Chats'] : ['Chats']);
  }
});
