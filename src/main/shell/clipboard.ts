// SPDX-License-Identifier: GPL-3.0-or-later

import { clipboard } from 'electron';

export interface CopyText {
  readonly copyText: (text: string) => Promise<void>;
  /** For codes: gone after a minute, unless something else was copied meanwhile. */
  readonly copyForAMinute: (text: string) => Promise<void>;
  /** At lock and quit: takes back what would have been taken back later. */
  readonly clearOwn: () => Promise<void>;
}

/** Calls back once after the delay; the returned function gives the call up. */
export type After = (delayMs: number, call: () => void) => () => void;

export const CLEAR_AFTER_MS = 60_000;

/** Text only goes out; nothing is ever read from the clipboard but to compare it with our own. */
export function createCopyText(after: After): CopyText {
  let own: string | undefined;
  let giveUp = (): void => undefined;
  const clearOwn = async (): Promise<void> => {
    giveUp();
    const copied = own;
    own = undefined;
    if (copied !== undefined && (await clipboard.readText()) === copied) clipboard.clear();
  };
  const copyText = async (text: string): Promise<void> => {
    giveUp();
    own = undefined;
    await clipboard.writeText(text);
  };
  return {
    copyText,
    copyForAMinute: async (text) => {
      await copyText(text);
      own = text;
      giveUp = after(CLEAR_AFTER_MS, () => void clearOwn());
    },
    clearOwn,
  };
}
