// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPrekeyServer } from '../../tools/prekey-server/packing.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import {
  DEMO_COMPONENT,
  startPrekeyServer,
  type TestPrekeyServer,
} from '../support/prekey-server.ts';
import { startProsody } from '../support/prosody.ts';
import type { Place } from '../xmpp/parties.ts';
import { LiveDevice } from './live-device.ts';

interface Beside extends AsyncDisposable {
  readonly place: Place & { readonly componentPort: number };
}

const component = DEMO_COMPONENT;
const servers: readonly (readonly [string, () => Promise<Beside>])[] = [
  [
    'Prosody',
    async () => {
      const started = await startProsody({ component });
      return Object.assign(started, { place: started.prosody });
    },
  ],
  [
    'ejabberd',
    async () => {
      const started = await startEjabberd({ component });
      return Object.assign(started, { place: started.ejabberd });
    },
  ],
];

const FEATURE = 'http://jabber.org/protocol/otrv4-prekey-server';

let folder: string;
/** As it is installed, and far from what it was made of. */
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-packed-'));
  program = await packPrekeyServer(folder);
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each(servers)('the packed prekey server beside %s', (_name, start) => {
  let beside: Beside | undefined;
  let prekeys: TestPrekeyServer | undefined;
  let place: Place;
  let known: { readonly jid: string; readonly fingerprint: string };
  let alice: LiveDevice;
  let bob: LiveDevice;

  beforeAll(async () => {
    beside = await start();
    ({ place } = beside);
    prekeys = await startPrekeyServer({ port: beside.place.componentPort, program });
    known = prekeys.server;
    alice = await LiveDevice.online(place, 'alice@localhost', known);
    bob = await LiveDevice.online(place, 'bob@localhost', known);
  }, 180_000);
  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await bob[Symbol.asyncDispose]();
    await prekeys?.[Symbol.asyncDispose]();
    await beside?.[Symbol.asyncDispose]();
  });

  it('xep:X-15 xep:X-16 xep:X-17 xep:X-18 xep:X-19 xep:X-20 is found by service discovery', async () => {
    const { agent } = alice.connector;
    const { items } = await agent.getDiscoItems('localhost');
    expect(items.map(({ jid }) => jid)).toContain(component.jid);
    const info = await agent.getDiscoInfo(component.jid);
    expect(info.features).toContain(FEATURE);
    expect(info.identities).toMatchObject([{ category: 'auth', type: 'otr-prekey' }]);
    const own = await agent.getDiscoItems(component.jid);
    expect(known.fingerprint).toMatch(/^[0-9A-F]{112}$/);
    expect(own.items).toEqual([
      { jid: component.jid, node: 'fingerprint', name: known.fingerprint },
    ]);
  });

  it('pks:T-15 xep:X-14 xep:X-22 xep:X-23 xep:X-24 xep:X-25 publishes twenty, and says so', async () => {
    expect(await bob.publish(20)).toMatchObject({ tag: 'published' });
    expect(await bob.status()).toEqual({ tag: 'status', count: 20 });
  });

  it('pks:T-31 hands out one of each device, and none of those without', async () => {
    await using phone = await LiveDevice.online(place, 'bob@localhost', known);
    await using bare = await LiveDevice.online(place, 'bob@localhost', known);
    await phone.publish(3);
    await bare.publish(0);
    const answer = await alice.query('bob@localhost');
    const tags = [bob, phone].map(({ keys }) => keys.context.own.profile.ownerTag);
    expect(answer.tag === 'ensembles' && answer.ensembles.map(({ ownerTag }) => ownerTag)).toEqual(
      expect.arrayContaining(tags),
    );
    expect(await bob.status()).toEqual({ tag: 'status', count: 19 });
    expect(await phone.status()).toEqual({ tag: 'status', count: 2 });
    expect(await alice.query('carol@localhost')).toMatchObject({ why: 'none-stored' });
  });

  it('says of itself what an operator can read, and nothing else', async () => {
    const said = (prekeys?.server.log ?? '').trim().split('\n');
    expect(said.length).toBeGreaterThan(1);
    for (const line of said) expect(JSON.parse(line)).toHaveProperty('event');
    expect(await prekeys?.server.stop()).toBe(0);
  });
});
