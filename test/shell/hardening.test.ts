// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { App, Input, Session } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CLOSED_PROXY,
  hardenApp,
  hardenSession,
  isAllowedUrl,
  opensDevTools,
} from '#main/shell/hardening.ts';
import { REFUSED_SWITCHES, findRefusal, hardenProcess } from '#main/shell/start-checks.ts';
import { FakeApp, FakeContents, FakeWindow, fakeEvent } from './support/fake-electron.ts';

type Answer = (...args: readonly unknown[]) => unknown;

class FakeSession extends EventEmitter {
  readonly handlers = new Map<string, Answer>();
  readonly calls: (readonly [string, unknown])[] = [];
  readonly webRequest = { onBeforeRequest: this.#keep('onBeforeRequest') };
  readonly setPermissionRequestHandler = this.#keep('permissionRequest');
  readonly setPermissionCheckHandler = this.#keep('permissionCheck');
  readonly setDevicePermissionHandler = this.#keep('devicePermission');
  readonly setDisplayMediaRequestHandler = this.#keep('displayMedia');
  readonly setBluetoothPairingHandler = this.#keep('bluetoothPairing');
  readonly setSSLConfig = this.#note('setSSLConfig');
  readonly setProxy = this.#note('setProxy');
  readonly enableNetworkEmulation = this.#note('enableNetworkEmulation');
  readonly setSpellCheckerEnabled = this.#note('setSpellCheckerEnabled');
  readonly clearData = this.#note('clearData');

  answer(name: string, ...args: readonly unknown[]): unknown {
    const handler = this.handlers.get(name);
    if (handler === undefined) throw new Error(`no handler for ${name}`);
    return handler(...args);
  }

  #keep(name: string): (handler: Answer) => void {
    return (handler) => this.handlers.set(name, handler);
  }

  #note(name: string): (value?: unknown) => Promise<void> {
    return (value) => {
      this.calls.push([name, value]);
      return Promise.resolve();
    };
  }
}

/** All names of permissions that the types of this Electron know. */
function permissionNames(): readonly string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const types = readFileSync(join(folder, 'electron.d.ts'), 'utf8');
  const lines = types
    .split('\n')
    .filter((line) => /setPermission(Request|Check)Handler\(handler/.test(line));
  const unions = lines.map((line) => /permission: ([^,]*), /.exec(line)?.[1] ?? '');
  return [...new Set(unions.flatMap((union) => union.match(/'[^']+'/g) ?? []))].map((each) =>
    each.slice(1, -1),
  );
}

let session: FakeSession;
beforeEach(async () => {
  session = new FakeSession();
  await hardenSession(session as unknown as Session);
});

describe('a session', () => {
  it('sec:T-E-PERM-1 grants no permission that Electron knows, nor one that it does not', () => {
    const names = [...permissionNames(), 'made-up'];
    expect(names.length).toBeGreaterThan(20);
    expect(names).toContain('unknown');
    for (const name of names) {
      const callback = vi.fn();
      session.answer('permissionRequest', {}, name, callback, {});
      expect(callback.mock.calls, name).toEqual([[false]]);
      expect(session.answer('permissionCheck', {}, name, 'app://bundle', {}), name).toBe(false);
    }
  });

  describe('with a camera to ask for', () => {
    const mayUseCamera = vi.fn(() => Promise.resolve(true));
    const OURS = 'app://bundle/index.html';
    const video = { isMainFrame: true, requestingUrl: OURS, mediaTypes: ['video'] };

    beforeEach(async () => {
      mayUseCamera.mockClear();
      session = new FakeSession();
      await hardenSession(session as unknown as Session, { mayUseCamera });
    });

    async function ask(permission: string, details: object): Promise<unknown> {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      session.answer('permissionRequest', {}, permission, resolve, details);
      return promise;
    }

    it('ux:10 sec:T-E-PERM-3 asks the user each time, and does what the user says', async () => {
      expect(await ask('media', video)).toBe(true);
      mayUseCamera.mockResolvedValueOnce(false);
      expect(await ask('media', video)).toBe(false);
      mayUseCamera.mockRejectedValueOnce(new Error('no window'));
      expect(await ask('media', video)).toBe(false);
      expect(mayUseCamera).toHaveBeenCalledTimes(3);
      const details = { isMainFrame: true, mediaType: 'video' };
      expect(session.answer('permissionCheck', {}, 'media', 'app://bundle/', details)).toBe(true);
    });

    it.each<[string, string, object]>([
      ['a microphone', 'media', { ...video, mediaTypes: ['audio'] }],
      ['both', 'media', { ...video, mediaTypes: ['video', 'audio'] }],
      ['neither', 'media', { ...video, mediaTypes: [] }],
      ['what is not said', 'media', { isMainFrame: true, requestingUrl: OURS }],
      ['a frame', 'media', { ...video, isMainFrame: false }],
      ['another page', 'media', { ...video, requestingUrl: 'https://bundle/' }],
      ['one that begins like ours', 'media', { ...video, requestingUrl: 'app://bundle.evil/' }],
      ['the screen', 'display-capture', video],
      ['the place', 'geolocation', video],
    ])('sec:T-E-PERM-3 does not even ask about %s', async (_what, permission, details) => {
      expect(await ask(permission, details)).toBe(false);
      expect(mayUseCamera).not.toHaveBeenCalled();
    });

    it('sec:T-E-PERM-3 says of nothing else that one may ask', () => {
      const audio = { isMainFrame: true, mediaType: 'audio' };
      const check = (permission: string, url: string, details: object): unknown =>
        session.answer('permissionCheck', {}, permission, url, details);
      expect(check('media', 'app://bundle/', audio)).toBe(false);
      expect(check('media', 'https://bundle/', { ...audio, mediaType: 'video' })).toBe(false);
      expect(check('media', 'app://bundle/', { isMainFrame: true })).toBe(false);
      expect(check('notifications', 'app://bundle/', {})).toBe(false);
    });
  });

  it('sec:T-E-PERM-2 gives no device, no screen and no pairing', () => {
    expect(session.answer('devicePermission', { deviceType: 'hid' })).toBe(false);
    const display = vi.fn();
    session.answer('displayMedia', {}, display);
    expect(display.mock.calls).toEqual([[{}]]);
    const pairing = vi.fn();
    session.answer('bluetoothPairing', {}, pairing);
    expect(pairing.mock.calls).toEqual([[{ confirmed: false }]]);
    for (const name of ['select-hid-device', 'select-serial-port', 'select-usb-device']) {
      const event = fakeEvent();
      session.emit(name, event, {}, vi.fn());
      expect(event.defaultPrevented, name).toBe(true);
    }
  });

  it('sec:T-E-NET-1 has no network, no downloads and nothing from before', () => {
    expect(session.calls).toStrictEqual([
      ['setSpellCheckerEnabled', false],
      ['setSSLConfig', { minVersion: 'tls1.2' }],
      ['enableNetworkEmulation', { offline: true }],
      [
        'setProxy',
        { mode: 'fixed_servers', proxyRules: '127.0.0.1:9', proxyBypassRules: '<-loopback>' },
      ],
      ['clearData', undefined],
    ]);
    expect(CLOSED_PROXY.proxyBypassRules).toBe('<-loopback>');
    const event = fakeEvent();
    session.emit('will-download', event);
    expect(event.defaultPrevented).toBe(true);
  });

  const isCancelled = (url: string): unknown => {
    const callback = vi.fn();
    session.answer('onBeforeRequest', { url }, callback);
    return callback.mock.calls[0]?.[0];
  };

  it.each([
    'http://example.org/',
    'https://example.org/',
    'https://bundle/index.html',
    'http://bundle/index.html',
    'http://localhost/',
    'http://localhost:5173/',
    'http://127.0.0.1:9/',
    'http://[::1]/',
    'https://app//bundle/',
    'ws://example.org/',
    'wss://example.org/',
    'ws://localhost:5173/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'file:///app/out/renderer/index.html',
    'file://server/share',
    'blob:app://bundle/5b0f1d7c',
    'blob:null/5b0f1d7c',
    'data:text/html,<script>1</script>',
    'data:,',
    'javascript:alert(1)',
    'about:blank',
    'about:srcdoc',
    'devtools://devtools/bundled/inspector.html',
    'chrome://gpu',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop/x.js',
    'chrome-error://chromewebdata/',
    'chrome-untrusted://x',
    'view-source:app://bundle/index.html',
    'filesystem:app://bundle/temporary/x',
    'app://bundle',
    'app://bundle.example.org/',
    'app://bundleevil/',
    'app://other/index.html',
    'app:///index.html',
    'app:index.html',
    'APP://BUNDLE/index.html',
    'apps://bundle/index.html',
    'mailto:a@example.org',
    'xmpp:a@example.org',
    'smb://server/share',
    ' app://bundle/index.html',
    'https://example.org/?app://bundle/',
    '',
  ])('sec:T-E-NET-2 asks nobody for %j', (url) => {
    expect(isCancelled(url)).toEqual({ cancel: true });
  });

  it('sec:T-E-NET-3 lets the bundle through', () => {
    expect(isCancelled('app://bundle/index.html')).toEqual({ cancel: false });
    expect(isCancelled('app://bundle/assets/x.js')).toEqual({ cancel: false });
  });

  it('lets developers reach the socket of their own server, and nothing else', () => {
    const rules = { devServer: new URL('http://localhost:5173/') };
    expect(isAllowedUrl('ws://localhost:5173/?token=x', rules)).toBe(true);
    expect(isAllowedUrl('ws://localhost:51730/', rules)).toBe(false);
    expect(isAllowedUrl('http://localhost:5173/x.js', rules)).toBe(false);
  });
});

describe('a page', () => {
  let app: FakeApp;
  let contents: FakeContents;
  beforeEach(() => {
    app = new FakeApp();
    contents = new FakeContents();
    hardenApp(app as unknown as App);
    app.emit('web-contents-created', {}, contents);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'sec:T-E-NAV-1 is refused %s',
    (name) => {
      const event = fakeEvent();
      contents.emit(name, event, 'app://bundle/index.html');
      expect(event.defaultPrevented).toBe(true);
    },
  );

  it('sec:T-E-NAV-2 opens no window, and one that came to be is destroyed', () => {
    const handler = contents.setWindowOpenHandler.mock.calls[0]?.[0] as () => unknown;
    expect(handler()).toEqual({ action: 'deny' });
    const window = new FakeWindow();
    contents.emit('did-create-window', window);
    expect(window.destroy).toHaveBeenCalledOnce();
  });

  it('sec:T-E-NAV-3 gets no device by Bluetooth', () => {
    const event = fakeEvent();
    const callback = vi.fn();
    contents.emit('select-bluetooth-device', event, [], callback);
    expect(event.defaultPrevented).toBe(true);
    expect(callback.mock.calls).toEqual([['']]);
  });

  it('sec:T-E-NAV-4 gets no log-in, no client certificate and no bad server certificate', () => {
    const [login, client, server] = [fakeEvent(), fakeEvent(), fakeEvent()];
    const [answerLogin, answerClient, answerServer] = [vi.fn(), vi.fn(), vi.fn()];
    app.emit('login', login, contents, {}, {}, answerLogin);
    app.emit('select-client-certificate', client, contents, '', [{}], answerClient);
    app.emit('certificate-error', server, contents, '', '', {}, answerServer);
    expect([login, client, server].map((event) => event.defaultPrevented)).toEqual([
      true,
      true,
      true,
    ]);
    expect(answerLogin.mock.calls).toEqual([[]]);
    expect(answerClient.mock.calls).toEqual([[]]);
    expect(answerServer.mock.calls).toEqual([[false]]);
  });

  const press = (input: Partial<Input>): boolean => {
    const event = fakeEvent();
    contents.emit('before-input-event', event, { type: 'keyDown', ...input });
    return event.defaultPrevented;
  };

  it('sec:T-E-DEVTOOLS-1 opens no developer tools by key', () => {
    expect(press({ key: 'F12' })).toBe(true);
    for (const key of ['I', 'i', 'J', 'C']) {
      expect(press({ key, control: true, shift: true }), key).toBe(true);
      expect(press({ key, meta: true, alt: true }), key).toBe(true);
    }
  });

  it('sec:T-E-DEVTOOLS-2 leaves every other key alone', () => {
    expect(press({ key: 'i', control: true })).toBe(false);
    expect(press({ key: 'O', control: true, shift: true })).toBe(false);
    expect(press({ key: 'i' })).toBe(false);
    expect(opensDevTools({ type: 'keyUp', key: 'F12' } as Input)).toBe(false);
  });
});

describe('the start', () => {
  const start = { argv: ['sotto'], platform: 'linux', userId: 1000, isPackaged: true } as const;

  it('sec:T-E-CLI-1 is refused with each switch that takes a protection away', () => {
    const given = [
      '--remote-debugging-port=9222',
      '--remote-debugging-pipe',
      '--inspect',
      '--inspect-brk=0.0.0.0:1',
      '--no-sandbox',
      '--disable-web-security',
      '--host-rules=MAP * 1.2.3.4',
      '--host-resolver-rules=MAP * 1.2.3.4',
      '--proxy-server=1.2.3.4',
      '--proxy-pac-url=http://x/',
      '--ssl-key-log-file=/tmp/keys',
      '--js-flags=--expose-gc',
      '--load-extension=/tmp/x',
      '--NO-SANDBOX',
    ];
    for (const each of given) {
      expect(findRefusal({ ...start, argv: ['sotto', each] }), each).toMatchObject({
        why: 'switch',
      });
    }
    expect(REFUSED_SWITCHES.length).toBeGreaterThan(10);
  });

  it('sec:T-E-CLI-2 is refused to root on Linux', () => {
    expect(findRefusal({ ...start, userId: 0 })).toEqual({ why: 'root' });
    expect(findRefusal({ ...start, userId: 0, platform: 'darwin' })).toBeUndefined();
  });

  it('sec:T-E-CLI-3 is not refused otherwise, nor to developers', () => {
    const argv = ['sotto', '--force-dark-mode', 'xmpp:no-sandbox@example.org', 'inspect'];
    expect(findRefusal({ ...start, argv })).toBeUndefined();
    const looking = { ...start, argv: ['.', '--inspect=0'], userId: 0, isPackaged: false };
    expect(findRefusal(looking)).toBeUndefined();
  });

  it('sec:T-E-START-1 puts every renderer in its sandbox and writes no TLS keys', () => {
    const app = new FakeApp();
    const environment = { SSLKEYLOGFILE: '/tmp/keys', HOME: '/home/a' };
    hardenProcess(app as unknown as App, environment);
    expect(app.calls).toEqual(['enableSandbox']);
    expect(environment).toEqual({ HOME: '/home/a' });
  });
});
