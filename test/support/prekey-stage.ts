// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrekeyMessage, deriveServerFingerprint, formatServerFingerprint } from '#otr';
import type { OwnIdentity, OwnPrekeyMessage } from '#otr';
import type { PrekeysWorld } from '#main/prekeys/ports.ts';
import { PrekeyService } from '#main/prekeys/service.ts';
import { createDatabase } from '#main/store/database.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import type { AccountId } from '#main/store/rows.ts';
import { createStore, type Store } from '#main/store/store.ts';
import type { FetchedPrekeyServers } from '#main/xmpp/client.ts';
import type { ConnectionState, OutgoingPrekey, WireEvent } from '#main/xmpp/wire.ts';
import type { AccountMode } from '#shared/model/account.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { PrekeysView } from '#shared/model/prekeys.ts';
import { envOn, FakeClock } from './fake-clock.ts';
import type { Mortal } from './mortal.ts';
import { serverContext } from './prekey-parties.ts';
import { PrekeyClock, TestServer } from './prekey-world.ts';
import { identityOf } from './two-parties.ts';

const migrations = migrationsFromFolder(
  new URL('../../src/main/store/migrations/', import.meta.url),
);

/** Pairs are made once for all tests of a file, and written by every one of its parties. */
const made: OwnPrekeyMessage[] = [];

/** The clock of a stage, as the test server reads it. */
class StageClock extends PrekeyClock {
  constructor(clock: FakeClock) {
    super();
    Object.defineProperty(this, 'wallMs', { get: () => clock.now() });
    Object.defineProperty(this, 'monotonicMs', { get: () => clock.monotonicNow() });
  }
}

type Context = ReturnType<typeof serverContext>;

/** A prekey server as others find it: what it says of itself may be another thing than what it is. */
export interface StageServer {
  readonly jid: string;
  server: TestServer;
  fingerprint: string;
  /** What becomes of each message to it. */
  fate: (body: string) => 'arrives' | 'bounces' | 'vanishes';
  /** What becomes of each of its answers. */
  answers: (bodies: readonly string[]) => readonly string[];
}

/** Somebody with the application open. */
export interface Publisher {
  readonly jid: BareJid;
  readonly account: AccountId;
  readonly store: Store;
  readonly service: PrekeyService;
  readonly failures: unknown[];
  readonly sent: OutgoingPrekey[];
  /** Domains that were asked what they offer. */
  readonly searched: string[];
  identity: OwnIdentity | undefined;
  mode: AccountMode;
  online: boolean;
  /** Stands for a disk that has no room for keys. */
  refusesToStore: boolean;
  /** May be killed. */
  mortal: Mortal | undefined;
  readonly goOnline: () => Promise<void>;
  readonly goOffline: () => Promise<void>;
  readonly view: () => Extract<PrekeysView, { tag: 'used' }>;
}

export interface PublisherOptions {
  /** Continues on the disk of an earlier one. */
  readonly after?: Publisher;
  readonly mode?: AccountMode;
  readonly mortal?: Mortal | undefined;
}

/** Everybody's world: one clock, the prekey servers of each domain, and folders that go at the end. */
export class PrekeyStage {
  readonly clock = new FakeClock();
  readonly env = envOn(this.clock);
  readonly domains = new Map<string, StageServer[]>([['example.org', []]]);
  readonly servers = new Map<string, StageServer>();
  readonly #stageClock = new StageClock(this.clock);
  readonly #underWay: (() => void)[] = [];
  readonly #stores: Store[] = [];
  readonly #folders: string[] = [];
  /** Pairs that were made so far. */
  pairsMade = 0;
  /** Nobody is given the same pair twice. */
  readonly #given = new WeakMap<Store, Set<number>>();

  server(domain: string, name = 'prekey', change: Partial<Context> = {}): StageServer {
    const jid = `${name}.${domain}`;
    const context = serverContext({ serverJid: jid, publisherDomains: [domain], ...change });
    const offered: StageServer = {
      jid,
      server: new TestServer(this.#stageClock, context),
      fingerprint: formatServerFingerprint(deriveServerFingerprint(context.longTermKey.public)),
      fate: () => 'arrives',
      answers: (bodies) => bodies,
    };
    this.servers.set(jid, offered);
    this.domains.set(domain, [...(this.domains.get(domain) ?? []), offered]);
    return offered;
  }

  party(name: string, more: PublisherOptions = {}) {
    const jid = (name.includes('@') ? name : `${name}@example.org`) as BareJid;
    const { after, mortal } = more;
    const store = after?.store ?? this.#store();
    const party = {
      jid,
      store,
      account: after?.account ?? addAccount(store, jid),
      failures: [],
      sent: [],
      searched: [],
      identity: identityOf(name),
      mode: more.mode ?? 'compatible',
      online: false,
      refusesToStore: false,
    } as unknown as { -readonly [K in keyof Publisher]: Publisher[K] };
    const world = this.#world(party);
    party.service = new PrekeyService(mortal?.prekeys(world) ?? world);
    party.mortal = mortal;
    party.view = () => {
      const view = party.service.view();
      if (view.tag !== 'used') throw new TypeError('nothing of the kind is used');
      return view;
    };
    party.goOnline = async () => {
      party.online = true;
      this.#hear(party, { tag: 'connection', state: onlineAs(party) });
      const session = { resumed: false, jid: `${jid}/desk`, acknowledges: true } as const;
      this.#hear(party, { tag: 'session', ...session } as WireEvent);
      await this.settle();
    };
    party.goOffline = async () => {
      party.online = false;
      this.#hear(party, { tag: 'connection', state: { tag: 'offline' } });
      await this.settle();
    };
    return party as Publisher;
  }

  /** Delivers until nothing is under way any more. */
  async settle(): Promise<void> {
    for (;;) {
      await breathe();
      const next = this.#underWay.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** Time passes for everyone; what becomes due happens and travels. */
  async pass(ms: number): Promise<void> {
    let step = { fired: true, leftMs: ms };
    while (step.fired || step.leftMs > 0) {
      step = this.clock.step(step.leftMs);
      await this.settle();
    }
  }

  close(): void {
    for (const store of this.#stores) store.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  /** Something that somebody says to be from a prekey server. */
  async say(party: Publisher, from: string, body: string): Promise<void> {
    this.#hear(party, { tag: 'prekey', from, body });
    await this.settle();
  }

  #hear({ service, mortal }: Pick<Publisher, 'service' | 'mortal'>, event: WireEvent): void {
    const hear = (): void => {
      service.hear(event);
    };
    if (mortal === undefined) hear();
    else mortal.live(hear);
  }

  #store(): Store {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-prekeys-'));
    this.#folders.push(folder);
    const [id, key] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(32))];
    const path = join(folder, 'store.db');
    const store = createStore(createDatabase({ path, id, key, migrations }));
    this.#stores.push(store);
    return store;
  }

  #world(party: { -readonly [K in keyof Publisher]: Publisher[K] }): PrekeysWorld {
    return {
      account: party.account,
      ourJid: party.jid,
      mode: () => party.mode,
      identity: () => party.identity,
      wire: {
        state: () => (party.online ? onlineAs(party) : { tag: 'offline' }),
        fetchPrekeyServers: (domain) => this.#search(party, domain),
        sendPrekey: (message) => this.#send(party, message),
      },
      store: {
        accounts: party.store.accounts,
        prekeys: party.store.prekeys,
        prekeyServers: party.store.prekeyServers,
        transaction: (work) =>
          party.store.transaction((tx) => {
            const kept = (): number => party.store.prekeys.ids(party.account).size;
            const before = kept();
            const result = work(tx);
            if (party.refusesToStore && kept() > before) throw new Error('the disk is full');
            return result;
          }),
      },
      clock: this.clock,
      env: this.env,
      makePair: (owner, env, taken) => this.#makePair(party.store, owner, env, taken),
      breathe: () => Promise.resolve(),
      changed: () => undefined,
      note: (cause) => party.failures.push(cause),
    };
  }

  #makePair(store: Store, ...how: Parameters<PrekeysWorld['makePair']>): OwnPrekeyMessage {
    this.pairsMade += 1;
    const given = this.#given.get(store) ?? new Set(how[2]);
    this.#given.set(store, given);
    const known = made.find(({ pair }) => !given.has(pair.id));
    const { pair, raw } = known ?? createPrekeyMessage(...how);
    if (known === undefined) made.push({ pair, raw });
    given.add(pair.id);
    const [ecdh, dh] = [pair.ecdh, pair.dh];
    return {
      raw,
      pair: {
        id: pair.id,
        ecdh: { secret: ecdh.secret.copy(), public: ecdh.public },
        dh: { secret: dh.secret.copy(), public: dh.public },
      },
    };
  }

  #search(party: Publisher, domain: string): Promise<FetchedPrekeyServers> {
    party.searched.push(domain);
    const servers = this.domains.get(domain);
    if (servers === undefined) {
      return Promise.resolve({ tag: 'refused', condition: 'remote-server-not-found' });
    }
    const offered = servers.map(({ jid, fingerprint }) => ({ jid, fingerprint }));
    return Promise.resolve({ tag: 'list', servers: offered });
  }

  #send(party: Publisher, message: OutgoingPrekey): 'sent' | 'offline' {
    if (!party.online) return 'offline';
    party.sent.push(message);
    const { to, body, id } = message;
    const server = this.servers.get(to);
    const fate = server?.fate(body) ?? 'bounces';
    if (fate === 'bounces') {
      this.#underWay.push(() => {
        this.#hear(party, { tag: 'prekey-bounced', from: to, forId: id });
      });
    } else if (fate === 'arrives' && server !== undefined) this.#ask(party, server, body);
    return 'sent';
  }

  #ask(party: Publisher, server: StageServer, body: string): void {
    this.#underWay.push(() => {
      const replies = server.answers(server.server.receive(`${party.jid}/desk`, body));
      for (const reply of replies) {
        this.#underWay.push(() => {
          this.#hear(party, { tag: 'prekey', from: server.jid, body: reply });
        });
      }
    });
  }
}

const onlineAs = ({ jid }: { readonly jid: BareJid }): ConnectionState =>
  ({ tag: 'online', jid: `${jid}/desk` }) as ConnectionState;

/** Some turns of the event loop for whatever a timer has set going. */
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
