// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, it } from 'vitest';

import type { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import type { PrekeyRequest } from '#otr/prekey/client/state.ts';

import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { contentOf, publisherContext } from '../../support/prekey-parties.ts';
import { converse, PrekeyClock, TestClient, TestServer } from '../../support/prekey-world.ts';
import { secretsIn } from '../../support/two-parties.ts';

const made = watchMadeSecrets();
const STATUS: PrekeyRequest = { tag: 'status' };

let clock: PrekeyClock;
let server: TestServer;
let client: TestClient;
/** Those before belong to whoever uses client and server. */
let since: number;

beforeEach(() => {
  clock = new PrekeyClock();
  server = new TestServer(clock);
  client = new TestClient(clock, publisherContext());
  since = made.length;
});

/** Secrets that were made and are neither wiped nor held by client or server. */
function strays(): readonly Secret[] {
  const held = secretsIn([client.state, server.state]);
  return unwiped().filter((secret) => !held.has(secret));
}

function unwiped(): readonly Secret[] {
  return made.slice(since).filter((secret) => !secret.wiped);
}

describe('secrets of the prekey protocol', () => {
  it('pks:§7 sec:T-K-ZERO-1 are held or wiped at every point of a publication, and gone after it', () => {
    const publication = contentOf(publisherContext());
    since = made.length;
    let bodies = client.step({ tag: 'request', request: { tag: 'publish', publication } });
    expect(strays()).toEqual([]);
    while (bodies.length > 0) {
      const replies = bodies.flatMap((body) => server.receive(client.from, body));
      expect(strays()).toEqual([]);
      bodies = replies.flatMap((reply) => client.receive(reply));
      expect(strays()).toEqual([]);
    }
    expect(client.told).toContain('published');
    expect(unwiped()).toEqual([]);
    expect(made.length).toBeGreaterThan(since + 20);
  });

  it('pks:§7 are gone after a question, answered or not', () => {
    converse(client, server, { tag: 'request', request: STATUS });
    expect(unwiped()).toEqual([]);
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    server.receive(client.from, dake1);
    expect(unwiped()).not.toEqual([]);
    client.step({ tag: 'disconnected' });
    clock.pass(LIMITS.earlyLifetimeMs + 3_600_000);
    server.tick();
    expect(unwiped()).toEqual([]);
  });

  it('pks:§7 of a session give way to those of the next with the same client', () => {
    for (const request of [STATUS, STATUS]) {
      const [dake1 = ''] = client.step({ tag: 'request', request });
      server.receive(client.from, dake1);
      client.step({ tag: 'disconnected' });
      expect(strays()).toEqual([]);
    }
  });
});
