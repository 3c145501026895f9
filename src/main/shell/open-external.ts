// SPDX-License-Identifier: GPL-3.0-or-later

import { dialog, shell, type BrowserWindow } from 'electron';

export interface OpenExternalWords {
  /** A question with the place for the host: "Open {host} in your browser?" */
  readonly question: (host: string) => string;
  readonly open: string;
  readonly cancel: string;
}

export type OpenExternalOutcome = 'opened' | 'cancelled' | 'refused';

const MAX_URL_LENGTH = 2_048;

/** Web addresses without credentials. The host of the result is in punycode. */
export function validateExternalUrl(text: string): URL | undefined {
  if (text.length > MAX_URL_LENGTH || /[\p{Cc}\p{Cf}\s\\]/u.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null || url.hostname === '') return undefined;
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' ? url : undefined;
}

/**
 * The only way out to the browser. Asks the user each time, with the host as it really is.
 * @param isUserGesture a click or a key press of the user led here
 */
export async function openExternal(
  window: BrowserWindow,
  text: string,
  isUserGesture: boolean,
  words: OpenExternalWords,
): Promise<OpenExternalOutcome> {
  const url = isUserGesture ? validateExternalUrl(text) : undefined;
  if (url === undefined) return 'refused';
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: words.question(url.host),
    detail: url.href,
    buttons: [words.open, words.cancel],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response !== 0) return 'cancelled';
  await shell.openExternal(url.href);
  return 'opened';
}
