// SPDX-License-Identifier: GPL-3.0-or-later

import { type BrowserWindow, dialog } from 'electron';
import type { Messages } from '#shared/i18n/en.ts';
import type { OpenChats } from '#shared/model/conversation.ts';

/** Both languages have two forms, as in vue-i18n: "one | many". */
function formFor(text: string, count: number): string {
  const [one = text, many = one] = text.split(' | ');
  return (count === 1 ? one : many).replaceAll('{count}', String(count));
}

/** "3 off-the-record chats will end." The safe answer is to stay. */
export async function askToQuit(
  window: BrowserWindow | undefined,
  words: Messages,
  openChats: OpenChats,
): Promise<boolean> {
  if (window === undefined || window.isDestroyed()) return true;
  const [message = '', ...details] = toSentences(words, openChats);
  const quit = openChats.ending > 0 ? words.menu['label--end-and-quit'] : words.menu['label--quit'];
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    detail: details.join(' '),
    buttons: [quit, words.action['label--cancel']],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

/** Of each kind of loss that there is, the most final one first. */
function toSentences(words: Messages, { ending, lasting, held }: OpenChats): readonly string[] {
  const kinds = [
    [words.menu['prose--quit'], ending],
    [words.menu['prose--quit-what'], ending],
    [words.menu['prose--quit-held'], held],
    [words.menu['prose--quit-lasting'], lasting],
  ] as const;
  return kinds.flatMap(([text, count]) => (count === 0 ? [] : [formFor(text, count)]));
}
