// SPDX-License-Identifier: GPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { start, until, type Started } from './support/launch.ts';

let started: Started;
beforeAll(async () => {
  started = await start();
});
afterAll(async () => {
  await started.stop();
});
const inPage = (code: string): Promise<unknown> => started.page.evaluate(code);
const urlInMain = (): Promise<string | undefined> =>
  started.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getURL(),
  );

describe('a scheme of the application', () => {
  it('serves the page in a secure context and is known by its own address', async () => {
    expect(await urlInMain()).toBe('app://bundle/index.html');
    expect(await inPage('[isSecureContext, typeof crypto.subtle]')).toEqual([true, 'object']);
    expect(await inPage(`fetch('/data.txt').then((response) => response.text())`)).toBe(
      'some data',
    );
    const missing = `fetch('/nothing').then((response) => response.status)`;
    expect(await inPage(missing)).toBe(404);
  });

  it('belongs to the session that handles it', async () => {
    const handled = await started.app.evaluate(({ protocol, session }) => [
      session.fromPartition('ui').protocol.isProtocolHandled('app'),
      protocol.isProtocolHandled('app'),
      session.fromPartition('other').protocol.isProtocolHandled('app'),
      session.fromPartition('ui') === session.fromPartition('ui'),
      session.fromPartition('ui').isPersistent(),
    ]);
    expect(handled).toEqual([true, false, false, true, false]);
  });

  it('must be declared before the application is ready', async () => {
    const message = await started.app.evaluate(({ protocol }) => {
      try {
        protocol.registerSchemesAsPrivileged([{ scheme: 'late' }]);
        return 'accepted';
      } catch (error) {
        return String(error);
      }
    });
    expect(message).toContain('before app is ready');
  });

  it('obeys the policy of its response', async () => {
    expect(await inPage('[window.scriptRan, window.inlineRan]')).toEqual([true, undefined]);
    const refused = await inPage(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
      fetch('https://elsewhere.example/').catch(() => undefined);
    })`);
    expect(refused).toBe('connect-src');
    const evaluated = await inPage(`new Promise((resolve) => setTimeout(() => {
      try { resolve(eval('1')); } catch (error) { resolve(error.name); }
    }))`);
    expect(evaluated).toBe('EvalError');
  });

  it('shows each request to webRequest under its own address', async () => {
    const { requests } = await started.seen();
    expect(requests).toEqual(
      expect.arrayContaining(['app://bundle/index.html', 'app://bundle/page.js']),
    );
  });
});

describe('navigation', () => {
  beforeEach(async () => {
    await started.app.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: Record<string, unknown[]> };
      seen.navigations?.splice(0);
      seen.windows?.splice(0);
    });
  });

  it('is asked about when the page starts it, and can be refused', async () => {
    await started.page.click('#out');
    await until(async () => {
      expect((await started.seen()).navigations).toEqual([
        ['will-frame-navigate', 'https://elsewhere.example/', true],
      ]);
    });
    expect(await urlInMain()).toBe('app://bundle/index.html');
    expect(await inPage(`document.querySelector('h1').textContent`)).toBe('Fixture');
  });

  it('within the document is not asked about', async () => {
    await started.page.click('#hash');
    await until(async () => {
      expect(await urlInMain()).toBe('app://bundle/index.html#below');
    });
    expect((await started.seen()).navigations).toEqual([]);
  });

  it('that main starts is not asked about', async () => {
    await started.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.loadURL('app://bundle/other.html'),
    );
    await until(async () => {
      expect(await inPage('document.title')).toBe('Other');
    });
    expect((await started.seen()).navigations).toEqual([]);
  });

  it('goes on where nobody objects', async () => {
    const setAllowed = (allowed: boolean): Promise<void> =>
      started.app.evaluate((_electron, value) => {
        Object.assign(globalThis, { allowNavigation: value });
      }, allowed);
    await setAllowed(true);
    await inPage(`void (location.href = '/index.html')`);
    await until(async () => {
      expect(await inPage('document.title')).toBe('Fixture');
    });
    await setAllowed(false);
    expect((await started.seen()).navigations).toEqual([
      ['will-frame-navigate', 'app://bundle/index.html', true],
      ['will-navigate', 'app://bundle/index.html', true],
    ]);
  });

  it('of a frame is asked about with its place', async () => {
    await inPage(`void (() => {
      const frame = document.createElement('iframe');
      frame.src = 'https://frame.example/';
      document.body.append(frame);
    })()`);
    await until(async () => {
      expect((await started.seen()).navigations).toEqual([
        ['will-frame-navigate', 'https://frame.example/', false],
      ]);
    });
  });

  it('asks before a window is opened, by script or by link, and opens none', async () => {
    expect(await inPage(`window.open('https://popup.example/')`)).toBeNull();
    await started.page.click('#blank');
    await until(async () => {
      expect((await started.seen()).windows).toEqual([
        'https://popup.example/',
        'https://blank.example/',
      ]);
    });
    expect(started.app.windows()).toHaveLength(1);
  });
});

describe('a session', () => {
  it('records its permission handlers, and they can be called', async () => {
    const answers = await started.app.evaluate(async ({ session, BrowserWindow }) => {
      const ui = session.fromPartition('ui') as unknown as {
        recorded: {
          permissionRequest?: (c: unknown, p: string, cb: (granted: boolean) => void) => void;
          permissionCheck?: unknown;
        };
      };
      const granted = await new Promise((resolve) => {
        ui.recorded.permissionRequest?.(
          BrowserWindow.getAllWindows()[0]?.webContents,
          'media',
          resolve,
        );
      });
      return [granted, ui.recorded.permissionCheck];
    });
    expect(answers).toEqual([false, undefined]);
  });

  it('forgets what its pages stored', async () => {
    await inPage(`localStorage.setItem('kept', 'yes')`);
    await started.app.evaluate(({ session }) => session.fromPartition('ui').clearData());
    expect(await inPage(`localStorage.getItem('kept')`)).toBeNull();
  });

  it('refuses a request that webRequest cancels', async () => {
    const fetched = (path: string): Promise<unknown> =>
      inPage(`fetch('${path}').then((response) => response.status, (error) => error.name)`);
    expect(await fetched('/data.txt?please')).toBe(200);
    expect(await fetched('/data.txt?refuse')).toBe('TypeError');
  });
});
