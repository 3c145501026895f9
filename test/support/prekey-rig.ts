// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrekeyClient, type PrekeyClientInput, stepPrekeyClient } from '#otr';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { type KeyedDevice, keyedDevice, realEnv } from '../../tools/prekey-server/keyed-device.ts';
import { DEMO_COMPONENT, PrekeyServerProcess } from '../../tools/prekey-server/prekey-server.ts';
import { USERS, Users, usersComponent } from '../../tools/prekey-server/users.ts';
import { startProsody, type TestProsody } from './prosody.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** What came of a query: the id that was given, none, a stanza error. */
export type Given = number | 'none' | 'error';

/** A Prosody, the prekey server as a program behind a wire that can be cut, and a domain of users. */
export class PrekeyRig implements AsyncDisposable {
  readonly server: PrekeyServerProcess;
  readonly users: Users;
  readonly wire: TcpProxy;
  readonly folder: string;
  readonly #prosody: TestProsody;
  #asked = 0;

  private constructor(
    prosody: TestProsody,
    parts: Pick<PrekeyRig, 'server' | 'users' | 'wire' | 'folder'>,
  ) {
    this.#prosody = prosody;
    this.server = parts.server;
    this.users = parts.users;
    this.wire = parts.wire;
    this.folder = parts.folder;
  }

  /** @param database PostgreSQL; SQLite if there is none */
  static async start(database?: string): Promise<PrekeyRig> {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-prekey-rig-'));
    const started = await startProsody({ component: DEMO_COMPONENT, after: usersComponent });
    const { componentPort } = started.prosody;
    const wire = await TcpProxy.start(componentPort);
    const server = await PrekeyServerProcess.start({
      ...DEMO_COMPONENT,
      folder,
      port: wire.port,
      ...(database === undefined ? {} : { database }),
      environment: {
        SOTTO_PREKEY_PUBLISHER_DOMAINS: USERS,
        SOTTO_PREKEY_QUERIES_PER_DOMAIN_HOUR: '100000000',
      },
    });
    const users = await Users.join(componentPort);
    return new PrekeyRig(started, { server, users, wire, folder });
  }

  /** Of SQLite. */
  get databaseFile(): string {
    return join(this.folder, 'prekey-data/prekeys.sqlite');
  }

  device(name: string): KeyedDevice {
    return keyedDevice(`${name}@${USERS}`, this.server);
  }

  /** Somebody new asks about an account of one device. */
  async query(identity: string): Promise<Given> {
    this.#asked += 1;
    const { ownerTag } = this.#anybody.context.own.profile;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const asked = { senderTag: ownerTag, identity: bytes(identity), versions: bytes('4') };
    const body = formatPrekeyArmor(encodeEnsembleQuery(asked));
    const answer = await this.users.ask(`asker${String(this.#asked)}@${USERS}/x`, body);
    if (answer.startsWith('AAQO')) return 'none';
    if (!answer.startsWith('AAQT')) return 'error';
    const [ensemble] = decodeEnsembleRetrieval(parsePrekeyArmor(answer)).ensembles;
    if (ensemble === undefined) throw new RangeError('no ensemble');
    return ensemble.prekeyMessage.id;
  }

  /**
   * A whole exchange.
   *
   * @param beforeDake3 before the last message of the client leaves
   * @returns what the client tells in the end; undefined when nothing sensible came back
   */
  async exchange(
    { context }: KeyedDevice,
    input: PrekeyClientInput,
    beforeDake3: () => void = () => undefined,
  ): Promise<string | undefined> {
    let client = createPrekeyClient(context);
    let told: string | undefined;
    const step = (one: PrekeyClientInput): string | undefined => {
      const { next, effects } = stepPrekeyClient(client, one, realEnv);
      client = next;
      told = effects.find(
        ({ tag }) => tag === 'published' || tag === 'status' || tag === 'failed',
      )?.tag;
      return effects.find((effect) => effect.tag === 'transmit')?.body;
    };
    for (let body = step(input); body !== undefined;) {
      if (body.startsWith('AAQ3')) beforeDake3();
      const answer: string = await this.users.ask(`${context.ourJid}/desk`, body);
      if (answer === 'error') return undefined;
      body = step({ tag: 'receive', from: this.server.jid, body: answer });
    }
    return told;
  }

  get #anybody(): KeyedDevice {
    this.#someone ??= this.device('asker');
    return this.#someone;
  }
  #someone: KeyedDevice | undefined;

  async [Symbol.asyncDispose](): Promise<void> {
    this.users.leave();
    await this.server.kill();
    await this.wire.close();
    await this.#prosody[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
