// SPDX-License-Identifier: GPL-3.0-or-later
/// <reference lib="dom" />

/**
 * One end of `contextBridge`. Runs in both worlds of a page, joined by DOM events whose name the
 * page cannot guess: dispatch is synchronous and `detail` is cloned from one world to the other.
 * This file runs as text in the page: it imports nothing.
 */
export type Side = 'main' | 'isolated';

type Wrapped =
  | { readonly kind: 'function'; readonly id: number }
  | { readonly kind: 'promise'; readonly id: number }
  | { readonly kind: 'array'; readonly items: readonly Wrapped[] }
  | { readonly kind: 'error'; readonly name: string; readonly message: string }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Wrapped>> }
  | { readonly kind: 'value'; readonly value: unknown };

type Post =
  | { readonly op: 'call'; readonly id: number; readonly args: readonly Wrapped[] }
  | { readonly op: 'answer'; readonly ok: boolean; readonly result: Wrapped }
  | { readonly op: 'settle'; readonly id: number; readonly ok: boolean; readonly result: Wrapped }
  | { readonly op: 'expose'; readonly key: string; readonly api: Wrapped }
  | { readonly op: 'open'; readonly request: OpenRequest };

export interface OpenRequest {
  readonly url: string;
  readonly frameName: string;
  readonly features: string;
  readonly disposition: 'new-window' | 'foreground-tab';
}

export interface Bridge {
  readonly expose: (key: string, api: unknown) => void;
  readonly open: (request: OpenRequest) => void;
}

export interface BridgeOptions {
  readonly token: string;
  readonly side: Side;
  readonly onOpen: (request: OpenRequest) => void;
}

type AnyFunction = (...args: readonly unknown[]) => unknown;

class WorldBridge implements Bridge {
  readonly #peer: string;
  readonly #onOpen: (request: OpenRequest) => void;
  readonly #functions = new Map<number, AnyFunction>();
  readonly #promises = new Map<number, PromiseWithResolvers<unknown>>();
  /** Taken before the page can put another in its place. */
  readonly #dispatchEvent = window.dispatchEvent.bind(window);
  #lastId = 0;
  #answer: Extract<Post, { readonly op: 'answer' }> | undefined;

  constructor({ token, side, onOpen }: BridgeOptions) {
    this.#peer = token + (side === 'main' ? 'isolated' : 'main');
    this.#onOpen = onOpen;
    window.addEventListener(token + side, (event) => {
      event.stopImmediatePropagation();
      this.#receive((event as CustomEvent<Post>).detail);
    });
  }

  expose(key: string, api: unknown): void {
    this.#post({ op: 'expose', key, api: this.#wrap(api, 0) });
  }

  open(request: OpenRequest): void {
    this.#post({ op: 'open', request });
  }

  #post(detail: Post): void {
    this.#dispatchEvent(new CustomEvent(this.#peer, { detail }));
  }

  #receive(post: Post): void {
    switch (post.op) {
      case 'call':
        this.#post(this.#call(post.id, post.args));
        return;
      case 'answer':
        this.#answer = post;
        return;
      case 'settle':
        this.#settle(post);
        return;
      case 'expose':
        Object.defineProperty(window, post.key, {
          value: freeze(this.#unwrap(post.api)),
          enumerable: true,
        });
        return;
      case 'open':
        this.#onOpen(post.request);
    }
  }

  #call(id: number, args: readonly Wrapped[]): Post {
    try {
      const target = this.#functions.get(id);
      const result = target?.(...args.map((each) => this.#unwrap(each)));
      return { op: 'answer', ok: true, result: this.#wrap(result, 0) };
    } catch (error) {
      return { op: 'answer', ok: false, result: this.#wrap(error, 0) };
    }
  }

  #settle({ id, ok, result }: Extract<Post, { readonly op: 'settle' }>): void {
    const waiting = this.#promises.get(id);
    this.#promises.delete(id);
    if (ok) waiting?.resolve(this.#unwrap(result));
    else waiting?.reject(this.#unwrap(result));
  }

  #wrap(value: unknown, depth: number): Wrapped {
    if (depth > 1_000) throw new Error('contextBridge: the value is nested too deeply');
    if (typeof value === 'function') return this.#wrapFunction(value as AnyFunction);
    if (value instanceof Promise) return this.#wrapPromise(value);
    if (value instanceof Error) return { kind: 'error', name: value.name, message: value.message };
    if (Array.isArray(value)) {
      return { kind: 'array', items: value.map((each) => this.#wrap(each, depth + 1)) };
    }
    if (isPlain(value)) {
      const wrapped = Object.entries(value).map(([key, each]) => [
        key,
        this.#wrap(each, depth + 1),
      ]);
      return { kind: 'object', fields: Object.fromEntries(wrapped) as Record<string, Wrapped> };
    }
    return { kind: 'value', value: structuredClone(value) };
  }

  #wrapFunction(target: AnyFunction): Wrapped {
    const id = ++this.#lastId;
    this.#functions.set(id, target);
    return { kind: 'function', id };
  }

  #wrapPromise(promise: Promise<unknown>): Wrapped {
    const id = ++this.#lastId;
    const settle = (ok: boolean) => (result: unknown) => {
      this.#post({ op: 'settle', id, ok, result: this.#wrap(result, 0) });
    };
    promise.then(settle(true), settle(false));
    return { kind: 'promise', id };
  }

  #unwrap(wrapped: Wrapped): unknown {
    switch (wrapped.kind) {
      case 'function':
        return (...args: readonly unknown[]) => this.#callPeer(wrapped.id, args);
      case 'promise': {
        const waiting = Promise.withResolvers<unknown>();
        this.#promises.set(wrapped.id, waiting);
        return waiting.promise;
      }
      case 'array':
        return wrapped.items.map((each) => this.#unwrap(each));
      case 'error':
        return Object.assign(new Error(wrapped.message), { name: wrapped.name });
      case 'object':
        return Object.fromEntries(
          Object.entries(wrapped.fields).map(([key, each]) => [key, this.#unwrap(each)]),
        );
      case 'value':
        return wrapped.value;
    }
  }

  #callPeer(id: number, args: readonly unknown[]): unknown {
    this.#answer = undefined;
    this.#post({ op: 'call', id, args: args.map((each) => this.#wrap(each, 0)) });
    const answer = this.#answer as Extract<Post, { readonly op: 'answer' }> | undefined;
    this.#answer = undefined;
    if (answer === undefined) throw new Error('An object could not be cloned.');
    const result = this.#unwrap(answer.result);
    if (answer.ok) return result;
    throw result;
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}

/**
 * In the main world: a new window is asked for before Chromium makes it, since a target that a
 * second debugger has paused cannot be closed safely.
 */
export function installWindowOpen(bridge: Bridge): void {
  const ask = (url: string, frameName: string, features: string): void => {
    const disposition = features === 'tab' ? 'foreground-tab' : 'new-window';
    const href = URL.parse(url === '' ? 'about:blank' : url, location.href)?.href;
    if (href !== undefined) {
      bridge.open({
        url: href,
        frameName,
        features: features === 'tab' ? '' : features,
        disposition,
      });
    }
  };
  window.open = (url = '', frameName = '', features = '') => {
    ask(String(url), frameName, features);
    return null;
  };
  window.addEventListener('click', (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (link === undefined || link.href === '' || event.defaultPrevented) return;
    const isElsewhere = link.target !== '' && !['_self', '_top', '_parent'].includes(link.target);
    if (!isElsewhere && !event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    ask(link.href, link.target, 'tab');
  });
}

export function createBridge(options: BridgeOptions): Bridge {
  return new WorldBridge(options);
}
