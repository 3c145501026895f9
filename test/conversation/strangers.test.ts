// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { messageOf, presenceOf } from '../support/fake-wire.ts';
import { befriend, offTheRecord, type Pair, Seat, twoServices } from '../support/two-services.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

/** Mallory, whom nobody knows, with everything the protocol has. */
async function withStranger(): Promise<{ pair: Pair; mallory: Seat; bodies: readonly string[] }> {
  const pair = await stage(offTheRecord);
  const { stage: all, alice } = pair;
  const party = all.party('mallory');
  befriend(party, alice.party);
  alice.party.store.transaction((tx) => {
    const known = alice.party.store.contacts.byJid(alice.party.account, party.jid);
    if (known !== undefined) alice.party.store.contacts.remove(tx, known.id);
  });
  const bodies = all.network.seen.filter(({ kind }) => kind === 'encoded').map(({ body }) => body);
  all.network.seen.splice(0);
  return { pair, mallory: new Seat(party, alice.party), bodies };
}

describe('somebody who is not a contact', () => {
  it('ux:A1 gets no answer of any kind to a query, a start, a message, an error or a fragment', async () => {
    const { pair, mallory, bodies } = await withStranger();
    const { stage: all, alice } = pair;
    const from = mallory.party.line.jid;
    const hostile = [
      '?OTRv4?',
      '?OTRv34? hello',
      '?OTR Error: ERROR_2: x',
      '?OTR|00000100|00000200,1,2,abc,',
      '?OTR:AAQ1.',
      ...bodies,
    ];
    for (const body of hostile) {
      await alice.party.service.hear(
        messageOf(from, alice.party.jid, body, { id: 'x', receiptRequested: true }),
      );
    }
    await alice.party.service.hear(presenceOf(from, true));
    await all.settle();
    expect(all.network.seen).toEqual([]);
    expect(alice.party.requests).toBe(0);
    expect(alice.party.service.contacts()).toHaveLength(1);
    expect(alice.party.published.filter(({ name }) => name === 'announce')).toEqual([]);
  });

  it('ux:A1 has readable text kept with the request, without notice or receipt', async () => {
    const { pair, mallory } = await withStranger();
    const { stage: all, alice } = pair;
    await mallory.party.line.return();
    await mallory.type('let me in');
    await all.settle();
    all.network.seen.splice(0);
    expect(alice.party.requests).toBe(1);
    expect(mallory.messages).toMatchObject([{ delivery: 'sent' }]);
    expect(alice.party.published.filter(({ name }) => name === 'announce')).toEqual([]);
    befriend(alice.party, mallory.party);
    expect(new Seat(alice.party, mallory.party).texts).toEqual(['let me in']);
  });

  it('sec:F-FLOOD-1 fills no disk', async () => {
    const { pair, mallory } = await withStranger();
    const { alice } = pair;
    for (let count = 0; count < 200; count += 1) {
      const id = `flood-${String(count)}`;
      await alice.party.service.hear(
        messageOf(mallory.party.line.jid, alice.party.jid, 'buy', { id }),
      );
    }
    befriend(alice.party, mallory.party);
    expect(new Seat(alice.party, mallory.party).texts).toHaveLength(20);
  });

  it('is not heard at all once blocked', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    alice.party.store.transaction((tx) => {
      alice.party.store.contacts.saveBlocked(tx, alice.id, true);
    });
    await bob.type('hello?');
    await bob.party.service.start(bob.id);
    await all.settle();
    expect(alice.timeline).toEqual([]);
    expect(alice.view.invitation).toBeUndefined();
    expect(all.network.seen.every(({ from }) => from === bob.party.line.jid)).toBe(true);
  });

  it('cannot be talked to off the record before they are a contact', async () => {
    const { pair, mallory } = await withStranger();
    const { alice } = pair;
    await alice.party.service.hear(
      messageOf(mallory.party.line.jid, alice.party.jid, 'hi', { id: 'm1' }),
    );
    const row = alice.party.store.contacts.byJid(alice.party.account, mallory.party.jid);
    if (row === undefined) throw new TypeError('no request was kept');
    await expect(alice.party.service.start(row.id)).rejects.toMatchObject({
      code: 'contact-unknown',
    });
  });
});
