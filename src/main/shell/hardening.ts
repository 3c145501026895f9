// SPDX-License-Identifier: GPL-3.0-or-later

import type { App, Input, ProxyConfig, Session, WebContents } from 'electron';
import { asksForCamera } from './camera-request.ts';
import { APP_ORIGIN } from './origin.ts';

/** Nothing listens there: whatever gets past the request filter ends at a closed door. */
export const CLOSED_PROXY: ProxyConfig = {
  mode: 'fixed_servers',
  proxyRules: '127.0.0.1:9',
  // Without this Chromium reaches the user's own machine directly.
  proxyBypassRules: '<-loopback>',
};

export interface SessionRules {
  /** Of the dev server, in `npm run dev` only: the one other place that may be reached. */
  readonly devServer?: URL;
  /** Asks the user. Without it nobody gets the camera. */
  readonly mayUseCamera?: () => Promise<boolean>;
}

/** Whether the renderer may ask for this address. */
export function isAllowedUrl(url: string, { devServer }: SessionRules = {}): boolean {
  if (url.startsWith(`${APP_ORIGIN}/`)) return true;
  return devServer !== undefined && url.startsWith(`ws://${devServer.host}/`);
}

/**
 * Refuses all that a page can ask of a session, but the camera. Electron grants everything by default, so this is
 * for the session of the window and for the default one, which nothing uses.
 */
export async function hardenSession(session: Session, rules: SessionRules = {}): Promise<void> {
  const { mayUseCamera } = rules;
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const { isMainFrame, requestingUrl: url } = details;
    const mediaTypes = 'mediaTypes' in details ? details.mediaTypes : undefined;
    const isCamera = asksForCamera({ permission, isMainFrame, url, mediaTypes });
    if (mayUseCamera === undefined || !isCamera) callback(false);
    else
      void mayUseCamera().then(callback, () => {
        callback(false);
      });
  });
  // Says that one may ask; whether one gets it is decided above.
  session.setPermissionCheckHandler((_contents, permission, url, { isMainFrame, mediaType }) => {
    const mediaTypes = mediaType === undefined ? undefined : [mediaType];
    return (
      mayUseCamera !== undefined && asksForCamera({ permission, isMainFrame, url, mediaTypes })
    );
  });
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => {
    callback({});
  });
  session.setBluetoothPairingHandler((_details, callback) => {
    callback({ confirmed: false });
  });
  for (const device of ['select-hid-device', 'select-serial-port', 'select-usb-device'] as const) {
    refuseDevice(session, device);
  }
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    callback({ cancel: !isAllowedUrl(url, rules) });
  });
  session.setSpellCheckerEnabled(false);
  session.setSSLConfig({ minVersion: 'tls1.2' });
  if (rules.devServer === undefined) {
    session.enableNetworkEmulation({ offline: true });
    await session.setProxy(CLOSED_PROXY);
  }
  await session.clearData();
}

type DeviceEvent = 'select-hid-device' | 'select-serial-port' | 'select-usb-device';

function refuseDevice(session: Session, device: DeviceEvent): void {
  // The three events differ only in what they offer; none of it is looked at.
  session.on(device as 'select-hid-device', (event) => {
    event.preventDefault();
  });
}

/** Keys that open developer tools. */
export function opensDevTools({ type, key, control, meta, alt, shift }: Input): boolean {
  if (type !== 'keyDown') return false;
  const letter = key.toLowerCase();
  const isPanel = ['i', 'j', 'c'].includes(letter);
  return key === 'F12' || (isPanel && ((control && shift) || (meta && alt)));
}

/** A page goes nowhere, opens nothing and embeds nothing. */
export function hardenContents(contents: WebContents, isPackaged: boolean): void {
  contents.on('will-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.on('select-bluetooth-device', (event, _devices, callback) => {
    event.preventDefault();
    callback('');
  });
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('did-create-window', (window) => {
    window.destroy();
  });
  contents.on('before-input-event', (event, input) => {
    if (isPackaged && opensDevTools(input)) event.preventDefault();
  });
}

/** For all windows, present and to come; before the first one is opened. */
export function hardenApp(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    hardenContents(contents, app.isPackaged);
  });
  // No name and no password: the answer is the fourth argument after the event.
  app.on('login', (event, ...rest) => {
    event.preventDefault();
    rest[3]();
  });
  // Electron would choose the first certificate.
  app.on('select-client-certificate', (event, ...rest) => {
    event.preventDefault();
    rest[3]();
  });
  app.on('certificate-error', (event, ...rest) => {
    event.preventDefault();
    rest[4](false);
  });
}
