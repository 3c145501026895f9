// SPDX-License-Identifier: GPL-3.0-or-later

import { type BrowserWindow, dialog, systemPreferences } from 'electron';

export interface CameraWords {
  readonly question: string;
  readonly detail: string;
  readonly use: string;
  readonly cancel: string;
}

/**
 * Asks the user, each time and outside of the page: a page that was taken over cannot switch the
 * camera on by itself. On macOS the system asks as well, the first time.
 */
export async function askForCamera(
  window: BrowserWindow | undefined,
  words: CameraWords,
  isMac: boolean,
): Promise<boolean> {
  if (window === undefined || window.isDestroyed()) return false;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: words.question,
    detail: words.detail,
    buttons: [words.use, words.cancel],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response !== 0) return false;
  return isMac ? systemPreferences.askForMediaAccess('camera') : true;
}
