// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import type { AppError } from '#shared/errors/app-error.ts';
import type { Result } from '#shared/std/result.ts';
import type { Person } from './pair.ts';

/** What the page's own window may ask of main, for what no control offers. */
export async function ask(page: Page, name: string, input: unknown): Promise<unknown> {
  const answer = await page.evaluate(([channel, body]) => window.bridge.request(channel, body), [
    name,
    input,
  ] as const);
  const result = answer as Result<unknown, AppError>;
  if (!result.ok) throw new Error(`${name}: ${result.error.code}`);
  return result.value;
}

/** Of the only contact there is. */
export async function conversationId(page: Page): Promise<unknown> {
  const [contact] = (await ask(page, 'contact.list', {})) as readonly { readonly id: unknown }[];
  if (contact === undefined) throw new RangeError('there is no contact');
  return contact.id;
}

/** So much time passes for an application that noticed nothing of it, as of a laptop that was shut. */
export async function oversleep(person: Person, ms: number): Promise<void> {
  await passTime(person, ms);
  await person.running.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
}

/** Its clocks are ahead by so much, and nothing has happened. */
export async function passTime({ running }: Person, ms: number): Promise<void> {
  await running.app.evaluate((_, byMs) => {
    const wall = Date.now.bind(Date);
    const monotonic = performance.now.bind(performance);
    Date.now = () => wall() + byMs;
    performance.now = () => monotonic() + byMs;
  }, ms);
}

/** What somebody is asked who wants to quit. They stay. */
export const askedAtQuit = ({ running }: Person): Promise<string> =>
  running.app.evaluate(({ app, dialog }) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    dialog.showMessageBox = (...asked: readonly object[]) => {
      const { message, detail = '' } = asked.at(-1) as Electron.MessageBoxOptions;
      resolve(`${message} ${detail}`.trim());
      return Promise.resolve({ response: 1, checkboxChecked: false });
    };
    app.quit();
    return promise;
  });

/** Stops what main tells the window, so that the window shows the past until it is let go. */
export async function holdWindow({ running }: Person): Promise<() => Promise<void>> {
  await running.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) throw new TypeError('there is no window');
    const { webContents } = window;
    const send = webContents.send.bind(webContents);
    const waiting: Parameters<typeof send>[] = [];
    webContents.send = (...told) => {
      waiting.push(told);
    };
    Object.assign(webContents, {
      letGo: () => {
        webContents.send = send;
        for (const told of waiting.splice(0)) send(...told);
      },
    });
  });
  return async () => {
    await running.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      (window?.webContents as unknown as { letGo: () => void }).letGo();
    });
  };
}
