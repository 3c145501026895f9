// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import type { BrowserWindow, IpcMainInvokeEvent, WebFrameMain } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { contract } from '#shared/ipc/contract.ts';
import { serveIpc, type IpcHost } from '#main/shell/ipc-host.ts';
import { FakeContents, FakeWindow } from './support/fake-electron.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());

type Listener = (event: unknown, name: unknown, input: unknown) => unknown;
type Event = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

let window: FakeWindow | undefined;
let host: IpcHost;
let listener: Listener;
const dispatch = vi.fn((name: string, input: unknown) => Promise.resolve([name, input]));
const onRefused = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  window = new FakeWindow();
  host = serveIpc({
    window: () => window as unknown as BrowserWindow | undefined,
    dispatch,
    onRefused,
  });
  listener = vi.mocked(electron.ipcMain).handle.mock.calls.at(-1)?.[1] as Listener;
});

const eventOf = (contents: FakeContents, frame?: Partial<WebFrameMain> | null): Event =>
  ({
    sender: contents,
    senderFrame: frame === undefined ? contents.mainFrame : frame,
  }) as unknown as Event;

/** The frame of our own window, which has gone to another place meanwhile. */
function movedTo(url: string, origin: string): Event {
  const contents = window?.webContents ?? new FakeContents();
  Object.assign(contents.mainFrame, { url, origin });
  return eventOf(contents);
}

const badSenders: readonly (readonly [string, string, () => Event])[] = [
  ['a frame that has gone', 'no-frame', () => eventOf(new FakeContents(), null)],
  [
    'a frame inside the page',
    'other-frame',
    () => {
      const contents = window?.webContents ?? new FakeContents();
      return eventOf(contents, { url: 'app://bundle/index.html', origin: 'app://bundle' });
    },
  ],
  ['the page of another window', 'other-page', () => eventOf(new FakeContents())],
  [
    'another page with our frame',
    'other-page',
    () => eventOf(new FakeContents(), window?.webContents.mainFrame ?? null),
  ],
  [
    'our page at a web address',
    'other-origin',
    () => movedTo('https://bundle/index.html', 'https://bundle'),
  ],
  [
    'our page at another host of the scheme',
    'other-origin',
    () => movedTo('app://bundle.evil/index.html', 'app://bundle.evil'),
  ],
  ['our page in a sandbox without origin', 'other-origin', () => movedTo('about:blank', 'null')],
  [
    'a window that is gone',
    'no-window',
    () => {
      const contents = window?.webContents ?? new FakeContents();
      window = undefined;
      return eventOf(contents);
    },
  ],
];

describe('the host of requests', () => {
  const channels = Object.keys(contract);

  it.each(badSenders)(
    'sec:T-E-IPC-1 hears nothing from %s, on any channel',
    (_who, why, sender) => {
      expect(channels.length).toBeGreaterThan(20);
      const event = sender();
      for (const channel of [...channels, 'no.such-channel']) {
        expect(() => listener(event, channel, {}), channel).toThrow('refused');
      }
      expect(dispatch).not.toHaveBeenCalled();
      expect(onRefused.mock.calls).toEqual(Array(channels.length + 1).fill([why]));
    },
  );

  it('sec:T-E-IPC-2 hears nothing from a destroyed window', () => {
    window?.isDestroyed.mockReturnValue(true);
    const event = eventOf(window?.webContents ?? new FakeContents());
    expect(() => listener(event, 'app.view', {})).toThrow('refused');
    expect(dispatch).not.toHaveBeenCalled();
  });

  it.each([undefined, null, 1, {}, ['app.view'], Symbol('app.view')])(
    'sec:T-E-IPC-3 takes no name that is not a string: %s',
    (name) => {
      const event = eventOf(window?.webContents ?? new FakeContents());
      expect(() => listener(event, name, {})).toThrow('refused');
      expect(dispatch).not.toHaveBeenCalled();
    },
  );

  it('hands a good request over, and its answer back', async () => {
    const event = eventOf(window?.webContents ?? new FakeContents());
    expect(await listener(event, 'app.view', { a: 1 })).toEqual(['app.view', { a: 1 }]);
    expect(onRefused).not.toHaveBeenCalled();
  });

  it('sec:T-E-IPC-4 listens on one channel, asynchronously, and stops when told', () => {
    const ipcMain = vi.mocked(electron.ipcMain);
    expect(ipcMain.handle.mock.calls.map(([channel]) => channel)).toEqual(['bridge:request']);
    expect(Object.keys(ipcMain)).toEqual(['handle', 'removeHandler']);
    host.stop();
    expect(ipcMain.removeHandler.mock.calls).toEqual([['bridge:request']]);
  });

  it('tells the window, while there is one', () => {
    const contents = window?.webContents;
    host.publish('app.changed', { phase: 'locked' });
    expect(contents?.send.mock.calls).toEqual([
      ['bridge:event', 'app.changed', { phase: 'locked' }],
    ]);
    window?.isDestroyed.mockReturnValue(true);
    host.publish('app.changed', {});
    window = undefined;
    host.publish('app.changed', {});
    expect(contents?.send).toHaveBeenCalledOnce();
  });
});
