// SPDX-License-Identifier: GPL-3.0-or-later

type Details = Electron.OnBeforeRequestListenerDetails;
type Answer = Electron.CallbackResponse;
type Listener = (details: Details, callback: (response: Answer) => void) => void;
type Filter = Electron.WebRequestFilter;

/** `session.webRequest`: the one listener that can refuse a request before it leaves. */
export class WebRequest implements Pick<Electron.WebRequest, 'onBeforeRequest'> {
  #listener: Listener | undefined;
  #filter: Filter | undefined;

  onBeforeRequest(filter: Filter, listener: Listener | null): void;
  onBeforeRequest(listener: Listener | null): void;
  onBeforeRequest(first: Filter | Listener | null, second?: Listener | null): void {
    const listener = typeof first === 'function' || first === null ? first : second;
    this.#listener = listener ?? undefined;
    this.#filter = typeof first === 'function' || first === null ? undefined : first;
  }

  ask(details: Details): Promise<Answer> {
    const listener = this.#listener;
    if (listener === undefined || !this.#concerns(details)) return Promise.resolve({});
    return new Promise((resolve) => {
      listener(details, resolve);
    });
  }

  #concerns({ url, resourceType }: Details): boolean {
    const filter = this.#filter;
    if (filter === undefined) return true;
    const { urls, excludeUrls = [], types } = filter;
    const isWanted = urls.some((pattern) => matches(pattern, url));
    const isExcluded = excludeUrls.some((pattern) => matches(pattern, url));
    const isType = types?.some((type) => type === resourceType) ?? true;
    return isWanted && !isExcluded && isType;
  }
}

/** Chrome's match patterns: `<all_urls>`, or a URL with stars. */
export function matches(pattern: string, url: string): boolean {
  if (pattern === '<all_urls>') return true;
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 's').test(url);
}
