// SPDX-License-Identifier: GPL-3.0-or-later
import type { Protocol } from './cdp.ts';
import { createEvent } from './event.ts';
import type { Page } from './page.ts';
import type { WebContents } from './web-contents.ts';

type Paused = Protocol.Fetch.requestPausedPayload;
type ResourceType = Electron.OnBeforeRequestListenerDetails['resourceType'];
type NavigationEvent = 'will-frame-navigate' | 'will-navigate' | 'will-redirect';

const resourceTypes: Readonly<Record<string, ResourceType>> = {
  CSPViolationReport: 'cspReport',
  Fetch: 'xhr',
  Font: 'font',
  Image: 'image',
  Media: 'media',
  Ping: 'ping',
  Script: 'script',
  Stylesheet: 'stylesheet',
  WebSocket: 'webSocket',
  XHR: 'xhr',
};

/** Every request of one page: navigation events, `webRequest`, and schemes the application handles. */
export class RequestGate {
  readonly #contents: WebContents;
  readonly #page: Page;
  /** The document that main itself asked for; no navigation event is sent for it. */
  #own: string | undefined;

  constructor(contents: WebContents, page: Page) {
    this.#contents = contents;
    this.#page = page;
    page.on('Fetch.requestPaused', (paused) => {
      // A page that went away takes its requests with it.
      this.#decide(paused).catch(() => undefined);
    });
  }

  expect(url: string): void {
    this.#own = withoutFragment(url);
  }

  arrived(): void {
    this.#own = undefined;
  }

  async #decide(paused: Paused): Promise<void> {
    const { requestId, request } = paused;
    const { session } = this.#contents;
    const url = session.fromChromium(request.url);
    if (paused.resourceType === 'Document' && !this.#mayNavigate(paused, url)) {
      await this.#page.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      return;
    }
    if (isUnasked(paused, url)) {
      await this.#page.send('Fetch.fulfillRequest', { requestId, responseCode: 204 });
      return;
    }
    const { cancel, redirectURL } = await session.webRequest.ask(this.#details(paused, url));
    if (cancel) {
      await this.#page.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    } else if (redirectURL !== undefined) {
      await this.#page.send('Fetch.fulfillRequest', {
        requestId,
        responseCode: 307,
        responseHeaders: [{ name: 'Location', value: session.toChromium(redirectURL) }],
      });
    } else if (url === request.url) {
      await this.#page.send('Fetch.continueRequest', { requestId });
    } else {
      await this.#answer(paused, url);
    }
  }

  #mayNavigate(paused: Paused, url: string): boolean {
    const isMainFrame = paused.frameId === this.#contents.mainFrameId;
    const isOwn = isMainFrame && withoutFragment(paused.request.url) === this.#own;
    if (isOwn && paused.redirectedRequestId === undefined) return true;
    const names: NavigationEvent[] = paused.redirectedRequestId
      ? ['will-redirect']
      : isMainFrame
        ? ['will-frame-navigate', 'will-navigate']
        : ['will-frame-navigate'];
    return names.every((name) => {
      const frame = isMainFrame ? this.#contents.mainFrame : null;
      const details = { url, isMainFrame, isSameDocument: false, frame, initiator: frame };
      const event = createEvent(details);
      this.#contents.emit(name, event, url);
      return !event.defaultPrevented;
    });
  }

  #details(paused: Paused, url: string): Electron.OnBeforeRequestListenerDetails {
    const isMainFrame = paused.frameId === this.#contents.mainFrameId;
    const documentType = isMainFrame ? 'mainFrame' : 'subFrame';
    const { resourceType, request } = paused;
    return {
      id: Number(/\d+/.exec(paused.requestId)?.[0] ?? 0),
      url,
      method: request.method,
      webContentsId: this.#contents.id,
      resourceType:
        resourceType === 'Document' ? documentType : (resourceTypes[resourceType] ?? 'other'),
      referrer: request.headers.Referer ?? '',
      timestamp: Date.now(),
      uploadData: [],
    };
  }

  async #answer({ requestId, request }: Paused, url: string): Promise<void> {
    const handler = this.#contents.session.protocol.handlerOf(url);
    const { method, headers, postData = null } = request;
    try {
      const response = await handler?.(new Request(url, { method, headers, body: postData }));
      if (response === undefined) throw new TypeError('The handler returned no response');
      const body = Buffer.from(await response.arrayBuffer());
      await this.#page.send('Fetch.fulfillRequest', {
        requestId,
        responseCode: response.status,
        responseHeaders: Array.from(response.headers, ([name, value]) => ({ name, value })),
        body: body.toString('base64'),
      });
    } catch (error) {
      process.stderr.write(`electron double: the handler of ${url} failed: ${String(error)}\n`);
      await this.#page.send('Fetch.failRequest', { requestId, errorReason: 'Failed' });
    }
  }
}

/** Chromium wants an icon of every web site; a scheme of the application is none. */
function isUnasked({ resourceType, request }: Paused, url: string): boolean {
  return resourceType === 'Other' && url !== request.url && url.endsWith('/favicon.ico');
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url;
}
