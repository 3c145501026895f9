// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contacts } from '#main/account/contacts.ts';
import { Hearing } from '#main/account/hearing.ts';
import type { AccountDeps, Clock } from '#main/account/ports.ts';
import { type AccountGuest, AccountService, type OpenAccount } from '#main/account/service.ts';
import type { World } from '#main/conversation/ports.ts';
import { toSecurityCode } from '#main/conversation/security-code.ts';
import { ConversationService } from '#main/conversation/service.ts';
import { defaultSettings } from '#main/settings/defaults.ts';
import { createDatabase } from '#main/store/database.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import { createStore, type Store } from '#main/store/store.ts';
import { createXmppClient } from '#main/xmpp/create-client.ts';
import { registerAccount } from '#main/xmpp/register-account.ts';

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
  readonly account: AccountService;
  readonly published: { readonly name: string; readonly payload: unknown }[] = [];
  readonly failures: unknown[] = [];
  readonly exported: Uint8Array[] = [];
  readonly #server: LiveServer;
  #open: { contacts: Contacts; conversations: ConversationService } | undefined;

  constructor(server: LiveServer, name: string, more: Partial<AccountDeps> = {}) {
    this.#server = server;
    this.name = name;
    const [id, key] = [random(16), random(32)];
    const path = join(this.folder, 'store.db');
    this.store = createStore(createDatabase({ path, id, key, migrations }));
    const deps: AccountDeps = {
      store: this.store,
      clock,
      random,
      env,
      publish: (event, payload) => this.published.push({ name: event, payload }),
      createClient: (config) => createXmppClient(config, xmpp),
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
    this.account = new AccountService(
      deps,
      (open) => this.#host(deps, open),
      () => undefined,
    );
  }

  get contacts(): Contacts {
    if (this.#open === undefined) throw new TypeError('not signed in');
    return this.#open.contacts;
  }

  get conversations(): ConversationService {
    if (this.#open === undefined) throw new TypeError('not signed in');
    return this.#open.conversations;
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
      forgingKey: { choice: 'destroy' },
      ...more,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.account.stop();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** As `compose.ts` does. */
  #host(deps: AccountDeps, open: OpenAccount): AccountGuest {
    const conversations = new ConversationService(this.#world(deps, open), {
      requestsChanged: () => {
        contacts.publishRequests();
      },
    });
    const contacts: Contacts = new Contacts(deps, open, {
      refresh: (peer) => conversations.refreshViews(peer),
      forget: (id) => conversations.forget(id),
    });
    this.#open = { contacts, conversations };
    const hearing = new Hearing(open.client, {
      contacts: (event) => contacts.hear(event),
      conversations: conversations.hear,
      failed: (cause) => this.failures.push(cause),
    });
    return {
      hear: (event) => {
        hearing.hear(event);
      },
      keysChanged: () => {
        void conversations.renewIdentity();
      },
      stop: () => {
        contacts.stop();
        conversations.stop();
      },
      endAll: () => conversations.endAll(),
      modeChanged: () => conversations.forgetSessions(),
    };
  }

  #world(deps: AccountDeps, open: OpenAccount): World {
    return {
      account: open.row.id,
      ourJid: open.row.jid,
      mode: open.mode,
      clock,
      random,
      env,
      wire: open.client,
      store: this.store,
      offlineKeys: () => undefined,
      ownKeys: () => {
        const [identity, code] = [open.identity(), open.code()];
        return identity === undefined || code === undefined ? undefined : { identity, code };
      },
      settings: () => defaultSettings,
      publish: deps.publish,
      announce: () => undefined,
      withdrawAnnouncement: () => undefined,
      note: (_event, cause) => this.failures.push(cause),
      defer: setImmediate,
    };
  }
}
