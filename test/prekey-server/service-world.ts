// SPDX-License-Identifier: GPL-3.0-or-later

import { Worker } from 'node:worker_threads';
import {
  createLongTermKey,
  createPrekeyClient,
  deriveServerFingerprint,
  formatServerFingerprint,
  type LongTermKey,
  type PrekeyClient,
  type PrekeyClientEffect,
  type PrekeyClientInput,
  stepPrekeyClient,
} from '#otr';
import type { ShardStart } from '#prekey-server/service/crypto-worker.ts';
import { PrekeyService, type ServicePorts } from '#prekey-server/service/service.ts';
import type { PrekeyStorage } from '#prekey-server/storage/storage.ts';
import { AddressHasher, createLog } from '#prekey-server/watch/log.ts';
import { Metrics } from '#prekey-server/watch/metrics.ts';
import { keyedDevice, type KeyedDevice, realEnv } from '../../tools/prekey-server/keyed-device.ts';

const ENTRY = new URL('../../src/prekey-server/service/crypto-worker.ts', import.meta.url);
const SERVER_JID = 'prekey.z.example';

/** What came back for one body. */
export interface Heard {
  readonly bodies: string[];
  rejected: number;
}

/** The service with real workers and a store, and no stream: bodies in, bodies out. */
export class ServiceWorld implements AsyncDisposable {
  readonly service: PrekeyService;
  readonly metrics = new Metrics();
  readonly workers: Worker[] = [];
  readonly known: { readonly jid: string; readonly fingerprint: string };
  readonly serverKey: LongTermKey;
  log = '';

  constructor(storage: PrekeyStorage, change: Partial<ServicePorts> = {}) {
    this.serverKey = createLongTermKey(realEnv);
    const fingerprint = formatServerFingerprint(deriveServerFingerprint(this.serverKey.public));
    this.known = { jid: SERVER_JID, fingerprint };
    const domains = {
      serverJid: SERVER_JID,
      publisherDomains: ['z.example'],
      retrieverDomains: 'any',
    } as const;
    this.service = new PrekeyService({
      context: { ...domains, longTermKey: this.serverKey },
      env: realEnv,
      storage,
      workers: 1,
      spawn: () => {
        const seed = this.serverKey.seed.lend((bytes) => bytes.slice());
        const start: ShardStart = { ...domains, seed };
        const worker = new Worker(ENTRY, { workerData: start });
        this.workers.push(worker);
        return worker;
      },
      log: createLog((line) => (this.log += line), Date.now),
      metrics: this.metrics,
      hasher: new AddressHasher(new Uint8Array(32).fill(3)),
      reserve: 0,
      domainLimits: {
        queries: { count: 6000, withinMs: 3_600_000 },
        exchanges: { count: 300, withinMs: 60_000 },
      },
      ...change,
    });
  }

  device(jid: string, resource = 'desk', keys = keyedDevice(jid, this.known)): TestDevice {
    return new TestDevice(this, `${jid}/${resource}`, keys);
  }

  /** Hands a body over; what comes back is collected as it comes. */
  receive(from: string, body: string): Heard {
    const heard: Heard = { bodies: [], rejected: 0 };
    this.service.receive(
      { from, body },
      {
        send: (reply) => {
          heard.bodies.push(reply);
        },
        reject: () => {
          heard.rejected += 1;
        },
      },
    );
    return heard;
  }

  /** What came back when everything that was waiting is done. */
  async answer(from: string, body: string): Promise<Heard> {
    const heard = this.receive(from, body);
    await this.idle();
    return heard;
  }

  idle(): Promise<void> {
    return this.service.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
  }
}

/** The engine's client, handing its bodies to the service. */
export class TestDevice {
  readonly keys: KeyedDevice;
  readonly from: string;
  readonly told: PrekeyClientEffect[] = [];
  readonly #world: ServiceWorld;
  #client: PrekeyClient;

  constructor(world: ServiceWorld, from: string, keys: KeyedDevice) {
    this.#world = world;
    this.from = from;
    this.keys = keys;
    this.#client = createPrekeyClient(this.keys.context);
  }

  get tag(): number {
    return this.keys.context.own.profile.ownerTag;
  }

  /** One step. @returns the bodies to be sent */
  step(input: PrekeyClientInput): readonly string[] {
    const { next, effects } = stepPrekeyClient(this.#client, input, realEnv);
    this.#client = next;
    const silent: readonly string[] = ['transmit', 'persist', 'retire'];
    this.told.push(...effects.filter(({ tag }) => !silent.includes(tag)));
    return effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : []));
  }

  hear(body: string): readonly string[] {
    return this.step({ tag: 'receive', from: this.#world.known.jid, body });
  }

  /** Up to DAKE-3, which is not handed over. */
  async upToDake3(input: PrekeyClientInput): Promise<string> {
    const [dake1 = ''] = this.step(input);
    const { bodies } = await this.#world.answer(this.from, dake1);
    const [dake3 = ''] = bodies.flatMap((body) => this.hear(body));
    return dake3;
  }

  /** To its end. @returns what the client tells in the end */
  async ask(input: PrekeyClientInput): Promise<PrekeyClientEffect | undefined> {
    let bodies = this.step(input);
    while (bodies.length > 0) {
      const answers = [];
      for (const body of bodies)
        answers.push(...(await this.#world.answer(this.from, body)).bodies);
      bodies = answers.flatMap((body) => this.hear(body));
    }
    return this.told.at(-1);
  }

  publishing(...content: Parameters<KeyedDevice['content']>): PrekeyClientInput {
    const publication = this.keys.content(...content);
    return { tag: 'request', request: { tag: 'publish', publication } };
  }

  publish(...content: Parameters<KeyedDevice['content']>): Promise<PrekeyClientEffect | undefined> {
    return this.ask(this.publishing(...content));
  }

  status(): Promise<PrekeyClientEffect | undefined> {
    return this.ask({ tag: 'request', request: { tag: 'status' } });
  }
}
