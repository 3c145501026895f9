// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { fatesOf, LAPTOP, PHONE, withVerified } from '../support/devices.ts';
import { leftInClear, useStage } from '../support/expectations.ts';
import { messageOf, senderOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, type Seat, twoServices } from '../support/two-services.ts';

const stage = useStage();

const only = ({ messages }: Seat) => messages.at(-1);

/** Alice says it, the server takes it and dies. @returns the id of its stanza */
async function sayIntoTheBreak({ stage: all, alice }: Pair, text: string): Promise<string> {
  await alice.type(text);
  const id = all.network.seen.at(-1)?.id ?? '';
  await alice.party.service.hear({ tag: 'not-sent', id });
  return id;
}

const bounce = ({ alice, bob }: Pair, forId: string): Promise<void> =>
  alice.party.service.hear({
    tag: 'bounced',
    forId,
    from: senderOf(bob.party.line.jid),
    condition: 'service-unavailable',
  });

describe('a message that the server never confirmed', () => {
  it('sec:F-SM-2 ux:2.5.7 may have arrived: a late receipt says that it has', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await sayIntoTheBreak(pair, 'did it go?');
    expect(only(alice)).toMatchObject({ delivery: 'unconfirmed' });
    await all.settle();
    expect(bob.texts).toEqual(['did it go?']);
    expect(only(alice)).toMatchObject({ delivery: 'delivered' });
  });

  it('ux:2.5.7 was not delivered once it has come back', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice } = pair;
    all.network.fate = () => 0;
    await bounce(pair, await sayIntoTheBreak(pair, 'lost'));
    expect(only(alice)).toMatchObject({ delivery: 'failed' });
  });

  it('ux:2.5.7 ux:A5 is not called unreadable when the other side could not read what was sent', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    all.network.fate = () => 0;
    await sayIntoTheBreak(pair, 'nobody knows');
    await alice.type('not readable');
    const { id = '' } = all.network.seen.at(-1) ?? {};
    await alice.party.service.hear({ tag: 'acknowledged', id });
    const error = messageOf(bob.party.line.jid, alice.party.jid, '?OTR Error: ERROR_1: x');
    await alice.party.service.hear(error);
    expect(alice.messages.map(({ delivery }) => delivery)).toEqual(['unconfirmed', 'failed']);
  });

  it('sec:F-SM-2 is sent again on request only, encrypted anew', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    all.network.fate = () => 0;
    await sayIntoTheBreak(pair, 'once more');
    const lost = all.network.seen.at(-1)?.body;
    all.network.fate = () => 1;
    await all.network.restart();
    await all.settle();
    expect(bob.texts).toEqual([]);
    expect(only(alice)).toMatchObject({ delivery: 'unconfirmed' });
    await alice.party.service.resend(alice.id, only(alice)?.id ?? ('' as never));
    await all.settle();
    expect(bob.texts).toEqual(['once more']);
    expect(only(alice)).toMatchObject({ delivery: 'delivered' });
    expect(all.network.seen.filter(({ body }) => body === lost)).toHaveLength(1);
    expect(leftInClear(all, 'once more')).toEqual([]);
  });

  describe('and is to be sent again as soon as there is a line', () => {
    async function heldAgain(pair: Pair): Promise<{ readonly forId: string }> {
      const forId = await sayIntoTheBreak(pair, 'again');
      const { alice } = pair;
      await alice.party.line.lose([]);
      await alice.party.service.resend(alice.id, only(alice)?.id ?? ('' as never));
      expect(only(alice)).toMatchObject({ delivery: 'held' });
      return { forId };
    }

    it('ux:I-2 does not leave a second time when it turns out to have arrived', async () => {
      const pair = await stage(offTheRecord);
      const { stage: all, alice, bob } = pair;
      const { forId } = await heldAgain(pair);
      const from = senderOf(bob.party.line.jid);
      await alice.party.service.hear({ tag: 'receipt', forId, from });
      expect(only(alice)).toMatchObject({ delivery: 'delivered' });
      await alice.party.line.resume();
      await all.settle();
      expect(bob.texts).toEqual(['again']);
    });

    it('ux:I-2 goes on waiting when the first one comes back', async () => {
      const pair = await stage(offTheRecord);
      pair.stage.network.fate = () => 0;
      const { forId } = await heldAgain(pair);
      await bounce(pair, forId);
      expect(only(pair.alice)).toMatchObject({ delivery: 'held' });
    });

    it('ux:I-2 is what it was before when that is taken back', async () => {
      const pair = await stage(offTheRecord);
      const { alice } = pair;
      await heldAgain(pair);
      const id = only(alice)?.id ?? ('' as never);
      expect(await alice.party.service.discardHeld(alice.id, id)).toBe('again');
      expect(only(alice)).toMatchObject({ id, delivery: 'unconfirmed' });
    });
  });

  it('ux:2.5.7 is told of each device, and sent again to that one only', async () => {
    const { stage: all, alice, laptop, phone } = await withVerified(LAPTOP, PHONE);
    try {
      all.network.fate = ({ to }) => (to === phone.party.line.jid ? 0 : 1);
      await alice.type('to both');
      const lost = all.network.seen.findLast(({ to }) => to === phone.party.line.jid);
      await alice.party.service.hear({ tag: 'not-sent', id: lost?.id ?? '' });
      expect(only(alice)?.delivery).toBe('sending');
      await all.settle();
      expect(fatesOf(only(alice))).toEqual({ Laptop: 'delivered', Phone: 'unconfirmed' });
      expect(only(alice)?.delivery).toBe('delivered');
      all.network.fate = () => 1;
      await alice.party.service.resend(alice.id, only(alice)?.id ?? ('' as never));
      await all.settle();
      expect([laptop.texts, phone.texts]).toEqual([['to both'], ['to both']]);
      expect(fatesOf(only(alice))).toEqual({ Laptop: 'delivered', Phone: 'delivered' });
    } finally {
      all.close();
    }
  });
});

describe('a message in clear that is not sent again, since the chat is not in clear any more', () => {
  /** Its line breaks; meanwhile Alice decides to say nothing in clear to Bob. */
  async function breakOff({ alice }: Pair): Promise<void> {
    await alice.rules({ otr: 'always' });
    await alice.party.line.return();
  }

  it('ux:I-1 may have arrived if the server had it, after a restart of the application too', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice, bob } = pair;
    const id = await alice.type('in clear');
    const forId = all.network.seen.at(-1)?.id ?? '';
    await alice.party.line.lose([]);
    await breakOff(pair);
    expect(only(alice)).toMatchObject({ id, delivery: 'unconfirmed' });
    const again = all.party('alice', { after: alice.party });
    const history = () => again.service.history({ id: alice.id, limit: 1 });
    expect(history()).toMatchObject([{ delivery: 'unconfirmed' }]);
    await again.service.hear({ tag: 'receipt', forId, from: senderOf(bob.party.line.jid) });
    expect(history()).toMatchObject([{ delivery: 'delivered' }]);
  });

  it('was not delivered if it never left', async () => {
    const pair = await stage(twoServices);
    const { alice } = pair;
    await alice.party.line.lose([]);
    await alice.type('in clear');
    await breakOff(pair);
    expect(only(alice)).toMatchObject({ delivery: 'failed' });
  });

  it('may have arrived if it was written before this start: nobody remembers whether it left', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice } = pair;
    await alice.party.line.lose([]);
    await alice.type('in clear');
    await alice.rules({ otr: 'always' });
    const again = all.party('alice', { after: alice.party });
    await again.line.return();
    expect(again.service.history({ id: alice.id, limit: 1 })).toMatchObject([
      { delivery: 'unconfirmed' },
    ]);
  });
});
