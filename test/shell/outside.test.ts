// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import type { App } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { askForCamera } from '#main/shell/camera.ts';
import { CLEAR_AFTER_MS, createCopyText } from '#main/shell/clipboard.ts';
import { openExternal, validateExternalUrl } from '#main/shell/open-external.ts';
import { createLinkHandler } from '#main/shell/link-handler.ts';
import { findLink, takeSingleInstance } from '#main/shell/single-instance.ts';
import { applyTheme, frameColor } from '#main/shell/theme.ts';
import { FakeApp, createFakeAfter, fakeEvent } from './support/fake-electron.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());
const shell = vi.mocked(electron.shell);
const dialog = vi.mocked(electron.dialog);
const system = vi.mocked(electron.systemPreferences);
beforeEach(() => {
  vi.clearAllMocks();
});

const badUrls = [
  '',
  'example.org',
  '//example.org/',
  'file:///etc/passwd',
  'file://server/share/x.exe',
  'FILE:///etc/passwd',
  'smb://server/share',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'blob:https://example.org/1',
  'vbscript:x',
  'ms-msdt:/id PCWDiagnostic',
  'ms-officecmd:x',
  'search-ms:query=x',
  'vscode://file/etc/passwd',
  'xmpp:bob@example.org',
  'mailto:bob@example.org',
  'tel:1',
  'ftp://example.org/',
  'ws://example.org/',
  'app://bundle/index.html',
  'chrome://settings',
  'about:blank',
  'view-source:https://example.org/',
  'https://user@example.org/',
  'https://user:password@example.org/',
  'https://:password@example.org/',
  'https://example.org@evil.example/',
  'https:',
  'https://',
  'https:\\\\example.org\\',
  'https://exa\u202Emple.org/',
  'https://example.org/\u0000',
  'https://example.org/ x',
  ' https://example.org/',
  'https://example.org/\r\nHost: x',
  `https://example.org/${'a'.repeat(2_048)}`,
];
const goodUrls = [
  ['https://example.org/', 'example.org'],
  ['http://example.org:8080/a?b#c', 'example.org:8080'],
  ['https://EXAMPLE.org', 'example.org'],
  ['https://bücher.example/', 'xn--bcher-kva.example'],
  ['https://аррӏе.com/', 'xn--80ak6aa92e.com'],
  ['https://[::1]/', '[::1]'],
] as const;
const words = { question: (host: string) => `Open ${host}?`, open: 'Open', cancel: 'Cancel' };
const parent = new electron.BrowserWindow();

describe('opening a link', () => {
  it.each(badUrls)('sec:T-E-OPEN-1 is refused for %j, without a question', async (url) => {
    expect(validateExternalUrl(url)).toBeUndefined();
    expect(await openExternal(parent, url, true, words)).toBe('refused');
    expect(dialog.showMessageBox.mock.calls).toEqual([]);
    expect(shell.openExternal.mock.calls).toEqual([]);
  });

  it.each(goodUrls)('sec:T-E-OPEN-2 asks for %j with the host as it is', async (url, host) => {
    dialog.showMessageBox.mockResolvedValueOnce({
      response: 0,
      checkboxChecked: false,
    });
    expect(await openExternal(parent, url, true, words)).toBe('opened');
    const asked = dialog.showMessageBox.mock.calls[0]?.[1 as 0];
    expect(asked).toMatchObject({ message: `Open ${host}?`, defaultId: 1, cancelId: 1 });
    expect(shell.openExternal.mock.calls).toEqual([[new URL(url).href]]);
  });

  it('sec:T-E-OPEN-3 opens nothing that the user did not agree to', async () => {
    expect(await openExternal(parent, 'https://example.org/', true, words)).toBe('cancelled');
    expect(shell.openExternal.mock.calls).toEqual([]);
  });

  it('sec:T-E-OPEN-4 does not even ask when no user asked for it', async () => {
    expect(await openExternal(parent, 'https://example.org/', false, words)).toBe('refused');
    expect(dialog.showMessageBox.mock.calls).toEqual([]);
  });
});

describe('asking for the camera', () => {
  const camera = { question: 'Use it?', detail: 'Nothing is kept.', use: 'Use', cancel: 'Cancel' };

  it('ux:10 is a question of our own, with the safe answer first', async () => {
    dialog.showMessageBox.mockResolvedValueOnce({ response: 0, checkboxChecked: false });
    expect(await askForCamera(parent, camera, false)).toBe(true);
    expect(dialog.showMessageBox.mock.calls[0]?.[1 as 0]).toMatchObject({
      message: 'Use it?',
      defaultId: 1,
      cancelId: 1,
    });
    expect(await askForCamera(parent, camera, false)).toBe(false);
  });

  it('on macOS the system has the last word', async () => {
    system.askForMediaAccess.mockResolvedValueOnce(false);
    dialog.showMessageBox.mockResolvedValueOnce({ response: 0, checkboxChecked: false });
    expect(await askForCamera(parent, camera, true)).toBe(false);
    expect(system.askForMediaAccess.mock.calls).toEqual([['camera']]);
  });

  it('without a window there is nobody to ask', async () => {
    expect(await askForCamera(undefined, camera, false)).toBe(false);
    expect(dialog.showMessageBox.mock.calls).toEqual([]);
  });
});

describe('the clipboard', () => {
  it('sec:T-E-CLIP-1 loses a code after a minute', async () => {
    const clock = createFakeAfter();
    const copy = createCopyText(clock.after);
    await copy.copyForAMinute('code');
    expect(await electron.clipboard.readText()).toBe('code');
    expect([...clock.timers.values()].map(({ delayMs }) => delayMs)).toEqual([CLEAR_AFTER_MS]);
    clock.ring();
    await vi.waitFor(async () => {
      expect(await electron.clipboard.readText()).toBe('');
    });
  });

  it('sec:T-E-CLIP-2 keeps what somebody else has copied meanwhile', async () => {
    const clock = createFakeAfter();
    const copy = createCopyText(clock.after);
    await copy.copyForAMinute('code');
    await electron.clipboard.writeText('something else');
    await copy.clearOwn();
    expect(await electron.clipboard.readText()).toBe('something else');
    expect(clock.timers.size).toBe(0);
  });

  it('keeps ordinary text, and forgets that a code was there before', async () => {
    const clock = createFakeAfter();
    const copy = createCopyText(clock.after);
    await copy.copyForAMinute('code');
    await copy.copyText('code');
    expect(clock.timers.size).toBe(0);
    await copy.clearOwn();
    expect(await electron.clipboard.readText()).toBe('code');
  });

  it('sec:T-E-CLIP-3 loses a code at lock or quit, without waiting', async () => {
    const copy = createCopyText(createFakeAfter().after);
    await copy.copyForAMinute('code');
    await copy.clearOwn();
    expect(await electron.clipboard.readText()).toBe('');
  });
});

describe('a second start', () => {
  const listeners = { onSecondStart: vi.fn(), onLink: vi.fn() };

  it('sec:T-E-SINGLE-1 ends at once where another instance runs', () => {
    const app = new FakeApp();
    app.requestSingleInstanceLock.mockReturnValueOnce(false);
    expect(takeSingleInstance(app as unknown as App, listeners)).toBe(false);
    expect(app.eventNames()).toEqual([]);
  });

  it('shows the window of the first, and hands a link over', () => {
    const app = new FakeApp();
    expect(takeSingleInstance(app as unknown as App, listeners)).toBe(true);
    app.emit('second-instance', fakeEvent(), ['sotto', '--flag'], '/');
    expect(listeners.onSecondStart).toHaveBeenCalledOnce();
    expect(listeners.onLink).not.toHaveBeenCalled();
    app.emit('second-instance', fakeEvent(), ['sotto', 'xmpp:bob@example.org?message'], '/');
    const event = fakeEvent();
    app.emit('open-url', event, 'xmpp:carol@example.org');
    expect(event.defaultPrevented).toBe(true);
    expect(listeners.onLink.mock.calls).toEqual([
      ['xmpp:bob@example.org?message'],
      ['xmpp:carol@example.org'],
    ]);
  });

  it.each([
    ['https://example.org/'],
    ['--link=xmpp:bob@example.org'],
    ['/tmp/xmpp:bob'],
    ['-xmpp:bob@example.org'],
    [`xmpp:${'a'.repeat(400_000)}`],
    [''],
  ])('sec:T-E-LINK-1 takes no link from %j', (argument) => {
    expect(findLink(['sotto', argument])).toBeUndefined();
  });
});

describe('links of the system', () => {
  it('are ours only when the user wants it, and no longer when the user does not', () => {
    const calls: string[] = [];
    let isDefault = false;
    const handler = createLinkHandler({
      isDefaultProtocolClient: () => isDefault,
      setAsDefaultProtocolClient: (scheme: string) => {
        calls.push(`set ${scheme}`);
        isDefault = true;
      },
      removeAsDefaultProtocolClient: (scheme: string) => {
        calls.push(`remove ${scheme}`);
        isDefault = false;
      },
    } as unknown as App);
    expect([handler.isOurs(), calls]).toEqual([false, []]);
    handler.set(true);
    expect([handler.isOurs(), calls]).toEqual([true, ['set xmpp']]);
    handler.set(false);
    expect([handler.isOurs(), calls]).toEqual([false, ['set xmpp', 'remove xmpp']]);
  });
});

it('a theme is what pages are told, and the colour of a window before its first paint', () => {
  applyTheme('dark');
  expect(electron.nativeTheme.themeSource).toBe('dark');
  expect(frameColor()).toBe('#F1EFEA');
  Object.assign(electron.nativeTheme, { shouldUseDarkColors: true });
  expect(frameColor()).toBe('#1F1E22');
});
