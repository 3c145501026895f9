// SPDX-License-Identifier: GPL-3.0-or-later
// The reference prekey server: one session for a whole account, whichever of its devices spoke; races
// between looking and taking; lengths of 16 bits; no limits; answers to what other servers say.
import { describe, expect, it } from 'vitest';

import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { LIMITS } from '#otr/limits.ts';

import { publisherContext, SERVER_JID } from '../../support/prekey-parties.ts';
import { converse, PrekeyClock, TestClient, TestServer } from '../../support/prekey-world.ts';

const STATUS = { tag: 'request', request: { tag: 'status' } } as const;

describe('the reference prekey server', () => {
  it('sec:F-PK-9 mixed up two devices of one account that speak at once', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock);
    const desk = new TestClient(clock, publisherContext(), 'desk');
    const phone = new TestClient(clock, publisherContext({ tag: 0x202 }), 'phone');
    const devices = [desk, phone];
    const dake2 = devices.map((device) =>
      server.receive(device.from, device.step(STATUS)[0] ?? ''),
    );
    const dake3 = devices.map((device, k) => device.receive(dake2[k]?.[0] ?? ''));
    for (const [k, device] of devices.entries()) {
      for (const body of server.receive(device.from, dake3[k]?.[0] ?? '')) device.receive(body);
    }
    expect(devices.map(({ told }) => told)).toEqual([['status'], ['status']]);
  });

  it('sec:T-P-LOOP-1 answered servers, itself among them', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock, { publisherDomains: ['z.example', SERVER_JID] });
    const client = new TestClient(clock, publisherContext());
    const said = converse(client, server, STATUS);
    expect(said.length).toBeGreaterThan(3);
    for (const body of said) expect(server.receive(SERVER_JID, body)).toEqual([]);
    for (const body of ['', 'An error occurred', '?OTRP|', formatPrekeyArmor(new Uint8Array(3))]) {
      expect(server.receive(client.from, body)).toEqual([]);
    }
  });

  it('sec:F-PK-8 kept everything that anybody began', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock, { publisherDomains: ['z.example'] });
    const [dake1 = ''] = new TestClient(clock, publisherContext()).step(STATUS);
    for (let n = 0; n < 40; n += 1) server.receive(`zoe@z.example/${n.toString()}`, dake1);
    expect(server.state.sessions.size).toBeLessThanOrEqual(LIMITS.prekeySessionsPerAccount);
  });
});
