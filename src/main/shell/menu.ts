// SPDX-License-Identifier: GPL-3.0-or-later

import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '#shared/ipc/commands.ts';

/** Words of the menu: those of the shortcut sheet, so that both say the same. */
export type MenuWords = Readonly<
  Record<`label--${MenuCommand | 'lock' | 'chats' | 'off-the-record' | 'window'}`, string>
>;

export interface MenuOptions {
  readonly isMac: boolean;
  readonly appName: string;
  readonly words: MenuWords;
  /** Asks the window to do what its own shortcuts do. */
  readonly send: (command: MenuCommand) => void;
  readonly lock: () => void;
}

/**
 * The accelerators show in the menu and serve a window that has no focus inside. A window that
 * handles the keys itself prevents the default, so nothing happens twice.
 */
const accelerators: Readonly<Record<MenuCommand | 'lock', string>> = {
  'new-chat': 'CmdOrCtrl+N',
  'find-chat': 'CmdOrCtrl+K',
  'search-all': 'CmdOrCtrl+Shift+F',
  'next-chat': 'Alt+Down',
  'previous-chat': 'Alt+Up',
  'start-off-the-record': 'CmdOrCtrl+Shift+O',
  'end-off-the-record': 'CmdOrCtrl+Shift+E',
  verify: 'CmdOrCtrl+Shift+Y',
  'toggle-panel': 'CmdOrCtrl+Shift+P',
  'clear-off-the-record': 'CmdOrCtrl+Shift+Delete',
  settings: 'CmdOrCtrl+,',
  shortcuts: 'CmdOrCtrl+/',
  'next-region': 'F6',
  'previous-region': 'Shift+F6',
  lock: 'CmdOrCtrl+L',
};

const line: MenuItemConstructorOptions = { type: 'separator' };
const zoomAndWindow: readonly MenuItemConstructorOptions[] = [
  { role: 'resetZoom' },
  { role: 'zoomIn' },
  { role: 'zoomOut' },
  line,
  { role: 'togglefullscreen' },
  { role: 'minimize' },
];

/** No reload, no developer tools: neither role is in it. The id of an item is its command. */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { isMac, appName, words, send, lock } = options;
  const item = (id: MenuCommand | 'lock', click: () => void): MenuItemConstructorOptions => ({
    id,
    label: words[`label--${id}`],
    accelerator: accelerators[id],
    click,
  });
  const command = (id: MenuCommand): MenuItemConstructorOptions =>
    item(id, () => {
      send(id);
    });
  const chats = (
    ['new-chat', 'find-chat', 'search-all', 'next-chat', 'previous-chat'] as const
  ).map(command);
  const lockAndQuit = [item('lock', lock), { role: 'quit' } as const];
  return [
    ...(isMac ? [macMenu(appName, [command('settings'), item('lock', lock)])] : []),
    {
      label: words['label--chats'],
      submenu: [...chats, line, ...(isMac ? [] : [command('settings'), ...lockAndQuit])],
    },
    { role: 'editMenu' },
    {
      label: words['label--off-the-record'],
      submenu: [
        command('toggle-panel'),
        command('start-off-the-record'),
        command('verify'),
        command('end-off-the-record'),
        line,
        command('clear-off-the-record'),
      ],
    },
    {
      role: 'window',
      label: words['label--window'],
      submenu: [
        ...zoomAndWindow,
        { role: 'close' },
        line,
        command('next-region'),
        command('previous-region'),
        command('shortcuts'),
      ],
    },
  ];
}

function macMenu(
  appName: string,
  ours: readonly MenuItemConstructorOptions[],
): MenuItemConstructorOptions {
  return {
    label: appName,
    submenu: [
      { role: 'about' },
      line,
      ...ours,
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
}

export function installMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}
