// SPDX-License-Identifier: GPL-3.0-or-later

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { app, type BrowserWindow, dialog, session } from 'electron';
import type { Messages } from '#shared/i18n/en.ts';
import type { OpenChats } from '#shared/model/conversation.ts';
import type { Keyring } from '#main/vault/keyring.ts';
import {
  createAppHandler,
  createDevelopmentHandler,
  listBundle,
  registerAppScheme,
  serveApp,
} from './app-protocol.ts';
import { askToQuit } from './ask-to-quit.ts';
import { askForCamera, type CameraWords } from './camera.ts';
import { type After, type CopyText, createCopyText } from './clipboard.ts';
import { hardenApp, hardenSession } from './hardening.ts';
import { type IpcHost, type SenderRefusal, serveIpc } from './ipc-host.ts';
import { createLinkHandler, type LinkHandler } from './link-handler.ts';
import { type Lifecycle, startLifecycle } from './lifecycle.ts';
import { installMenu, type MenuOptions } from './menu.ts';
import { createNotifications, type Notice, type NotificationOptions } from './notifications.ts';
import { UI_PARTITION } from './origin.ts';
import { watchPower } from './power.ts';
import { createSafeStorageKeyring } from './safe-storage.ts';
import { findLink, takeSingleInstance } from './single-instance.ts';
import { findRefusal, hardenProcess } from './start-checks.ts';
import { frameColor } from './theme.ts';
import { createWindowStateFile } from './window-state-file.ts';
import { openWindow, revealWindow } from './window.ts';

/** What the desktop gives before any window is open. */
export interface Desktop {
  /** Where everything of this profile is kept. */
  readonly folder: string;
  readonly version: string;
  /** BCP 47 tag of the user's language. */
  readonly language: string;
  /** The languages that the user set in the system, the dearest first. */
  readonly languages: readonly string[];
  readonly keyring: Keyring;
  readonly clipboard: CopyText;
  readonly linkHandler: LinkHandler;
  /** Asks where, and writes there. False: the user cancelled. */
  readonly saveFile: (bytes: Uint8Array, suggestedName: string) => Promise<boolean>;
  readonly serve: (rooms: WindowRooms) => OpenDesktop;
}

/** What the window is served by. */
export interface WindowRooms {
  readonly dispatch: (name: string, input: unknown) => Promise<unknown>;
  readonly onRefused: (why: SenderRefusal) => void;
  /** Says goodbye and closes everything, once. */
  readonly stop: () => Promise<void>;
  readonly onStopFailed: (cause: unknown) => void;
  /** What is off the record now. */
  readonly openChats: () => OpenChats;
  readonly onScreenLocked: () => void;
  /** An `xmpp:` link was opened in the system, unread and untrusted. */
  readonly onLink: (link: string) => void;
  readonly onResume: () => void;
  /** As they are to be said now. */
  readonly words: () => Messages;
  readonly menu: Pick<MenuOptions, 'send' | 'lock'>;
  readonly notifications: Pick<NotificationOptions, 'level' | 'onOpen'>;
}

export interface OpenDesktop {
  /** Opens the window. Resolves when its page has loaded. */
  readonly show: () => Promise<void>;
  readonly publish: IpcHost['publish'];
  readonly lock: Lifecycle['lock'];
  /** Nothing is announced while the user looks at the window. */
  readonly announce: (notice: Notice) => void;
  readonly forget: (conversationId: string) => void;
  /** Says again, in the words of now, what stays on screen. */
  readonly speak: () => void;
}

export interface DesktopOptions {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly userId: number | undefined;
  readonly after: After;
}

/** As long as goodbyes may take before the process ends all the same. */
const STOP_TIMEOUT_MS = 4_000;
const END_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Refuses, hardens and waits. Undefined: this process has to end, and does. */
export async function startDesktop(options: DesktopOptions): Promise<Desktop | undefined> {
  const { environment, platform } = options;
  let window: BrowserWindow | undefined;
  const isRefused = findRefusal({ ...options, isPackaged: app.isPackaged }) !== undefined;
  const reveal = (): void => {
    if (window !== undefined && !window.isDestroyed()) revealWindow(window);
  };
  const links = new EarlyLinks(findLink(options.argv));
  const onLink = (link: string): void => {
    reveal();
    links.take(link);
  };
  if (isRefused || !takeSingleInstance(app, { onSecondStart: reveal, onLink })) {
    app.exit(isRefused ? 1 : 0);
    return undefined;
  }
  hardenProcess(app, environment);
  registerAppScheme();
  hardenApp(app);
  await app.whenReady();
  const clipboard = createCopyText(options.after);
  return {
    folder: app.getPath('userData'),
    version: app.getVersion(),
    language: app.getLocale(),
    languages: [...app.getPreferredSystemLanguages(), app.getLocale()],
    keyring: createSafeStorageKeyring(platform),
    clipboard,
    linkHandler: createLinkHandler(app),
    saveFile,
    serve: (rooms) => {
      const open = serveDesktop(options, rooms, clipboard, {
        get: () => window,
        set: (opened) => {
          window = opened;
        },
      });
      links.serve(rooms.onLink);
      return open;
    },
  };
}

/** The system may open a link before anybody can read it: the last one waits. */
class EarlyLinks {
  #waiting: string | undefined;
  #serve: ((link: string) => void) | undefined;

  constructor(first: string | undefined) {
    this.#waiting = first;
  }

  take(link: string): void {
    if (this.#serve === undefined) this.#waiting = link;
    else this.#serve(link);
  }

  serve(serve: (link: string) => void): void {
    this.#serve = serve;
    if (this.#waiting !== undefined) serve(this.#waiting);
    this.#waiting = undefined;
  }
}

interface WindowCell {
  readonly get: () => BrowserWindow | undefined;
  readonly set: (window: BrowserWindow) => void;
}

const watchedBy = (cell: WindowCell, lifecycle: () => Lifecycle): WindowCell => ({
  get: cell.get,
  set: (opened) => {
    cell.set(opened);
    opened.on('close', (event) => {
      lifecycle().holdWindow(event);
    });
  },
});

function listenToSystem(rooms: WindowRooms, { quitNow }: Lifecycle): void {
  for (const signal of END_SIGNALS) process.on(signal, quitNow);
  watchPower({
    onSuspend: () => undefined,
    onResume: rooms.onResume,
    onScreenLocked: rooms.onScreenLocked,
  });
}

function serveDesktop(
  { environment, platform, after }: DesktopOptions,
  rooms: WindowRooms,
  clipboard: CopyText,
  outer: WindowCell,
): OpenDesktop {
  const isMac = platform === 'darwin';
  const cell = watchedBy(outer, () => lifecycle);
  const ipc = serveIpc({ window: cell.get, ...rooms });
  const show = (): void => {
    void showWindow(cell);
  };
  const notifications = createNotifications({
    appName: app.getName(),
    ...rooms.notifications,
    words: rooms.words,
    onOpen: (conversationId) => {
      show();
      rooms.notifications.onOpen(conversationId);
    },
  });
  const lifecycle = startLifecycle({
    stop: async () => {
      notifications.removeAll();
      await clipboard.clearOwn();
      await rooms.stop();
    },
    openChats: rooms.openChats,
    askToQuit: (openChats) => askToQuit(cell.get(), rooms.words(), openChats),
    stopTimeoutMs: STOP_TIMEOUT_MS,
    after,
    isMac,
    onActivate: show,
    onRendererGone: () => {
      void replaceWindow(cell);
    },
    onStopFailed: rooms.onStopFailed,
  });
  listenToSystem(rooms, lifecycle);
  const speak = (): void => {
    installMenu({ isMac, appName: app.getName(), words: rooms.words(), ...rooms.menu });
  };
  speak();
  return {
    show: async () => {
      await prepareSessions(environment.ELECTRON_RENDERER_URL, () =>
        askForCamera(cell.get(), cameraWords(rooms.words()), isMac),
      );
      await showWindow(cell);
    },
    publish: ipc.publish,
    lock: lifecycle.lock,
    announce: (notice) => {
      if (cell.get()?.isFocused() !== true) notifications.show(notice);
    },
    forget: notifications.remove,
    speak,
  };
}

async function showWindow(cell: WindowCell): Promise<void> {
  const open = cell.get();
  if (open !== undefined && !open.isDestroyed()) {
    revealWindow(open);
    return;
  }
  const state = createWindowStateFile(join(app.getPath('userData'), 'window.json'));
  const opening = openWindow({
    preload: join(app.getAppPath(), 'out/preload/index.cjs'),
    isPackaged: app.isPackaged,
    backgroundColor: frameColor(),
    state: state.load(),
    saveState: state.save,
    onCreated: cell.set,
  });
  try {
    await opening;
  } catch (cause) {
    // Closed again before its page had loaded: that is the user's right, and no failure.
    if (cell.get()?.isDestroyed() !== true) throw cause;
  }
}

/** The page crashed or was killed: it held nothing, so a new one takes its place. */
async function replaceWindow(cell: WindowCell): Promise<void> {
  const crashed = cell.get();
  await Promise.resolve();
  const replaced = showWindow({ get: () => undefined, set: cell.set });
  if (crashed !== undefined && !crashed.isDestroyed()) crashed.destroy();
  await replaced;
}

const cameraWords = (words: Messages): CameraWords => ({
  question: words.menu['prose--camera'],
  detail: words.menu['prose--camera-what'],
  use: words.menu['label--camera'],
  cancel: words.action['label--cancel'],
});

async function prepareSessions(
  devServerUrl: string | undefined,
  mayUseCamera: () => Promise<boolean>,
): Promise<void> {
  const devServer =
    devServerUrl === undefined || app.isPackaged ? undefined : new URL(devServerUrl);
  const ui = session.fromPartition(UI_PARTITION);
  await hardenSession(session.defaultSession);
  await hardenSession(ui, devServer === undefined ? { mayUseCamera } : { devServer });
  const handler =
    devServer === undefined
      ? createAppHandler(await listBundle(join(app.getAppPath(), 'out/renderer')))
      : createDevelopmentHandler(devServer);
  serveApp(ui, handler);
}

async function saveFile(bytes: Uint8Array, suggestedName: string): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: suggestedName });
  if (canceled || filePath === '') return false;
  await writeFile(filePath, bytes, { mode: 0o600 });
  return true;
}
