// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnKeys, World } from '#main/conversation/ports.ts';
import { toSecurityCode } from '#main/conversation/security-code.ts';
import { ConversationService } from '#main/conversation/service.ts';
import { createDatabase } from '#main/store/database.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import type { AccountId } from '#main/store/rows.ts';
import { createStore, type Store } from '#main/store/store.ts';
import type { OwnIdentity } from '#otr';
import type { AccountMode } from '#shared/model/account.ts';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import { bareOf, type BareJid, parseFullJid } from '#shared/model/jid.ts';
import type { Rules } from '#shared/model/rules.ts';
import type { Settings } from '#shared/model/settings.ts';
import type { MessageItem, TimelineItem } from '#shared/model/timeline.ts';
import { envOn, FakeClock } from './fake-clock.ts';
import { FakeNetwork, type Line } from './fake-wire.ts';
import type { Mortal } from './mortal.ts';
import { KeyServers, OwnKeyShelf, StoredKeyShelf } from './offline-keys.ts';
import { identityOf } from './two-parties.ts';

const migrations = migrationsFromFolder(
  new URL('../../src/main/store/migrations/', import.meta.url),
);

const SETTINGS: Settings = {
  theme: 'system',
  language: 'system',
  notifications: 'generic',
  sendReceipts: true,
  receiptsOffTheRecord: true,
  sendTyping: true,
  enterSends: true,
  startSheetSeen: true,
  rules: {
    otr: 'when-asked',
    accept: 'verified',
    verifiedOnly: false,
    keep: 'until-end',
    liveOnly: false,
  },
};

export interface Published {
  readonly name: string;
  readonly payload: unknown;
}

/** One person with the application open: a real service on a real store. */
export interface Party {
  readonly name: string;
  readonly service: ConversationService;
  readonly line: Line;
  readonly store: Store;
  readonly folder: string;
  readonly account: AccountId;
  readonly jid: BareJid;
  readonly published: Published[];
  readonly failures: unknown[];
  /** What others can begin with while this device is away. */
  readonly keys: OwnKeyShelf;
  /** How often the list of requests changed. */
  requests: number;
  settings: Settings;
  mode: AccountMode;
}

export interface PartyOptions {
  /** Whose keys these are, where a person has several devices. */
  readonly device?: string;
  readonly keys?: OwnIdentity;
  readonly resource?: string;
  readonly mode?: AccountMode;
  /** Continues where an earlier one was killed. */
  readonly after?: Party;
  readonly mortal?: Mortal | undefined;
  /** Its one-time keys are rows of its store, as they are outside of tests. */
  readonly keysOnDisk?: true;
}

/** Everybody's world: one clock, one network, one folder that goes at the end. */
export class Stage {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly keyServers = new KeyServers();
  readonly #folders: string[] = [];
  readonly #stores: Store[] = [];

  constructor() {
    this.network.now = this.clock.now;
  }

  party(name: string, options: PartyOptions = {}): Party {
    const jid = parseFullJid(`${name}@example.org/${options.resource ?? `${name}-desk`}`);
    if (!jid.ok) throw new TypeError('a test chose a bad name');
    const store = options.after?.store ?? this.#store();
    const account = options.after?.account ?? addAccount(store, bareOf(jid.value));
    const party: { -readonly [K in keyof Party]?: Party[K] } = {
      name,
      jid: bareOf(jid.value),
      store,
      account,
      folder: this.#folders.at(-1) ?? '',
      published: [],
      failures: [],
      requests: 0,
      settings: SETTINGS,
      mode: options.mode ?? 'compatible',
    };
    const device = options.device ?? name;
    party.keys = options.after?.keys ?? this.#keys(party as Party, device, options);
    const built = party as Party;
    party.line = this.network.line(jid.value, (event) => built.service.hear(event));
    const world = this.#world(built, options.keys ?? identityOf(device));
    party.service = new ConversationService(options.mortal?.conversation(world) ?? world, {
      requestsChanged: () => {
        built.requests += 1;
      },
    });
    return built;
  }

  /** Lets everything under way arrive. */
  async settle(): Promise<void> {
    await this.network.settle();
  }

  /** Time passes for everyone; what becomes due happens and travels. */
  async pass(ms: number): Promise<void> {
    let step = { fired: true, leftMs: ms };
    while (step.fired || step.leftMs > 0) {
      step = this.clock.step(step.leftMs);
      await breathe();
      await this.network.settle();
    }
  }

  close(): void {
    for (const store of this.#stores) store.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  #keys({ store, account, jid }: Party, device: string, { keysOnDisk }: PartyOptions) {
    const identity = identityOf(device);
    const place = { store, account, clock: this.clock, env: envOn(this.clock) };
    return keysOnDisk === true
      ? new StoredKeyShelf(device, jid, this.keyServers, { ...place, identity })
      : new OwnKeyShelf(device, jid, this.keyServers);
  }

  #store(): Store {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-conversation-'));
    this.#folders.push(folder);
    const id = new Uint8Array(randomBytes(16));
    const key = new Uint8Array(randomBytes(32));
    const store = createStore(
      createDatabase({ path: join(folder, 'store.db'), id, key, migrations }),
    );
    this.#stores.push(store);
    return store;
  }

  #world(party: Party, identity: OwnIdentity): World {
    const keys: OwnKeys = { identity, code: toSecurityCode(identity.profile.fingerprint) };
    return {
      account: party.account,
      ourJid: party.jid,
      mode: () => party.mode,
      clock: this.clock,
      random: (length) => new Uint8Array(randomBytes(length)),
      env: envOn(this.clock),
      wire: party.line,
      store: party.store,
      ownKeys: () => keys,
      offlineKeys: () => (party.mode === 'interactive-only' ? undefined : party.keys),
      settings: () => party.settings,
      publish: (name, payload) => party.published.push({ name, payload }),
      announce: (announcement) => party.published.push({ name: 'announce', payload: announcement }),
      withdrawAnnouncement: () => undefined,
      note: (_event, cause) => party.failures.push(cause),
      defer: (call) => setImmediate(call),
    };
  }
}

/** Two turns of the event loop for whatever a timer has set going. */
async function breathe(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function addAccount(store: Store, jid: BareJid): AccountId {
  return store.transaction((tx) =>
    store.accounts.add(tx, {
      jid,
      server: undefined,
      allowPlain: false,
      mode: 'compatible',
      createdAt: 0,
      resource: 'desk',
      deviceLabel: 'Desktop',
      instanceTag: 0x1000,
      credentials: undefined,
    }),
  );
}

/** They are in each other's contacts, both ways. */
export function befriend(one: Party, other: Party): void {
  for (const [party, friend] of [
    [one, other],
    [other, one],
  ] as const) {
    party.store.transaction((tx) => {
      party.store.contacts.saveRosterItem(tx, party.account, {
        jid: friend.jid,
        name: undefined,
        subscription: 'both',
        asked: false,
        groups: [],
      });
    });
  }
}

export function chatWith(party: Party, other: Party): ConversationId {
  const row = party.store.contacts.byJid(party.account, other.jid);
  if (row === undefined) throw new TypeError('they are not in contact');
  return row.id;
}

/** What one party sees of the chat with another. */
export class Seat {
  readonly party: Party;
  readonly other: Party;

  constructor(party: Party, other: Party) {
    this.party = party;
    this.other = other;
  }

  get id(): ConversationId {
    return chatWith(this.party, this.other);
  }

  get view(): ConversationView {
    return this.party.service.view(this.id);
  }

  get timeline(): readonly TimelineItem[] {
    return this.party.service.history({ id: this.id, limit: 200 });
  }

  get messages(): readonly MessageItem[] {
    return this.timeline.filter((item) => item.kind === 'message');
  }

  get texts(): readonly string[] {
    return this.messages.map(({ text }) => text);
  }

  /** Names of the lines Sotto itself wrote. */
  get events(): readonly string[] {
    return this.timeline.flatMap((item) => (item.kind === 'event' ? [item.event.name] : []));
  }

  type(text: string): Promise<MessageItem['id']> {
    return this.party.service.send(this.id, text, this.view.stateToken);
  }

  rules(change: Partial<Rules>): Promise<void> {
    return this.party.service.setRules(this.id, { ...this.view.rules, ...change });
  }
}

export interface Pair {
  readonly stage: Stage;
  readonly alice: Seat;
  readonly bob: Seat;
}

/** Alice and Bob, friends, both online, nothing said yet. */
export async function twoServices(mode: AccountMode = 'compatible'): Promise<Pair> {
  const stage = new Stage();
  const [a, b] = [stage.party('alice', { mode }), stage.party('bob', { mode })];
  befriend(a, b);
  await a.line.return();
  await b.line.return();
  await stage.settle();
  return { stage, alice: new Seat(a, b), bob: new Seat(b, a) };
}

/** Alice starts, Bob accepts. */
export async function offTheRecord(): Promise<Pair> {
  const pair = await twoServices();
  const { stage, alice, bob } = pair;
  await alice.party.service.start(alice.id);
  await stage.settle();
  await bob.party.service.accept(bob.id);
  await stage.settle();
  return pair;
}
