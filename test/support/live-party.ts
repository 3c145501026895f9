// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountDeps, Clock } from '#main/account/ports.ts';
import { AccountService } from '#main/account/service.ts';
import { toSecurityCode } from '#main/conversation/security-code.ts';
import { type AccountHouse, hostAccount } from '#main/host-account.ts';
import type { AccountServices } from '#main/ipc/services.ts';
import { defaultSettings } from '#main/settings/defaults.ts';
import { createDatabase } from '#main/store/database.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import { createStore, type Store } from '#main/store/store.ts';
import { createXmppClient } from '#main/xmpp/create-client.ts';
import { registerAccount } from '#main/xmpp/register-account.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { FullJid } from '#shared/model/jid.ts';

const migrations = migrationsFromFolder(
  new URL('../../src/main/store/migrations/', import.meta.url),
);

const clock: Clock = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const env = { random, nowMs: clock.now, monotonicMs: clock.monotonicNow };
const xmpp = { clock, random, note: () => undefined };

/** A server that lets people register. */
export interface LiveServer {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly certificatePem: string;
}

/** The rooms of main on a real line to a real server, without a window. */
export class LiveParty implements AsyncDisposable {
  readonly name: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-live-'));
  readonly store: Store;
  readonly published: { readonly name: string; readonly payload: unknown }[] = [];
  readonly failures: unknown[] = [];
  readonly exported: Uint8Array[] = [];
  /** Whom the server has said to be gone. */
  readonly left = new Set<FullJid>();
  readonly #server: LiveServer;
  readonly #deps: AccountDeps;
  #account: AccountService;
  #open: AccountServices | undefined;

  constructor(server: LiveServer, name: string, more: Partial<AccountDeps> = {}) {
    this.#server = server;
    this.name = name;
    const [id, key] = [random(16), random(32)];
    const path = join(this.folder, 'store.db');
    this.store = createStore(createDatabase({ path, id, key, migrations }));
    this.#deps = {
      store: this.store,
      clock,
      random,
      env,
      publish: (event, payload) => this.published.push({ name: event, payload }),
      createClient: (config) => {
        const client = createXmppClient(config, xmpp);
        client.subscribe((event) => {
          if (event.tag !== 'presence') return;
          const { full } = event.from;
          if (full === undefined) return;
          if (event.available) this.left.delete(full);
          else this.left.add(full);
        });
        return client;
      },
      register: (config, password, token) => registerAccount(config, password, xmpp, token),
      extraCertificates: [server.certificatePem],
      language: 'en',
      toSecurityCode,
      exportForgingKey: (seed) => {
        this.exported.push(seed.slice());
        return Promise.resolve(true);
      },
      note: (_event, cause) => this.failures.push(cause),
      ...more,
    };
    this.#account = this.#start();
  }

  get account(): AccountService {
    return this.#account;
  }

  get contacts(): AccountServices['contacts'] {
    return this.#services().contacts;
  }

  get conversations(): AccountServices['conversations'] {
    return this.#services().conversations;
  }

  get prekeys(): AccountServices['prekeys'] {
    return this.#services().prekeys;
  }

  get address(): string {
    return `${this.name}@${this.#server.domain}`;
  }

  add(more: Partial<Parameters<AccountService['add']>[0]> = {}): Promise<void> {
    return this.account.add({
      jid: this.address,
      password: new TextEncoder().encode('correct horse'),
      createOnServer: true,
      server: { host: this.#server.host, port: this.#server.port, tls: 'starttls' },
      allowPlain: false,
      deviceLabel: 'Desktop',
      mode: 'compatible',
      leavesKeys: true,
      forgingKey: { choice: 'destroy' },
      ...more,
    });
  }

  /** Types and presses Enter, again where the chat has changed meanwhile (I-1). */
  async type(to: ConversationId, text: string): Promise<void> {
    try {
      await this.conversations.send(to, text, this.conversations.view(to).stateToken);
    } catch (cause) {
      if (!(cause instanceof AppFailure) || cause.code !== 'state-changed') throw cause;
      await this.type(to, text);
    }
  }

  /** The application is closed: what was in memory is gone. */
  async quit(): Promise<void> {
    await this.#account.stop();
  }

  /** It is opened again, on what it left on disk. */
  open(): void {
    this.#account = this.#start();
    this.#account.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(): AccountService {
    const house: AccountHouse = {
      log: {
        write: (_event, fields) => this.failures.push(fields),
        admit: () => undefined,
      },
      publish: this.#deps.publish,
      shown: () => undefined,
    };
    return new AccountService(
      this.#deps,
      (open) => {
        const { services, guest } = hostAccount(house, this.#deps, open, () => defaultSettings);
        this.#open = services;
        return guest;
      },
      () => undefined,
    );
  }

  #services(): AccountServices {
    if (this.#open === undefined) throw new TypeError('not signed in');
    return this.#open;
  }
}
