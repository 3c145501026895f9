// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatState } from '#main/xmpp/wire.ts';
import { messageOf, presenceOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, type Seat, twoServices } from '../support/two-services.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  expect(open?.alice.party.failures ?? []).toEqual([]);
  open?.stage.close();
  open = undefined;
});

const hear = (seat: Seat, state: ChatState): Promise<void> =>
  seat.party.service.hear({ tag: 'chat-state', from: seat.other.line.jid, state });
const types = ({ party, id }: Seat, typing = true): Promise<void> =>
  party.service.sayTyping(id, typing);
const said = ({ stage: all }: Pair): readonly string[] =>
  all.network.chatStates.map(({ state }) => state);

describe('what a contact says about typing (XEP-0085)', () => {
  it('is shown until they stop, write, or say nothing more', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    expect(alice.view.typing).toBe(false);
    for (const end of ['paused', 'active', 'inactive', 'gone'] as const) {
      await hear(alice, 'composing');
      expect(alice.view.typing).toBe(true);
      await hear(alice, end);
      expect(alice.view.typing).toBe(false);
    }
    await hear(alice, 'composing');
    await bob.type('here it is');
    await all.settle();
    expect(alice.view.typing).toBe(false);
    await hear(alice, 'composing');
    await all.pass(29_999);
    expect(alice.view.typing).toBe(true);
    await all.pass(1);
    expect(alice.view.typing).toBe(false);
  });

  it('ends with their device, and with our line', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await hear(alice, 'composing');
    await alice.party.service.hear(presenceOf(bob.party.line.jid, false));
    expect(alice.view.typing).toBe(false);
    await alice.party.service.hear(presenceOf(bob.party.line.jid, true));
    await hear(alice, 'composing');
    await alice.party.line.lose([]);
    await alice.party.line.return();
    await all.settle();
    expect(alice.view.typing).toBe(false);
  });

  it('is not shown beside a chat off the record: nobody vouches for it', async () => {
    const { alice } = await stage(offTheRecord);
    await hear(alice, 'composing');
    expect(alice.view.typing).toBe(false);
  });

  it('ux:A1 of a stranger counts for nothing', async () => {
    const { stage: all, alice } = await stage(twoServices);
    const eve = 'eve@evil.example/x' as never;
    await alice.party.service.hear({ tag: 'chat-state', from: eve, state: 'composing' });
    expect(alice.party.service.contacts()).toHaveLength(1);
    expect(all.network.seen).toEqual([]);
  });
});

describe('that we type', () => {
  it('is told to the device that understands it, once, and the text ends it', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice, bob } = pair;
    await types(alice);
    expect(said(pair)).toEqual([]);
    await hear(alice, 'active');
    await types(alice);
    await types(alice);
    await types(alice, false);
    await types(alice, false);
    await types(alice);
    await alice.type('done');
    await types(alice, false);
    expect(all.network.chatStates).toEqual(
      ['composing', 'paused', 'composing'].map((state) => ({
        from: alice.party.line.jid,
        to: bob.party.line.jid,
        state,
      })),
    );
  });

  it.each<[string, (pair: Pair) => Promise<unknown> | undefined]>([
    [
      'where the user does not want it',
      ({ alice: { party } }) => {
        party.settings = { ...party.settings, sendTyping: false };
        return undefined;
      },
    ],
    ['to a device that left the chat', ({ alice }) => hear(alice, 'gone')],
    [
      'to a device that is not there',
      ({ alice, bob }) => alice.party.service.hear(presenceOf(bob.party.line.jid, false)),
    ],
    ['without a line', ({ alice }) => alice.party.line.lose([])],
    ['where the next text is held', ({ alice }) => alice.rules({ otr: 'always' })],
    [
      'by an account that says nothing in clear',
      ({ alice: { party } }) => {
        party.mode = 'standalone';
        return undefined;
      },
    ],
    ['while off the record is starting', ({ alice }) => alice.party.service.start(alice.id)],
  ])('is not told %s', async (_when, prepare) => {
    const pair = await stage(twoServices);
    await hear(pair.alice, 'active');
    await prepare(pair);
    await types(pair.alice);
    await types(pair.alice, false);
    expect(said(pair)).toEqual([]);
  });

  it('xep:S-23 is not told while off the record, nor anything else beside its messages', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await hear(alice, 'active');
    await types(alice);
    await alice.type('hidden');
    await all.settle();
    await types(alice, false);
    expect(said(pair)).toEqual([]);
    expect(bob.texts).toEqual(['hidden']);
  });
});

describe('receipts of what is off the record', () => {
  const tick = async (
    change: Partial<Pair['bob']['party']['settings']>,
    spoil = false,
  ): Promise<unknown> => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    bob.party.settings = { ...bob.party.settings, ...change };
    all.network.receipts.splice(0);
    all.network.fate = () => 0;
    await alice.type('can you read this?');
    all.network.fate = () => 1;
    const seen = all.network.seen.at(-1);
    const body = seen?.body ?? '';
    const middle = Math.floor(body.length / 2);
    const other = body[middle] === 'A' ? 'B' : 'A';
    const damaged = body.slice(0, middle) + other + body.slice(middle + 1);

    await bob.party.service.hear(
      messageOf(alice.party.line.jid, bob.party.jid, spoil ? damaged : body, {
        id: seen?.id,
        receiptRequested: spoil,
      }),
    );
    await all.settle();
    return { receipts: all.network.receipts.length, delivery: alice.messages[0]?.delivery };
  };

  it('are sent when it has been decrypted, and the tick says so', async () => {
    expect(await tick({})).toEqual({ receipts: 1, delivery: 'delivered' });
  });

  it('are not sent for what could not be read, whoever asks', async () => {
    expect(await tick({}, true)).toMatchObject({ receipts: 0 });
  });

  it.each([{ receiptsOffTheRecord: false }, { sendReceipts: false }])(
    'are not sent under %j',
    async (change) => {
      expect(await tick(change)).toMatchObject({ receipts: 0 });
    },
  );
});
