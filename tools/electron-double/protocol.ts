// SPDX-License-Identifier: GPL-3.0-or-later
import { host } from './host.ts';

export type ProtocolHandler = Parameters<Electron.Protocol['handle']>[1];

/** `session.protocol`: handlers of one session, privileges of all. */
export class Protocol implements Pick<
  Electron.Protocol,
  'handle' | 'unhandle' | 'isProtocolHandled' | 'registerSchemesAsPrivileged'
> {
  static readonly #privileges = new Map<string, Electron.Privileges>();
  readonly #handlers = new Map<string, ProtocolHandler>();

  registerSchemesAsPrivileged(customSchemes: Electron.CustomScheme[]): void {
    if (host().app.isReady()) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    }
    for (const { scheme, privileges = {} } of customSchemes) {
      Protocol.#privileges.set(scheme, privileges);
    }
  }

  /** Only standard schemes have hosts and origins, and only those can be stood in for. */
  handle(scheme: string, handler: ProtocolHandler): void {
    if (this.#handlers.has(scheme)) {
      throw new Error(`Failed to register protocol: ${scheme} is already handled`);
    }
    if (Protocol.#privileges.get(scheme)?.standard !== true) {
      throw new Error(`electron double: '${scheme}' is not registered as a standard scheme`);
    }
    this.#handlers.set(scheme, handler);
  }

  unhandle(scheme: string): void {
    this.#handlers.delete(scheme);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme);
  }

  handlerOf(url: string): ProtocolHandler | undefined {
    return this.#handlers.get(url.slice(0, Math.max(0, url.indexOf(':'))));
  }

  get privileges(): Readonly<Record<string, Electron.Privileges>> {
    return Object.fromEntries(Protocol.#privileges);
  }
}
