// SPDX-License-Identifier: GPL-3.0-or-later

import { type BrowserWindow, dialog } from 'electron';
import type { Messages } from '#shared/i18n/en.ts';

/** Both languages have two forms, as in vue-i18n: "one | many". */
function formFor(text: string, count: number): string {
  const [one = text, many = one] = text.split(' | ');
  return (count === 1 ? one : many).replaceAll('{count}', String(count));
}

/** "3 off-the-record chats will end." The safe answer is to stay. */
export async function askToQuit(
  window: BrowserWindow | undefined,
  words: Messages,
  openChats: number,
): Promise<boolean> {
  if (window === undefined || window.isDestroyed()) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: formFor(words.menu['prose--quit'], openChats),
    detail: formFor(words.menu['prose--quit-what'], openChats),
    buttons: [words.menu['label--end-and-quit'], words.action['label--cancel']],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}
