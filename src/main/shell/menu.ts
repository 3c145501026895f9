// SPDX-License-Identifier: GPL-3.0-or-later

import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { Messages } from '#shared/i18n/en.ts';
import type { MenuCommand } from '#shared/ipc/commands.ts';

export interface MenuOptions {
  readonly isMac: boolean;
  readonly appName: string;
  /** What has a shortcut is called as in the sheet of shortcuts, so that both say the same. */
  readonly words: Messages;
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
const zoomAndWindow = (words: Messages): readonly MenuItemConstructorOptions[] => [
  { role: 'resetZoom', label: words.menu['label--actual-size'] },
  { role: 'zoomIn', label: words.menu['label--zoom-in'] },
  { role: 'zoomOut', label: words.menu['label--zoom-out'] },
  line,
  { role: 'togglefullscreen', label: words.menu['label--full-screen'] },
  { role: 'minimize', label: words.menu['label--minimize'] },
];

/** Roles come with words in English alone, so each gets its own. */
const editMenu = (words: Messages): MenuItemConstructorOptions => ({
  role: 'editMenu',
  label: words.menu['label--edit'],
  submenu: [
    { role: 'undo', label: words.menu['label--undo'] },
    { role: 'redo', label: words.menu['label--redo'] },
    line,
    { role: 'cut', label: words.menu['label--cut'] },
    { role: 'copy', label: words.menu['label--copy'] },
    { role: 'paste', label: words.menu['label--paste'] },
    { role: 'pasteAndMatchStyle', label: words.menu['label--paste-plain'] },
    { role: 'delete', label: words.menu['label--delete'] },
    line,
    { role: 'selectAll', label: words.menu['label--select-all'] },
  ],
});

/** No reload, no developer tools: neither role is in it. The id of an item is its command. */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { isMac, appName, words, send, lock } = options;
  const item = (id: MenuCommand | 'lock', click: () => void): MenuItemConstructorOptions => ({
    id,
    label: words.shortcuts[`label--${id}`],
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
  const lockAndQuit = [item('lock', lock), quitItem(words)];
  return [
    ...(isMac ? [macMenu(appName, words, [command('settings'), item('lock', lock)])] : []),
    {
      label: words.shortcuts['label--chats'],
      submenu: [...chats, line, ...(isMac ? [] : [command('settings'), ...lockAndQuit])],
    },
    editMenu(words),
    {
      label: words.shortcuts['label--off-the-record'],
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
      label: words.shortcuts['label--window'],
      submenu: [
        ...zoomAndWindow(words),
        { role: 'close', label: words.menu['label--close'] },
        line,
        command('next-region'),
        command('previous-region'),
        command('shortcuts'),
      ],
    },
  ];
}

const quitItem = (words: Messages): MenuItemConstructorOptions => ({
  role: 'quit',
  label: words.menu['label--quit'],
});

function macMenu(
  appName: string,
  words: Messages,
  ours: readonly MenuItemConstructorOptions[],
): MenuItemConstructorOptions {
  return {
    label: appName,
    submenu: [
      { role: 'about', label: words.menu['label--about'] },
      line,
      ...ours,
      line,
      { role: 'services', label: words.menu['label--services'] },
      line,
      { role: 'hide', label: words.menu['label--hide'] },
      { role: 'hideOthers', label: words.menu['label--hide-others'] },
      { role: 'unhide', label: words.menu['label--unhide'] },
      line,
      quitItem(words),
    ],
  };
}

export function installMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}
