// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The module `electron` of the main process, on Node and the system's Chromium.
 * Loading it sets the process up, as starting Electron's binary does.
 */
import { App } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { Clipboard } from './clipboard.ts';
import { ContentsRegistry } from './contents-registry.ts';
import { createDialog } from './dialog.ts';
import { createWindows, setHost } from './host.ts';
import { IpcMain } from './ipc-main.ts';
import { Menu, MenuItem } from './menu.ts';
import { NativeImage } from './native-image.ts';
import { NativeTheme } from './native-theme.ts';
import { Notification } from './notification.ts';
import { PowerMonitor } from './power-monitor.ts';
import { distFolder, electronVersion, parseArguments } from './runtime.ts';
import { SafeStorage } from './safe-storage.ts';
import { Screen } from './screen.ts';
import { Session, Sessions } from './session.ts';
import { Shell } from './shell.ts';
import { GlobalShortcut, PowerSaveBlocker, SystemPreferences } from './small-modules.ts';
import { Tray } from './tray.ts';
import { webContents, WebContents } from './web-contents.ts';

export const startArguments = parseArguments(process.argv);

const readOnly = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
};
readOnly(process.versions, 'electron', electronVersion);
readOnly(process, 'type', 'browser');
readOnly(process, 'defaultApp', true);
readOnly(process, 'resourcesPath', distFolder);

export const app = new App(startArguments);
export const ipcMain = new IpcMain();
export const nativeTheme = new NativeTheme();
const sessions = new Sessions();
setHost({
  app,
  ipcMain,
  sessions,
  nativeTheme,
  contents: new ContentsRegistry(),
  windows: createWindows(),
  chromium: undefined,
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    app.quit();
  });
}

export const clipboard = new Clipboard();
export const dialog = createDialog();
export const globalShortcut = new GlobalShortcut();
export const nativeImage = NativeImage;
export const powerMonitor = new PowerMonitor();
export const powerSaveBlocker = new PowerSaveBlocker();
export const protocol = sessions.defaultSession.protocol;
export const safeStorage = new SafeStorage();
export const screen = new Screen();
export const session = {
  defaultSession: sessions.defaultSession,
  fromPartition: (partition: string) => sessions.fromPartition(partition),
};
export const shell = new Shell();
export const systemPreferences = new SystemPreferences();
export { crashReporter, net } from './small-modules.ts';
export { BrowserWindow, Menu, MenuItem, Notification, Session, Tray, webContents, WebContents };

// What a main process finds undefined in Electron too, and what the double does not have.
export const contextBridge = undefined;
export const ipcRenderer = undefined;
export const webFrame = undefined;
export const webUtils = undefined;
export const autoUpdater = undefined;
export const desktopCapturer = undefined;
export const utilityProcess = undefined;
