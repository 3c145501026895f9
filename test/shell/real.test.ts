// SPDX-License-Identifier: GPL-3.0-or-later
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** The shell in a running application: ELECTRON_OVERRIDE_DIST_PATH says in which Electron. */
const root = join(import.meta.dirname, '..', '..');
const fixture = join(import.meta.dirname, 'fixtures', 'real');

const preload = `const { contextBridge, ipcRenderer } = require('electron');
contextBridge.exposeInMainWorld('bridge', {
  request: (name, input) => ipcRenderer.invoke('bridge:request', name, input),
  subscribe: (listen) => { ipcRenderer.on('bridge:event', (_event, name, payload) => listen(name, payload)); },
});`;
const page = `<!doctype html><html><head><title>Bob</title><script src="/violations.js"></script>
<script type="module" src="/main.js"></script><link rel="stylesheet" href="/main.css"></head>
<body><div id="app"></div></body></html>`;
const violations = `window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));`;
/** Vue's own runtime with all that it does to the document: elements, styles, static markup. */
const main = `import { createApp, createStaticVNode, h, ref } from '/vue.js';
const count = ref(0);
window.count = count;
createApp({ render: () => h('main', { style: { color: count.value ? 'rgb(1, 2, 3)' : '' } }, [
  h('h1', 'Hello ' + count.value), createStaticVNode('<p id="static"><b>static</b></p>', 1),
]) }).mount('#app');
window.mounted = true;`;

let folder: string;
let app: ElectronApplication;
let window: Page;

async function makeBundle(): Promise<void> {
  const bundle = join(folder, 'bundle');
  await mkdir(bundle);
  const vue = dirname(createRequire(import.meta.url).resolve('vue/package.json'));
  await copyFile(join(vue, 'dist/vue.runtime.esm-browser.prod.js'), join(bundle, 'vue.js'));
  await writeFile(join(bundle, 'index.html'), page);
  await writeFile(join(bundle, 'violations.js'), violations);
  await writeFile(join(bundle, 'main.js'), main);
  await writeFile(join(bundle, 'main.css'), 'main { padding: 7px }');
  await writeFile(join(folder, 'preload.cjs'), preload);
}

async function launch(): Promise<void> {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= join(root, 'tools', 'electron-double', 'dist');
  app = await _electron.launch({
    args: [fixture, `--user-data-dir=${join(folder, 'profile')}`],
    env: {
      ...(process.env as Record<string, string>),
      SHELL_FIXTURE_BUNDLE: join(folder, 'bundle'),
      SHELL_FIXTURE_PRELOAD: join(folder, 'preload.cjs'),
    },
  });
  window = await app.firstWindow();
  await until('window.mounted === true');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shell-real-'));
  await makeBundle();
  await launch();
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});
const inPage = (code: string): Promise<unknown> => window.evaluate(code);
/** Outside of the debugger's own evaluation, which is allowed more. */
const asPage = (code: string): Promise<unknown> =>
  inPage(`new Promise((resolve) => setTimeout(() => {
    try { resolve(${code}); } catch (error) { resolve(error.name); }
  }))`);
/** Polled from here: the page may not compile a condition again and again. */
const until = (condition: string): Promise<void> =>
  vi.waitFor(
    async () => {
      expect(await inPage(condition)).toBe(true);
    },
    { timeout: 10_000, interval: 20 },
  );
const violated = (): Promise<unknown> => inPage('violations.splice(0)');

describe('the page under the policy', () => {
  it('sec:T-E-CSP-2 lets Vue do its work without a single violation', async () => {
    await inPage('void (count.value = 5)');
    await until('document.querySelector("h1").textContent === "Hello 5"');
    expect(
      await inPage(`[document.querySelector('#static b').textContent,
        getComputedStyle(document.querySelector('main')).color,
        getComputedStyle(document.querySelector('main')).paddingTop]`),
    ).toEqual(['static', 'rgb(1, 2, 3)', '7px']);
    expect(await violated()).toEqual([]);
  });

  it.each([
    ['markup from a string', `document.body.innerHTML = '<b>x</b>'`, 'TypeError'],
    ['a policy of its own', `trustedTypes.createPolicy('mine', {})`, 'TypeError'],
    ['a second policy named vue', `trustedTypes.createPolicy('vue', {})`, 'TypeError'],
    ['code from a string', `eval('1')`, 'EvalError'],
    ['a function from a string', `new Function('return 1')()`, 'EvalError'],
    ['a worker', `new Worker('/main.js') && 'made'`, 'TypeError'],
  ])('sec:T-E-CSP-3 refuses %s', async (_what, code, name) => {
    expect(await asPage(code)).toBe(name);
  });

  it.each([
    ['connect-src', `fetch('/main.js').catch(() => 0)`],
    ['connect-src', `fetch('https://example.org/').catch(() => 0)`],
    ['connect-src', `new WebSocket('wss://example.org/') && 0`],
    [
      'img-src',
      `document.body.append(Object.assign(new Image(), { src: 'https://example.org/x.png' }))`,
    ],
    [
      'img-src',
      `document.body.append(Object.assign(new Image(), { src: 'data:image/png;base64,AA==' }))`,
    ],
    [
      'style-src-elem',
      `document.head.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))`,
    ],
    [
      'frame-src',
      `document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://example.org/' }))`,
    ],
    [
      'base-uri',
      `document.head.append(Object.assign(document.createElement('base'), { href: '/x/' }))`,
    ],
    [
      'form-action',
      `(() => { const form = document.createElement('form'); form.action = 'https://example.org/'; document.body.append(form); form.submit(); })()`,
    ],
  ])('sec:T-E-CSP-4 reports and refuses what %s forbids', async (directive, code) => {
    await violated();
    await asPage(`(${code}, 0)`);
    await until('violations.length > 0');
    expect(await violated()).toContain(directive);
  });
});

describe('the window in the running application', () => {
  const url = (): Promise<string | undefined> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());

  it('sec:T-E-NAV-5 stays where it is and alone', async () => {
    await inPage(`void (() => { location.href = 'https://example.org/'; })()`);
    await inPage(`void (() => { location.href = '/violations.js'; })()`);
    expect(await inPage(`window.open('https://example.org/')`)).toBeNull();
    expect(await inPage(`bridge.request('app.view', {}).then(() => document.title)`)).toBe('Bob');
    expect(await url()).toBe('app://bundle/index.html');
    expect(app.windows()).toHaveLength(1);
  });

  it('sec:T-E-IPC-5 is answered, and hears what the menu sends', async () => {
    expect(await inPage(`bridge.request('app.view', { a: 1 })`)).toEqual({
      name: 'app.view',
      input: { a: 1 },
    });
    await inPage(`void (window.heard = [], bridge.subscribe((...args) => heard.push(args)))`);
    await app.evaluate(({ Menu }) => {
      Menu.getApplicationMenu()?.getMenuItemById('verify')?.click();
    });
    await until('heard.length > 0');
    expect(await inPage('heard')).toEqual([['app.command', 'verify']]);
  });

  it('keeps its title, and opens next time where it was', async () => {
    const bounds = { x: 30, y: 40, width: 700, height: 600 };
    const title = await app.evaluate(({ BrowserWindow }, wanted) => {
      const [first] = BrowserWindow.getAllWindows();
      first?.setBounds(wanted);
      return first?.getTitle();
    }, bounds);
    expect(title).toBe('Sotto');
    await app.close();
    const saved = JSON.parse(
      await readFile(join(folder, 'profile', 'window.json'), 'utf8'),
    ) as object;
    expect(saved).toEqual({ bounds, maximized: false });
    await launch();
    const again = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getBounds(),
    );
    expect(again).toEqual(bounds);
  });
});
