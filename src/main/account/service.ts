// SPDX-License-Identifier: GPL-3.0-or-later

import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import type { OwnIdentity } from '#otr';
import type { AppErrorCode } from '#shared/errors/app-error.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { AccountMode, AccountView } from '#shared/model/account.ts';
import { cleanLabel } from '#shared/model/device-label.ts';
import { type BareJid, parseBareJid } from '#shared/model/jid.ts';
import type { SecurityCode } from '#shared/model/security-code.ts';
import { randomHex } from '#shared/std/random-hex.ts';
import type { AccountRow, NewAccount, ServerOverride } from '#main/store/rows.ts';
import type { ServerConfig, XmppClient } from '#main/xmpp/client.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { ClockCheck } from './clock-check.ts';
import { toConnectionView, toErrorCode, toRegisterError } from './connection-view.ts';
import { DeviceAnnouncer } from './device-announcer.ts';
import { KeyKeeper } from './key-keeper.ts';
import type { AccountDeps } from './ports.ts';
import { endpointOf, StoredWay } from './server-config.ts';

export interface AddAccount {
  readonly jid: string;
  readonly password: Uint8Array;
  readonly createOnServer: boolean;
  /** Of an invitation to the server. */
  readonly token?: string | undefined;
  readonly server: ServerOverride | undefined;
  readonly allowPlain: boolean;
  readonly deviceLabel: string;
  readonly mode: AccountMode;
  /** For contacts who write while no device is online. */
  readonly leavesKeys: boolean;
  readonly forgingKey:
    { readonly choice: 'destroy' } | { readonly choice: 'keep'; readonly passphrase: Uint8Array };
}

/** An account with its line to the server; what the rest of the house is built on. */
export interface OpenAccount {
  readonly row: AccountRow;
  readonly client: XmppClient;
  readonly identity: () => OwnIdentity | undefined;
  readonly code: () => SecurityCode | undefined;
  readonly mode: () => AccountMode;
}

/** What lives on top of an open account. */
export interface AccountGuest {
  /** Also called for what came before the account was stored. */
  readonly hear: (event: WireEvent) => void;
  readonly keysChanged: () => void;
  /** Everyone is told goodbye; the line goes right after. */
  readonly stop: () => void;
  readonly endAll: () => Promise<void>;
  /** Every session goes: the next ones are of the new mode. */
  readonly modeChanged: () => Promise<void>;
}

export type HostGuest = (account: OpenAccount) => AccountGuest;

interface Running {
  readonly row: AccountRow;
  readonly client: XmppClient;
  readonly keys: KeyKeeper;
  readonly announcer: DeviceAnnouncer;
  readonly clockCheck: ClockCheck;
  readonly guest: AccountGuest;
}

const RESOURCE_OCTETS = 8;

/** The one account of this profile: from the first sign-in to its removal. */
export class AccountService {
  readonly #deps: AccountDeps;
  readonly #host: HostGuest;
  readonly #onExistence: () => void;
  #running: Running | undefined;
  #adding = false;

  /** `onExistence`: there is an account now, or there is none any more. */
  constructor(deps: AccountDeps, host: HostGuest, onExistence: () => void) {
    this.#deps = deps;
    this.#host = host;
    this.#onExistence = onExistence;
  }

  exists(): boolean {
    return this.#running !== undefined;
  }

  /** Opens the stored account, if there is one, and goes online. */
  open(): void {
    const [row] = this.#deps.store.accounts.list();
    if (row === undefined) return;
    const ways = new StoredWay(this.#deps, row.id);
    const client = this.#createClient(row, ways, () => this.#storedPassword(row));
    this.#run(row, client, undefined);
    client.connect({ persist: true });
  }

  view(): AccountView | undefined {
    if (this.#running === undefined) return undefined;
    const { row, client, keys, announcer, clockCheck } = this.#running;
    return {
      jid: row.jid,
      mode: row.mode,
      deviceLabel: this.#deps.store.accounts.get(row.id)?.deviceLabel ?? row.deviceLabel,
      connection: toConnectionView(client.state()),
      keys: keys.view(),
      devices: announcer.view(),
      clockAheadMs: clockCheck.aheadMs,
    };
  }

  /** Signs in, or registers first. Nothing is stored before the server has accepted the password. */
  async add(wanted: AddAccount): Promise<void> {
    if (this.#running !== undefined || this.#adding) throw new AppFailure('account-exists');
    const jid = parseBareJid(wanted.jid);
    if (!jid.ok) throw new AppFailure('address-invalid');
    this.#adding = true;
    try {
      if (wanted.createOnServer) await this.#register(jid.value, wanted);
      await this.#signIn(jid.value, wanted);
    } finally {
      this.#adding = false;
    }
  }

  connect(): void {
    this.#require().client.connect({ persist: true });
  }

  /** The computer was asleep: whoever waits need not wait any longer. */
  wake(): void {
    const client = this.#running?.client;
    if (client?.state().tag === 'waiting') client.connect({ persist: true });
  }

  async disconnect(): Promise<void> {
    const { client, guest } = this.#require();
    await guest.endAll();
    await client.disconnect();
  }

  setDeviceLabel(label: string): void {
    const { row, announcer } = this.#require();
    const deviceLabel = cleanLabel(label);
    this.#deps.store.transaction((tx) => {
      this.#deps.store.accounts.saveDevice(tx, row.id, { resource: row.resource, deviceLabel });
    });
    announcer.relabel(deviceLabel);
    this.#publish();
  }

  /** What the user does about the list of the account's devices. */
  devices(): Pick<DeviceAnnouncer, 'keep' | 'remove' | 'announceAgain'> {
    return this.#require().announcer;
  }

  async setMode(mode: AccountMode): Promise<void> {
    const running = this.#require();
    if (running.row.mode === mode) return;
    await running.guest.endAll();
    this.#deps.store.transaction((tx) => {
      this.#deps.store.accounts.saveMode(tx, running.row.id, mode);
    });
    this.#running = { ...running, row: { ...running.row, mode } };
    await running.guest.modeChanged();
    this.#publish();
  }

  /** The password changed on the server: the next login takes the new one. */
  async setPassword(password: Uint8Array): Promise<void> {
    const { row, client, guest } = this.#require();
    this.#deps.store.transaction((tx) => {
      this.#deps.store.accounts.saveCredentials(tx, row.id, password);
    });
    await guest.endAll();
    await client.disconnect();
    client.connect({ persist: true });
  }

  /** Removes the account from this computer with keys, contacts and history; the server keeps it. */
  async remove(): Promise<void> {
    const { row } = this.#require();
    await this.stop();
    this.#deps.store.transaction((tx) => {
      this.#deps.store.accounts.remove(tx, row.id);
    });
    this.#deps.publish('account.changed', undefined);
    this.#onExistence();
  }

  /** Goodbye to every chat, then to the server. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.guest.stop();
    await running.client.disconnect();
    running.keys.stop();
    running.announcer.stop();
    this.#running = undefined;
  }

  async #register(jid: BareJid, { server, password, token }: AddAccount): Promise<void> {
    const config = this.#serverOf(jid, server);
    const code = toRegisterError(await this.#deps.register(config, password, token));
    if (code !== undefined) throw new AppFailure(code);
  }

  async #signIn(jid: BareJid, wanted: AddAccount): Promise<void> {
    const fresh = this.#newAccount(jid, wanted);
    const stored: { row?: AccountRow } = {};
    const password = wanted.password.slice();
    const ways = new StoredWay(this.#deps);
    const client = this.#createClient(fresh, ways, () =>
      Promise.resolve(stored.row === undefined ? password.slice() : this.#loadPassword(stored.row)),
    );
    const early: WireEvent[] = [];
    const stopListening = client.subscribe((event) => early.push(event));
    const failure = await firstOutcome(client);
    stopListening();
    if (failure !== undefined) {
      password.fill(0);
      await client.disconnect();
      throw new AppFailure(failure);
    }
    const row = this.#store(fresh, password);
    stored.row = row;
    ways.moveInto(row.id);
    password.fill(0);
    const { forgingKey } = wanted;
    this.#run(
      row,
      client,
      forgingKey.choice === 'keep' ? forgingKey.passphrase.slice() : undefined,
    );
    for (const event of early) this.#hear(event);
    this.#onExistence();
  }

  #newAccount(jid: BareJid, wanted: AddAccount): Omit<NewAccount, 'credentials'> {
    return {
      jid,
      server: wanted.server,
      allowPlain: wanted.allowPlain,
      mode: wanted.mode,
      leavesKeys: wanted.leavesKeys,
      createdAt: this.#deps.clock.now(),
      resource: randomHex(this.#deps, RESOURCE_OCTETS),
      deviceLabel: cleanLabel(wanted.deviceLabel),
      instanceTag: createInstanceTag(this.#deps.env),
    };
  }

  #store(fresh: Omit<NewAccount, 'credentials'>, credentials: Uint8Array): AccountRow {
    const { accounts, transaction } = this.#deps.store;
    const id = transaction((tx) => accounts.add(tx, { ...fresh, credentials }));
    return { ...fresh, id };
  }

  #serverOf(jid: BareJid, server: ServerOverride | undefined): ServerConfig {
    const { extraCertificates, language } = this.#deps;
    return { jid, endpoint: endpointOf(server), extraCertificates, language };
  }

  #createClient(
    account: Omit<NewAccount, 'credentials'>,
    ways: StoredWay,
    password: () => Promise<Uint8Array>,
  ): XmppClient {
    const { allowPlain, resource, jid, server } = account;
    return this.#deps.createClient({
      ...this.#serverOf(jid, server),
      ways,
      password,
      allowPlain,
      resource,
    });
  }

  #run(row: AccountRow, client: XmppClient, exportUnder: Uint8Array | undefined): void {
    const keys = new KeyKeeper(this.#deps, row, () => {
      this.#running?.guest.keysChanged();
      this.#publish();
    });
    const guest = this.#host({
      row,
      client,
      identity: () => keys.identity(),
      code: () => keys.code(),
      mode: () => this.#running?.row.mode ?? row.mode,
    });
    const announcer = new DeviceAnnouncer(this.#deps, row, client, () => {
      this.#publish();
    });
    const clockCheck = new ClockCheck(this.#deps.clock, client, () => {
      this.#publish();
    });
    this.#running = { row, client, keys, announcer, clockCheck, guest };
    client.subscribe((event) => {
      if (this.#running?.client !== client) return;
      if (event.tag === 'connection') this.#publish();
      this.#hear(event);
    });
    this.#publish();
    this.#openKeys(keys, exportUnder);
  }

  #hear(event: WireEvent): void {
    this.#running?.guest.hear(event);
    this.#running?.announcer.hear(event);
    this.#running?.clockCheck.hear(event);
  }

  /** In the background: the chat list need not wait for it. */
  #openKeys(keys: KeyKeeper, exportUnder: Uint8Array | undefined): void {
    this.#deps.clock.after(0, () => {
      if (this.#running?.keys !== keys) return;
      try {
        if (exportUnder === undefined) keys.open();
        else keys.make(exportUnder);
      } catch (cause) {
        this.#deps.note('account-failed', cause);
      }
    });
  }

  #storedPassword(row: AccountRow): Promise<Uint8Array> {
    return Promise.resolve(this.#loadPassword(row));
  }

  #loadPassword(row: AccountRow): Uint8Array {
    const password = this.#deps.store.accounts.loadCredentials(row.id);
    if (password === undefined) throw new AppFailure('auth-failed');
    return password;
  }

  #require(): Running {
    if (this.#running === undefined) throw new AppFailure('account-unknown');
    return this.#running;
  }

  #publish(): void {
    const view = this.view();
    if (view !== undefined) this.#deps.publish('account.changed', view);
  }
}

/** The first attempt, to its end: online, or why not. */
function firstOutcome(client: XmppClient): Promise<AppErrorCode | undefined> {
  return new Promise((resolve) => {
    const stopListening = client.subscribe((event) => {
      if (event.tag !== 'connection') return;
      const { state } = event;
      if (state.tag !== 'online' && state.tag !== 'failed') return;
      stopListening();
      resolve(state.tag === 'online' ? undefined : toErrorCode(state.reason));
    });
    client.connect({ persist: false });
  });
}
