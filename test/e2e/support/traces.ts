// SPDX-License-Identifier: GPL-3.0-or-later

import type { RunningApp } from '../../../tools/driver/launch.ts';

/** Where something of a chat could stay behind outside of its window. */
export interface Traces {
  /** Title and text of each notification since they are listened to. */
  readonly notifications: readonly (readonly [title: string, body: string])[];
  readonly clipboard: string;
  /** Of the window, and of its page. */
  readonly titles: readonly string[];
  /** Names of what the page has stored for longer than it lives. */
  readonly kept: readonly string[];
  /** What it remembers as long as it lives. */
  readonly remembered: string;
}

/** The window is put behind others, so that there is something to be notified of. */
export async function listenToNotifications({ app }: RunningApp): Promise<void> {
  await app.evaluate(({ Notification, BrowserWindow }) => {
    const shown: [string, string][] = [];
    type Show = (this: Electron.Notification) => void;
    const show = Object.getOwnPropertyDescriptor(Notification.prototype, 'show')?.value as Show;
    const close = Object.getOwnPropertyDescriptor(Notification.prototype, 'close')?.value as Show;
    const open = new Set<Electron.Notification>();
    Notification.prototype.show = function showAndTell(this: Electron.Notification) {
      shown.push([this.title, this.body]);
      open.add(this);
      show.call(this);
    };
    Notification.prototype.close = function closeAndTell(this: Electron.Notification) {
      open.delete(this);
      close.call(this);
    };
    Object.assign(globalThis, { shownNotifications: shown, openNotifications: open });
    BrowserWindow.getAllWindows()[0]?.blur();
  });
}

/** How many notifications stand now. */
export const openNotifications = ({ app }: RunningApp): Promise<number> =>
  app.evaluate(
    () => (globalThis as unknown as { openNotifications: Set<unknown> }).openNotifications.size,
  );

/** What a person does with the notification that stands. */
export const clickNotification = ({ app }: RunningApp): Promise<void> =>
  app.evaluate(() => {
    const { openNotifications: open } = globalThis as unknown as {
      openNotifications: Set<Electron.Notification>;
    };
    for (const notification of open) notification.emit('click');
  });

export async function tracesOf({ app, page }: RunningApp): Promise<Traces> {
  const main = await app.evaluate(async ({ BrowserWindow, clipboard }) => {
    const { shownNotifications } = globalThis as unknown as {
      shownNotifications?: [string, string][];
    };
    return {
      notifications: shownNotifications ?? [],
      clipboard: await clipboard.readText(),
      title: BrowserWindow.getAllWindows()[0]?.getTitle() ?? '',
    };
  });
  const inPage = await page.evaluate(async () => ({
    title: document.title,
    remembered: JSON.stringify([Object.entries(sessionStorage), history.state]),
    kept: [
      ...Object.keys(localStorage),
      ...(await indexedDB.databases()).map(({ name }) => name ?? ''),
      ...(await caches.keys().catch(() => [])),
    ],
  }));
  const { notifications, clipboard } = main;
  const { kept, remembered } = inPage;
  return { notifications, clipboard, titles: [main.title, inPage.title], kept, remembered };
}
