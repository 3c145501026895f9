// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import type { BrowserWindow } from './browser-window.ts';
import type { Protocol } from './cdp.ts';
import { isHeadful } from './chromium.ts';
import { createEvent } from './event.ts';
import { host, runningChromium } from './host.ts';
import { IpcMain } from './ipc-main.ts';
import { NativeImage } from './native-image.ts';
import { Page } from './page.ts';
import { RendererPipe } from './renderer-pipe.ts';
import { RequestGate } from './request-gate.ts';
import type { Session } from './session.ts';
import { WebFrameMain } from './web-frame-main.ts';
import type { OpenRequest } from './world/bridge.ts';

type Real = Electron.WebContents;
type Implemented = Pick<
  Real,
  | 'close'
  | 'executeJavaScript'
  | 'focus'
  | 'getTitle'
  | 'getURL'
  | 'getZoomFactor'
  | 'getZoomLevel'
  | 'id'
  | 'insertCSS'
  | 'isDestroyed'
  | 'isDevToolsOpened'
  | 'isLoading'
  | 'loadFile'
  | 'loadURL'
  | 'reload'
  | 'send'
  | 'setZoomFactor'
  | 'setZoomLevel'
>;
type WindowOpenHandler = Parameters<Real['setWindowOpenHandler']>[0];

const consoleLevels: Readonly<Record<string, 'debug' | 'warning' | 'error'>> = {
  assert: 'error',
  debug: 'debug',
  error: 'error',
  warning: 'warning',
};
/** Chromium's factor between two zoom levels. */
const zoomStep = 1.2;

let lastId = 0;

export class WebContents extends EventEmitter implements Implemented {
  readonly id = ++lastId;
  readonly ipc = new IpcMain();
  readonly mainFrame: WebFrameMain;
  readonly owner: BrowserWindow;
  readonly session: Session;
  readonly preferences: Electron.WebPreferences;
  readonly #opened: Promise<Page>;
  readonly #firstUrl = Promise.withResolvers<string>();
  #page: Page | undefined;
  #pipe: RendererPipe | undefined;
  #gate: RequestGate | undefined;
  #mainFrameId = '';
  #url = '';
  #title = '';
  #loading = false;
  #zoomLevel = 0;
  #gone = false;
  #openHandler: WindowOpenHandler = () => ({ action: 'allow' });

  constructor(
    owner: BrowserWindow,
    preferences: Electron.WebPreferences,
    bounds: Electron.Rectangle,
  ) {
    super();
    runningChromium();
    this.owner = owner;
    this.preferences = preferences;
    this.session = host().sessions.fromPartition(this.preferences.partition ?? '');
    this.mainFrame = new WebFrameMain(this);
    host().contents.add(this);
    this.#opened = this.#open(bounds);
    this.#opened.catch((error: unknown) => {
      if (!this.#gone) process.stderr.write(`electron double: ${String(error)}\n`);
    });
  }

  get targetId(): string {
    return this.#page?.targetId ?? '';
  }

  get mainFrameId(): string {
    return this.#mainFrameId;
  }

  async loadURL(url: string): Promise<void> {
    const target = new URL(this.session.toChromium(url)).href;
    this.#firstUrl.resolve(target);
    const page = await this.#opened;
    const loaded = Promise.withResolvers<undefined>();
    this.once('did-finish-load', loaded.resolve);
    this.once('destroyed', loaded.resolve);
    this.#startLoading();
    this.#gate?.expect(target);
    try {
      const { errorText, loaderId } = await page.send('Page.navigate', { url: target });
      if (errorText) throw this.#failed(errorText, url);
      if (loaderId !== undefined) await loaded.promise;
      if (this.#gone) throw this.#failed('net::ERR_ABORTED', url);
    } finally {
      this.off('did-finish-load', loaded.resolve);
      this.off('destroyed', loaded.resolve);
      this.#gate?.arrived();
    }
  }

  loadFile(path: string, options: Electron.LoadFileOptions = {}): Promise<void> {
    const url = pathToFileURL(path);
    if (options.hash !== undefined) url.hash = options.hash;
    for (const [key, value] of Object.entries(options.query ?? {})) {
      url.searchParams.set(key, value);
    }
    return this.loadURL(url.href);
  }

  reload(): void {
    this.#gate?.expect(this.#url);
    this.#startLoading();
    this.#quietly((page) => page.send('Page.reload'));
  }

  send(channel: string, ...args: unknown[]): void {
    if (!this.#gone) this.#pipe?.deliver({ op: 'message', channel, args });
  }

  async executeJavaScript(code: string): Promise<unknown> {
    return (await this.#opened).evaluate(code);
  }

  async insertCSS(css: string): Promise<string> {
    const sheet = `const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(css)});`;
    await this.executeJavaScript(`{ ${sheet} document.adoptedStyleSheets.push(sheet); }`);
    return 'css';
  }

  async capturePage(): Promise<NativeImage> {
    const page = await this.#opened;
    const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
    return NativeImage.createFromBuffer(Buffer.from(data, 'base64'));
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#openHandler = handler;
  }

  /** The page asked for another window. */
  windowOpenRequested(request: OpenRequest): void {
    const url = this.session.fromChromium(request.url);
    const referrer = { url: this.getURL(), policy: 'strict-origin-when-cross-origin' } as const;
    const answer = this.#openHandler({ ...request, url, referrer });
    if (answer.action === 'allow') this.owner.openChild(url, answer.overrideBrowserWindowOptions);
  }

  /** `prefers-color-scheme` as main wants it; undefined follows the system. */
  emulateColorScheme(scheme: 'light' | 'dark' | undefined): void {
    this.#quietly((page) =>
      page.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme ?? '' }],
      }),
    );
  }

  resize(width: number, height: number): void {
    this.#quietly((page) => page.resize(width, height));
  }

  async clearStorage(): Promise<void> {
    if (this.#page === undefined || this.#gone) return;
    const { origin } = new URL(this.#url === '' ? 'about:blank' : this.#url);
    if (origin === 'null') return;
    await this.#page.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  }

  close(): void {
    this.owner.close();
  }

  destroy(): void {
    const opened = this.#opened;
    this.gone();
    void opened.then((page) => page.close()).catch(() => undefined);
  }

  /** The target has ended, whoever ended it. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    host().contents.delete(this);
    this.emit('destroyed');
    this.owner.contentsGone();
  }

  getURL(): string {
    return this.session.fromChromium(this.#url);
  }

  getTitle(): string {
    return this.#title;
  }

  isLoading(): boolean {
    return this.#loading;
  }

  isDestroyed(): boolean {
    return this.#gone;
  }

  focus(): void {
    this.#quietly((page) => page.send('Page.bringToFront'));
  }

  setZoomFactor(factor: number): void {
    this.setZoomLevel(Math.log(factor) / Math.log(zoomStep));
  }

  getZoomFactor(): number {
    return zoomStep ** this.#zoomLevel;
  }

  /** Zoomed like text in a browser: the content gets fewer CSS pixels and reflows. */
  setZoomLevel(level: number): void {
    this.#zoomLevel = level;
    const zoom = String(this.getZoomFactor());
    void this.executeJavaScript(`document.documentElement.style.zoom = '${zoom}'`).catch(
      () => undefined,
    );
  }

  getZoomLevel(): number {
    return this.#zoomLevel;
  }

  isDevToolsOpened(): boolean {
    return false;
  }

  async #open(bounds: Electron.Rectangle): Promise<Page> {
    const browserContextId = await this.session.browserContextId();
    const url = isHeadful() ? await this.#firstUrl.promise : 'about:blank';
    const page = await Page.open({ url, browserContextId, ...bounds });
    this.#page = page;
    this.#mainFrameId = page.targetId;
    this.#pipe = new RendererPipe(this, page);
    this.#gate = new RequestGate(this, page);
    this.#watch(page);
    await page.prepare(this.preferences);
    await page.resize(bounds.width, bounds.height);
    this.emulateColorScheme(host().nativeTheme.emulated);
    return page;
  }

  #watch(page: Page): void {
    page.on('Page.frameNavigated', ({ frame }) => {
      this.#navigated(frame);
    });
    page.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId !== this.#mainFrameId) return;
      this.#url = url;
      this.emit('did-navigate-in-page', createEvent(), this.getURL(), true, 0, 0);
    });
    page.on('Page.domContentEventFired', () => {
      if (this.#hasDocument()) this.emit('dom-ready', createEvent());
    });
    page.on('Page.loadEventFired', () => {
      if (this.#hasDocument()) this.#loaded();
    });
    page.on('Page.javascriptDialogOpening', () => {
      const accept = this.preferences.disableDialogs !== true;
      this.#quietly(() => page.send('Page.handleJavaScriptDialog', { accept }));
    });
    page.on('Runtime.consoleAPICalled', (call) => {
      const message = call.args.map(consoleText).join(' ');
      const level = consoleLevels[call.type] ?? 'info';
      this.emit('console-message', createEvent({ message, level, lineNumber: 0, sourceId: '' }));
    });
    page.on('Runtime.exceptionThrown', ({ exceptionDetails }) => {
      const { exception, text } = exceptionDetails;
      process.stderr.write(`[renderer exception] ${exception?.description ?? text}\n`);
    });
    const { cdp } = runningChromium();
    cdp.on('Target.targetInfoChanged', ({ targetInfo }) => {
      if (targetInfo.targetId === page.targetId) this.#retitled(targetInfo.title);
    });
  }

  #navigated(frame: Protocol.Page.Frame): void {
    if (frame.parentId !== undefined) return;
    this.#mainFrameId = frame.id;
    this.#url = frame.url;
    // A debugger that attaches later may set its own scheme; ours holds from each document on.
    const { emulated } = host().nativeTheme;
    if (emulated !== undefined) this.emulateColorScheme(emulated);
    this.emit('did-navigate', createEvent(), this.getURL(), 200, 'OK');
  }

  #retitled(title: string): void {
    if (title === this.#title || !this.#hasDocument()) return;
    this.#title = title;
    const event = createEvent();
    this.emit('page-title-updated', event, title, true);
    this.owner.retitled(event, title);
  }

  #startLoading(): void {
    this.#loading = true;
    this.emit('did-start-loading');
  }

  #loaded(): void {
    this.#loading = false;
    this.emit('did-finish-load');
    this.emit('did-stop-loading');
    this.owner.contentsLoaded();
  }

  #failed(errorText: string, url: string): Error {
    this.#loading = false;
    const code = errorText.replace(/^net::/, '');
    this.emit('did-fail-load', createEvent(), -2, code, url, true, 0, 0);
    return Object.assign(new Error(`${code} (-2) loading '${url}'`), { code, errno: -2, url });
  }

  #hasDocument(): boolean {
    return this.#url !== '' && this.#url !== 'about:blank';
  }

  #quietly(command: (page: Page) => Promise<unknown>): void {
    void this.#opened.then(command).catch(() => undefined);
  }
}

function consoleText({ value, description }: Protocol.Runtime.RemoteObject): string {
  return typeof value === 'string' ? value : (description ?? JSON.stringify(value));
}

/** The statics of `webContents`. */
export const webContents = {
  getAllWebContents: () => host().contents.all,
  getFocusedWebContents: () => host().windows.focused?.webContents ?? null,
  fromId: (id: number) => host().contents.all.find((each) => each.id === id),
  fromDevToolsTargetId: (targetId: string) => host().contents.byTarget(targetId),
};
