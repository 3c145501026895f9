// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as electron from 'electron';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createAppHandler,
  createDevelopmentHandler,
  listBundle,
  registerAppScheme,
  type AppHandler,
  type Bundle,
} from '#main/shell/app-protocol.ts';
import { CONTENT_POLICY } from '#main/shell/content-policy.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());

let folder: string;
let bundle: Bundle;
let handler: AppHandler;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeFile(join(folder, '..', 'outside-of-bundle.html'), 'outside');
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'void 0');
  await writeFile(join(folder, 'assets', 'main-1a2b.css'), 'p {}');
  await writeFile(join(folder, 'assets', 'main-1a2b.js.map'), '{}');
  await writeFile(join(folder, 'assets', 'letter.woff2'), 'font');
  bundle = await listBundle(folder);
  handler = createAppHandler(bundle);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(join(folder, '..', 'outside-of-bundle.html'));
});

/** The letters of an address as they arrive, which `new Request` would tidy up. */
const get = (url: string, method = 'GET'): Promise<Response> =>
  handler({ url, method } as unknown as Request);

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
  "connect-src 'none'; media-src 'none'; object-src 'none'; frame-src 'none'; worker-src 'none'; " +
  "manifest-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types vue";

const expectProtected = (response: Response): void => {
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
};

describe('the scheme of the application', () => {
  it('sec:T-E-SCHEME-1 has these privileges and no other', () => {
    registerAppScheme();
    expect(vi.mocked(electron.protocol).registerSchemesAsPrivileged.mock.calls).toStrictEqual([
      [[{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]],
    ]);
  });

  it('sec:T-E-CSP-1 has this content security policy', () => {
    expect(CONTENT_POLICY).toBe(policy);
  });

  it.each([
    ['app://bundle/index.html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://bundle/index.html#below', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://bundle/assets/main-1a2b.js', 'text/javascript; charset=utf-8', 'void 0'],
    ['app://bundle/assets/main-1a2b.css', 'text/css; charset=utf-8', 'p {}'],
    ['app://bundle/assets/letter.woff2', 'font/woff2', 'font'],
  ])('sec:T-E-SCHEME-2 serves %s with its type and all headers', async (url, type, text) => {
    const response = await get(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe(type);
    expect(await response.text()).toBe(text);
    expectProtected(response);
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get'])(
    'sec:T-E-SCHEME-3 refuses %s',
    async (method) => {
      const response = await get('app://bundle/index.html', method);
      expect(response.status).toBe(404);
      expectProtected(response);
    },
  );

  it.each([
    'app://bundle/',
    'app://bundle',
    'app://bundle/assets',
    'app://bundle/assets/',
    'app://bundle/assets/main-1a2b.js.map',
    'app://bundle/index.html?query',
    'app://bundle/INDEX.html',
    'app://Bundle/index.html',
    'app://other/index.html',
    'app://bundle:80/index.html',
    'app://user@bundle/index.html',
    'app://bundle//index.html',
    'app:///index.html',
    'app:index.html',
    'app://bundle/../outside-of-bundle.html',
    'app://bundle/%2e%2e/outside-of-bundle.html',
    'app://bundle/%2E%2E%2Foutside-of-bundle.html',
    'app://bundle/..%2foutside-of-bundle.html',
    'app://bundle/..\\outside-of-bundle.html',
    'app://bundle/assets/..%5c..%5coutside-of-bundle.html',
    'app://bundle/assets/../index.html',
    'app://bundle/./index.html',
    'app://bundle/index.html\0',
    'app://bundle/index.html%00',
    'app://bundle/index.html/',
    'app://bundle/index.html%20',
    'app://bundle/assets\\main-1a2b.js',
    'app://bundle/%69ndex.html',
    'app://bundle/file:///etc/passwd',
    'app://bundle//etc/passwd',
    'file:///etc/passwd',
    'http://bundle/index.html',
    '/index.html',
    'constructor',
    '__proto__',
    '',
  ])('sec:T-E-SCHEME-4 does not know %j', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
    expectProtected(response);
  });

  it('sec:T-E-SCHEME-5 answers 404 to whatever else is put together', async () => {
    const piece = fc.constantFrom(
      ...['..', '.', '/', '//', '\\', '%2e', '%2f', '%5c', '%00', '\0', 'index.html', 'assets'],
      ...['main-1a2b.js', 'outside-of-bundle.html', '?', ' ', 'ä', 'etc', 'passwd', ':', '@'],
    );
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(path, async (each) => {
        const url = `app://bundle/${each}`;
        fc.pre(!bundle.has(url));
        const response = await get(url);
        expect(response.status).toBe(404);
        expectProtected(response);
      }),
      { numRuns: 300 },
    );
  });
});

describe('in development', () => {
  let server: Server;
  let development: AppHandler;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const isPage = request.url === '/index.html';
      response.setHeader('Content-Type', isPage ? 'text/html' : 'text/javascript');
      response.end(
        isPage
          ? `<head><meta\n http-equiv="Content-Security-Policy"\n content="default-src 'none'" /><title>x</title>`
          : 'void 1',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    development = createDevelopmentHandler(new URL(`http://127.0.0.1:${String(port)}/`));
  });
  afterAll(() => {
    server.close();
  });

  it('answers the same addresses from the dev server, with a policy it can live with', async () => {
    const page = await development(new Request('app://bundle/index.html'));
    expect(await page.text()).toBe('<head><title>x</title>');
    expect(page.headers.get('Content-Security-Policy')).toContain('ws://127.0.0.1:');
    const script = await development(new Request('app://bundle/@vite/client?x=1'));
    expect([await script.text(), script.headers.get('Content-Type')]).toEqual([
      'void 1',
      'text/javascript',
    ]);
    expect(asked).toEqual(['/index.html', '/@vite/client?x=1']);
  });

  it('asks the dev server for nothing else', async () => {
    const before = asked.length;
    for (const url of ['http://elsewhere.example/x', 'app://other/x']) {
      const response = await development({ url, method: 'GET' } as unknown as Request);
      expect(response.status).toBe(404);
    }
    expect(asked).toHaveLength(before);
  });
});
