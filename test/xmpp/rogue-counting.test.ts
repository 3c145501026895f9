// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#main/xmpp/limits.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import { openSession } from '../support/rogue-scripts.ts';
import { RogueServer } from '../support/rogue-server.ts';
import { configure, Party } from './parties.ts';
import { ME, ROSTER } from './rogue-talk.ts';

let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create();
  keys = await authority.issue({ names: ['DNS:localhost'] });
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe('a server that miscounts', () => {
  const managed = { roster: ROSTER, management: true };
  const send = (party: Party, id: string) =>
    party.client.sendChat({ to: party.jid, body: id, id, requestReceipt: false });

  test('sec:F-SM-3 acknowledges nothing by a count beyond what was sent; the line ends', async () => {
    await using rogue = await RogueServer.start(keys, async (peer) => {
      await openSession(peer, managed);
      await peer.expect(/<message/);
      peer.send("<a xmlns='urn:xmpp:sm:3' h='4294967295'/>");
    });
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const party = await new Party(configure(place, ME)).online();
    expect(party.all('session')).toMatchObject([{ acknowledges: true }]);
    expect(send(party, 'one')).toBe('sent');
    const { state } = await party.see('connection', (event) => event.state.tag === 'waiting');
    expect(state).toMatchObject({ reason: 'not-xmpp' });
    await party.see('not-sent', ({ id }) => id === 'one');
    expect(party.all('acknowledged')).toEqual([]);
    await party.client.disconnect();
  });

  test('xep:X-50 is listened to until it has heard our goodbye, whatever it counts in the meantime', async () => {
    const last = "<message from='bob@localhost/x' type='chat'><body>last words</body></message>";
    await using rogue = await RogueServer.start(keys, async (peer) => {
      await openSession(peer, managed);
      peer.lastWords = `<a xmlns='urn:xmpp:sm:3' h='1'/>${last}`;
      await peer.expect(/<r [^>]*>/);
      peer.send("<a xmlns='urn:xmpp:sm:3' h='1'/>");
    });
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const party = await new Party(configure(place, ME)).online();
    await party.client.disconnect();
    expect(party.all('message')).toMatchObject([{ body: 'last words' }]);
  });

  test('sec:§8 unacknowledgedStanzas: one that never acknowledges is sent so much and no more', async () => {
    await using rogue = await RogueServer.start(keys, (peer) => openSession(peer, managed));
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const party = await new Party(configure(place, ME)).online();
    const results: string[] = [];
    const before = 1;
    for (let count = 0; count < limits.unacknowledgedStanzas + 10; count += 1) {
      results.push(send(party, `m-${String(count)}`));
      // Stanzas are counted as they are written.
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    const sent = results.filter((result) => result === 'sent').length;
    // The presence of the login waits for its acknowledgement as well.
    expect(results.indexOf('offline')).toBe(sent);
    expect(results.at(-1)).toBe('offline');
    expect(sent).toBe(limits.unacknowledgedStanzas - before);
    await party.client.disconnect();
    expect(party.all('not-sent')).toHaveLength(sent);
  });
});
