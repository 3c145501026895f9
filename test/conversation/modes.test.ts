// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import type { AccountMode } from '#shared/model/account.ts';
import { messageOf } from '../support/fake-wire.ts';
import { leftInClear } from '../support/expectations.ts';
import { type Pair, Seat, twoServices } from '../support/two-services.ts';

let open: Pair | undefined;

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

const stage = async (mode: AccountMode): Promise<Pair> => (open = await twoServices(mode));

const STRICT: readonly AccountMode[] = ['standalone', 'interactive-only'];

async function acceptAll({ stage: all, alice, bob }: Pair): Promise<void> {
  await all.settle();
  for (const seat of [alice, bob]) {
    if (seat.view.invitation !== undefined) await seat.party.service.accept(seat.id);
  }
  await all.settle();
}

describe.each(STRICT)('an account that is %s', (mode) => {
  it('mode:I-09 mode:I-11 holds what is typed, starts by itself, and sends nothing in clear', async () => {
    const pair = await stage(mode);
    const { stage: all, alice, bob } = pair;
    expect(alice.view).toMatchObject({ state: 'not-started', composer: 'hold' });
    await alice.type('never in clear');
    expect(alice.view.state).toBe('starting');
    await acceptAll(pair);
    expect(bob.texts).toEqual(['never in clear']);
    expect(alice.messages).toMatchObject([{ protection: 'unverified', delivery: 'delivered' }]);
    expect(all.network.seen.every(({ kind }) => kind !== 'chat')).toBe(true);
    expect(leftInClear(all, 'never in clear')).toEqual([]);
  });

  it('ux:S6 mode:I-05 keeps text for who is away, and starts when they are back', async () => {
    const pair = await stage(mode);
    const { stage: all, alice, bob } = pair;
    all.keyServers.refusal = 'no-server';
    await bob.party.line.leave();
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'waiting', composer: 'hold' });
    await alice.type('later');
    await all.pass(60_000);
    expect(alice.messages).toMatchObject([{ delivery: 'held' }]);
    expect(all.network.seen).toEqual([]);
    await bob.party.line.return();
    await acceptAll(pair);
    expect(bob.texts).toEqual(['later']);
  });

  it('mode:I-11 does not open text in clear, and says once that there was some', async () => {
    const pair = await stage(mode);
    const { alice, bob } = pair;
    for (const text of ['where are you', 'hello?']) {
      const message = messageOf(bob.party.line.jid, alice.party.jid, text, {
        id: text,
        receiptRequested: true,
      });
      await alice.party.service.hear(message);
    }
    expect(alice.texts).toEqual([]);
    expect(alice.events).toEqual(['plain-refused']);
    expect(pair.stage.network.seen).toEqual([]);
    expect(alice.party.published.filter(({ name }) => name === 'announce')).toEqual([]);
  });

  it('xep:S-20 xep:C-05 ignores queries and whitespace tags', async () => {
    const { alice, bob, stage: all } = await stage(mode);
    const tag = ' \t  \t\t\t\t \t \t \t    \t\t  \t';
    for (const body of ['?OTRv4?', '?OTRv34? words', tag]) {
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, body));
    }
    await all.settle();
    expect(alice.view.state).toBe('not-started');
    expect(all.network.seen).toEqual([]);
  });

  it('mode:I-11 keeps no text in clear of a stranger, and refuses every way to send in clear', async () => {
    const pair = await stage(mode);
    const { alice } = pair;
    const mallory = 'mallory@example.org/desk' as typeof alice.party.line.jid;
    await alice.party.service.hear(messageOf(mallory, alice.party.jid, 'buy', { id: 'x' }));
    expect(alice.party.requests).toBe(0);
    await expect(alice.party.service.writeUnencrypted(alice.id)).rejects.toMatchObject({
      code: 'conversation-locked',
    });
    await alice.rules({ otr: 'never' });
    expect(alice.view.rules.otr).toBe('always');
    await alice.type('still held');
    expect(alice.messages[0]?.delivery).toBe('held');
    expect(pair.stage.network.seen.every(({ kind }) => kind !== 'chat')).toBe(true);
  });

  it('guide:R-18 leads from an end of the chat to no text in clear', async () => {
    const pair = await stage(mode);
    const { stage: all, alice, bob } = pair;
    await alice.type('one');
    await acceptAll(pair);
    await bob.party.service.end(bob.id);
    await all.settle();
    expect(bob.view.state).toBe('not-started');
    expect(alice.view).toMatchObject({ state: 'ended-by-peer', composer: 'locked' });
    await expect(alice.party.service.writeUnencrypted(alice.id)).rejects.toMatchObject({
      code: 'conversation-locked',
    });
  });

  it('mode:I-15 asks again every thirty seconds for as long as the invitation stands', async () => {
    const pair = await stage(mode);
    const { stage: all, alice } = pair;
    await alice.party.service.start(alice.id);
    await all.settle();
    const before = all.network.seen.length;
    await all.pass(31_000);
    expect(all.network.seen.length).toBeGreaterThan(before);
    expect(alice.view.state).toBe('starting');
  });
});

describe('the mode of an account', () => {
  it('mode:I-01 may differ at the two ends', async () => {
    const pair = await stage('compatible');
    pair.alice.party.mode = 'interactive-only';
    await pair.alice.type('from the stricter one');
    await acceptAll(pair);
    expect(pair.bob.texts).toEqual(['from the stricter one']);
    expect([pair.alice.view.state, pair.bob.view.state]).toEqual(['unverified', 'unverified']);
  });

  it('mode:I-01 changes for all chats: no session of the old mode lives on', async () => {
    const pair = await stage('standalone');
    const { stage: all, alice, bob } = pair;
    await alice.type('one');
    await acceptAll(pair);
    await alice.party.service.endAll();
    alice.party.mode = 'compatible';
    await alice.party.service.forgetSessions();
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'plain-available', composer: 'send' });
    expect(bob.view.state).toBe('ended-by-peer');
    const rules = alice.view.rules;
    expect(rules.otr).toBe('when-asked');
    await alice.type('in clear again');
    await all.settle();
    expect(new Seat(bob.party, alice.party).events).toContain('plain-refused');
  });
});
