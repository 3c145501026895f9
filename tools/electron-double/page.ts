// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cdp, EventName, Method, Protocol } from './cdp.ts';
import { isHeadful, type AppWindow } from './chromium.ts';
import { runningChromium } from './host.ts';
import { electronVersion } from './runtime.ts';
import {
  isolatedWorld,
  isolatedWorldSource,
  mainWorldSource,
  sendBinding,
} from './world-source.ts';

export interface PageOptions extends AppWindow {
  readonly browserContextId: string | undefined;
}

/** One target of Chromium with our debugging session on it. */
export class Page {
  readonly targetId: string;
  readonly #cdp: Cdp;
  readonly #sessionId: string;

  private constructor(cdp: Cdp, targetId: string, sessionId: string) {
    this.#cdp = cdp;
    this.targetId = targetId;
    this.#sessionId = sessionId;
  }

  static async open(options: PageOptions): Promise<Page> {
    const chromium = runningChromium();
    const { cdp } = chromium;
    const targetId = isHeadful()
      ? await chromium.openAppWindow(options)
      : await createTarget(cdp, options);
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    return new Page(cdp, targetId, sessionId);
  }

  send<M extends Method>(
    method: M,
    params?: Protocol.CommandParameters[M],
  ): Promise<Protocol.CommandReturnValues[M]> {
    return this.#cdp.send(method, params, this.#sessionId);
  }

  on<E extends EventName>(event: E, listener: (params: Protocol.Events[E]) => void): void {
    this.#cdp.on(event, listener, this.#sessionId);
  }

  /** Both worlds, the pipe between them and the gate for requests, before the first document. */
  async prepare(preferences: Electron.WebPreferences): Promise<void> {
    const token = `double-${randomBytes(16).toString('hex')}`;
    const path = preferences.preload ?? '';
    const code = path === '' ? '' : readFileSync(path, 'utf8');
    const processInfo = describeProcess(preferences.additionalArguments ?? []);
    await Promise.all([
      this.send('Page.enable'),
      this.send('Runtime.addBinding', { name: sendBinding, executionContextName: isolatedWorld }),
      this.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldSource(token) }),
      this.send('Page.addScriptToEvaluateOnNewDocument', {
        worldName: isolatedWorld,
        source: isolatedWorldSource({ token, processInfo, code, path }),
      }),
      this.send('Runtime.enable'),
      this.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    ]);
  }

  /** The size of the content: exact in headless, the window's own where there is a screen. */
  async resize(width: number, height: number): Promise<void> {
    if (!isHeadful()) {
      await this.send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 0,
        mobile: false,
      });
      return;
    }
    const { targetId } = this;
    const { windowId } = await this.#cdp.send('Browser.getWindowForTarget', { targetId });
    const frame = await this.evaluate('[outerWidth - innerWidth, outerHeight - innerHeight]');
    const [left, top] = frame as readonly [number, number];
    const bounds = { width: width + left, height: height + top };
    await this.#cdp.send('Browser.setWindowBounds', { windowId, bounds });
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  async close(): Promise<void> {
    await this.#cdp.send('Target.closeTarget', { targetId: this.targetId });
  }
}

async function createTarget(cdp: Cdp, options: PageOptions): Promise<string> {
  const { browserContextId, width, height } = options;
  const context = browserContextId === undefined ? {} : { browserContextId };
  const target = { url: 'about:blank', newWindow: true, width, height, ...context };
  return (await cdp.send('Target.createTarget', target)).targetId;
}

function describeProcess(argv: readonly string[]): object {
  return {
    arch: process.arch,
    argv,
    contextIsolated: true,
    env: {},
    platform: process.platform,
    sandboxed: true,
    type: 'renderer',
    versions: { ...process.versions, electron: electronVersion },
  };
}
