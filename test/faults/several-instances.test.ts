// SPDX-License-Identifier: GPL-3.0-or-later
// Several prekey servers share one database, as docs/prekey-server.md says for each XMPP server.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrekeyClientEffect } from '#otr';
import { LiveDevice } from '../prekey-server/live-device.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import { startPostgresql, type TestPostgresql } from '../support/postgresql.ts';
import {
  DEMO_COMPONENT,
  startPrekeyServer,
  type TestPrekeyServer,
} from '../support/prekey-server.ts';
import { startProsody } from '../support/prosody.ts';

let postgresql: TestPostgresql;
beforeAll(async () => {
  postgresql = await startPostgresql();
});
afterAll(async () => {
  await postgresql[Symbol.asyncDispose]();
});

const EACH = 5;
const second = { jid: 'prekey2.localhost', secret: DEMO_COMPONENT.secret };

/** What one instance has answered so far. */
async function repliesOf({ server }: TestPrekeyServer): Promise<number> {
  const metrics = await (await fetch(`${server.watchUrl}/metrics`)).text();
  return Number(/^sotto_prekey_replies_total (\d+)$/m.exec(metrics)?.[1]);
}

const idsOf = (answers: readonly PrekeyClientEffect[]): readonly number[] =>
  answers.flatMap((answer) =>
    answer.tag === 'ensembles' ? answer.ensembles.map(({ prekeyMessage }) => prekeyMessage.id) : [],
  );

describe('several prekey servers on one database', { timeout: 180_000 }, () => {
  it('pks:T-36 two behind one address of ejabberd: whoever writes stays with one, and no key comes twice', async () => {
    const database = postgresql.postgresql.url;
    await using beside = await startEjabberd({ component: DEMO_COMPONENT, instances: 2 });
    const { ejabberd: place } = beside;
    const port = place.componentPort;
    await using first = await startPrekeyServer({ port, database });
    const environment = { SOTTO_PREKEY_KEY_FILE: join(first.folder, 'prekey-data/server.key') };
    await using other = await startPrekeyServer({ port, database, environment });
    expect(other.server.fingerprint).toBe(first.server.fingerprint);

    const names = Array.from({ length: 6 }, (_, n) => `user${String(n)}@localhost`);
    const devices = await Promise.all(
      names.map((jid) => LiveDevice.online(place, jid, first.server)),
    );
    for (const device of devices)
      expect(await device.publish(EACH)).toMatchObject({ tag: 'published' });
    const before = [await repliesOf(first), await repliesOf(other)];
    expect(Math.min(...before)).toBeGreaterThan(0);
    const [target = ''] = names;
    const answers = await Promise.all(devices.slice(1).map((device) => device.query(target)));
    const ids = idsOf(answers);
    expect(ids).toHaveLength(EACH);
    expect(new Set(ids).size).toBe(EACH);
    for (const device of devices.slice(1)) {
      expect(await device.status()).toEqual({ tag: 'status', count: EACH });
    }
    for (const device of devices) await device[Symbol.asyncDispose]();
  });

  it('pks:T-36 two addresses of Prosody: what one was given the other hands out, once', async () => {
    const database = postgresql.postgresql.url;
    await using beside = await startProsody({
      component: DEMO_COMPONENT,
      after: `Component "${second.jid}"\n  component_secret = "${second.secret}"\n`,
    });
    const { prosody: place } = beside;
    const port = place.componentPort;
    const environment = { SOTTO_PREKEY_PUBLISHER_DOMAINS: 'localhost' };
    await using first = await startPrekeyServer({ port, database, environment });
    await using other = await startPrekeyServer({ ...second, port, database, environment });
    expect(other.server.fingerprint).not.toBe(first.server.fingerprint);

    await using bob = await LiveDevice.online(place, 'bob@localhost', first.server);
    await using alice = await LiveDevice.online(place, 'alice@localhost', first.server);
    await using carol = await LiveDevice.online(place, 'carol@localhost', other.server);
    const { items } = await alice.connector.agent.getDiscoItems('localhost');
    expect(items.map(({ jid }) => jid)).toEqual(
      expect.arrayContaining([DEMO_COMPONENT.jid, second.jid]),
    );
    expect(await bob.publish(EACH)).toMatchObject({ tag: 'published' });
    const answers = [await alice.query('bob@localhost'), await carol.query('bob@localhost')];
    const ids = idsOf(answers);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    expect(await bob.status()).toEqual({ tag: 'status', count: EACH - 2 });
  });
});
