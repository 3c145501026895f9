// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import type { FullJid } from '#shared/model/jid.ts';
import { messageOf, presenceOf } from '../support/fake-wire.ts';
import {
  befriend,
  offTheRecord,
  type Pair,
  type Party,
  twoServices,
} from '../support/two-services.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  expect(open?.alice.party.failures ?? []).toEqual([]);
  open?.stage.close();
  open = undefined;
});

const told = (party: Party, name: string): number =>
  party.published.filter((event) => event.name === name).length;
const times = <T>(count: number, make: (k: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));

describe('a flood from one contact', () => {
  it('sec:T-F-FLOOD-1 shows every message, and tells the window of the chat once for many', async () => {
    const { alice, bob } = await stage(twoServices);
    const from = bob.party.line.jid;
    alice.party.published.splice(0);
    await Promise.all(
      times(500, (k) =>
        alice.party.service.hear(
          messageOf(from, alice.party.jid, `line ${String(k)}`, { id: `f-${String(k)}` }),
        ),
      ),
    );
    expect(told(alice.party, 'conversation.item-changed')).toBe(500);
    expect(alice.timeline).toHaveLength(200);
    // The clock of this test stands still: nothing but the end of the flood is a reason to tell.
    for (const name of ['conversation.changed', 'contact.changed', 'announce']) {
      expect(told(alice.party, name)).toBeLessThanOrEqual(2);
    }
    expect(alice.party.service.contacts()[0]).toMatchObject({ unread: 500 });
  });

  it('sec:T-F-FLOOD-1 tells the window again and again while it lasts', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const from = bob.party.line.jid;
    alice.party.published.splice(0);
    const heard = times(50, (k) =>
      alice.party.service
        .hear(messageOf(from, alice.party.jid, `line ${String(k)}`, { id: `f-${String(k)}` }))
        .then(() => {
          all.clock.step(50);
        }),
    );
    await Promise.all(heard);
    expect(told(alice.party, 'contact.changed')).toBeGreaterThanOrEqual(20);
    expect(told(alice.party, 'contact.changed')).toBeLessThanOrEqual(30);
  });

  it('sec:T-F-FLOOD-3 of presence is one look at what has become of it', async () => {
    const { alice, bob } = await stage(twoServices);
    const at = (k: number): FullJid => `${bob.party.jid}/d${String(k % 10)}` as FullJid;
    alice.party.published.splice(0);
    await Promise.all(
      times(5000, (k) =>
        alice.party.service.hear({ ...presenceOf(at(k), k % 3 !== 0), priority: k % 5 } as never),
      ),
    );
    expect(told(alice.party, 'conversation.changed')).toBeLessThanOrEqual(2);
    expect(told(alice.party, 'contact.changed')).toBeLessThanOrEqual(2);
    await Promise.all(times(10, (k) => alice.party.service.hear(presenceOf(at(k), false))));
    await alice.party.service.hear(presenceOf(bob.party.line.jid, false));
    expect(alice.view.presence).toBe('offline');
  });

  it('sec:T-F-FLOOD-3 a device that went and came back within a flood has a new session', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const { jid } = bob.party.line;
    all.network.seen.splice(0);
    await Promise.all(times(99, (k) => alice.party.service.hear(presenceOf(jid, k % 2 === 0))));
    await all.settle();
    expect(all.network.seen.some(({ from }) => from === alice.party.line.jid)).toBe(true);
    expect(alice.view.state).toBe('unverified');
  });

  it('sec:T-F-FLOOD-3 what comes after a message is not taken for earlier', async () => {
    const { alice, bob } = await stage(twoServices);
    const { jid } = bob.party.line;
    await Promise.all([
      alice.party.service.hear(presenceOf(jid, true)),
      alice.party.service.hear(messageOf(jid, alice.party.jid, 'bye', { id: 'bye' })),
      alice.party.service.hear(presenceOf(jid, false)),
    ]);
    expect(alice.view.presence).toBe('offline');
  });
});

describe('a flood of the protocol', () => {
  /** What Alice sends back, in characters, to a flood from Bob's device. */
  async function answersTo(
    make: () => Promise<Pair>,
    flood: (k: number, pair: Pair) => string,
  ): Promise<{ readonly sent: number; readonly received: number }> {
    const pair = await stage(make);
    const { stage: all, alice, bob } = pair;
    all.network.seen.splice(0);
    const bodies = times(1000, (k) => flood(k, pair));
    for (const body of bodies) {
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, body));
    }
    await all.settle();
    const sum = (texts: readonly string[]): number =>
      texts.reduce((length, text) => length + text.length, 0);
    const sent = all.network.seen.filter(({ from }) => from === alice.party.line.jid);
    return { sent: sum(sent.map(({ body }) => body)), received: sum(bodies) };
  }

  it.each<[string, (k: number) => string]>([
    ['queries', () => '?OTRv4? Let us talk off the record, as the protocol has it.'],
    ['errors that ask for a restart', () => '?OTR Error: ERROR_2: this is not an encrypted chat'],
    [
      'errors of every kind',
      (k) => `?OTR Error: ERROR_${String(k % 9)}: click http://evil.example`,
    ],
    ['fragments', (k) => `?OTR|${k.toString(16)}|00000200|00000000,1,65535,${'A'.repeat(60)},`],
    [
      'fragments for another device',
      (k) => `?OTR|${k.toString(16)}|200|300,1,2,${'A'.repeat(60)},`,
    ],
    [
      'messages that are none',
      () => '?OTR:AAQDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==.',
    ],
  ])(
    'sec:T-F-FLOOD-4 of %s is answered with next to nothing',
    async (_what, flood) => {
      for (const make of [twoServices, offTheRecord]) {
        const { sent, received } = await answersTo(make, flood);
        expect(sent).toBeLessThanOrEqual(0.1 * received);
        open?.stage.close();
      }
      open = undefined;
    },
    120_000,
  );

  it('xep:T-74 xep:S-24 a message for another device of ours gets no answer, and is not shown', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    all.network.fate = () => 0;
    await bob.type('for the other one');
    const body = all.network.seen.at(-1)?.body ?? '';
    const bytes = Buffer.from(body.slice('?OTR:'.length, -1), 'base64');
    bytes.writeUInt32BE(0x7777, 7);
    all.network.seen.splice(0);
    all.network.fate = () => 1;
    const before = alice.timeline;
    const foreign = `?OTR:${bytes.toString('base64')}.`;
    await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, foreign));
    await all.settle();
    expect(alice.timeline).toEqual(before);
    expect(all.network.seen).toEqual([]);
    expect(alice.view.state).toBe('unverified');
  });
});

describe('a flood from strangers', () => {
  it('sec:T-F-FLOOD-1 fills neither memory nor disk, tells the window little, and is not answered', async () => {
    const { stage: all, alice } = await stage(twoServices);
    all.network.seen.splice(0);
    const long = 'y'.repeat(100_000);
    for (let k = 0; k < 3000; k += 1) {
      const from = `eve${String(k % 150)}@evil.example/x` as FullJid;
      await alice.party.service.hear(
        messageOf(from, alice.party.jid, `${String(k)} ${long}`, {
          id: `s-${String(k)}`,
          receiptRequested: true,
        }),
      );
    }
    await all.settle();
    const { contacts, messages } = alice.party.store;
    const strangers = contacts.list(alice.party.account).filter(({ inRoster }) => !inRoster);
    expect(strangers).toHaveLength(100);
    const kept = strangers.flatMap(({ id }) =>
      messages.page({ conversation: id, before: undefined, limit: 200 }),
    );
    expect(kept).toHaveLength(100 * 20);
    expect(Math.max(...kept.map(({ text }) => text.length))).toBe(4097);
    expect(all.network.seen).toEqual([]);
    expect(told(alice.party, 'contact.changed')).toBeLessThanOrEqual(2);
  }, 120_000);

  it('sec:F-MSG-1 does not make us forget what a contact has said', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const again = messageOf(bob.party.line.jid, alice.party.jid, 'once', { id: 'once' });
    await alice.party.service.hear(again);
    befriend(all.party('mallory'), alice.party);
    for (let k = 0; k < 1500; k += 1) {
      const from = `eve@evil.example/x` as FullJid;
      await alice.party.service.hear(
        messageOf(from, alice.party.jid, 'noise', { id: `n-${String(k)}` }),
      );
    }
    await alice.party.service.hear(again);
    expect(alice.texts).toEqual(['once']);
  });
});
