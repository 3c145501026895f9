// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { leftInClear } from '../support/expectations.ts';
import { messageOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, Seat, twoServices } from '../support/two-services.ts';

const MINUTE_MS = 60_000;

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

/** Bob's application crashes and comes back under the same address, with the same keys. */
async function crash({ stage: all, bob, alice }: Pair): Promise<Seat> {
  const { party } = bob;
  all.network.lines.splice(all.network.lines.indexOf(party.line), 1);
  const again = all.party('bob', { after: party });
  await again.line.return();
  return new Seat(again, alice.party);
}

/** The bodies of a kind that a party has sent. */
const sentBy = ({ stage: all }: Pair, seat: Seat, words: RegExp): readonly string[] =>
  all.network.seen
    .filter(({ from, body }) => from === seat.party.line.jid && words.test(body))
    .map(({ body }) => body);

/** A data message of an earlier session, or altered on the way. */
async function garble(pair: Pair): Promise<string> {
  const { stage: all, alice, bob } = pair;
  await bob.type('to be altered');
  const body = all.network.seen.at(-1)?.body ?? '';
  await all.settle();
  expect(alice.texts.at(-1)).toBe('to be altered');
  const at = body.length - 40;
  const letter = body.charAt(at) === 'A' ? 'B' : 'A';
  return body.slice(0, at) + letter + body.slice(at + 1);
}

describe('an interrupted chat', () => {
  it('ux:19 guide:R-15 guide:R-16 sec:F-PEER-1 is renewed once by itself, and nothing is lost in silence', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice } = pair;
    const bob = await crash(pair);
    await alice.type('A');
    await alice.type('B');
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    expect(bob.view.state).toBe('unverified');
    const outcome = alice.messages.filter(({ direction }) => direction === 'out');
    expect(outcome.map(({ delivery }) => delivery)).toEqual(['failed', 'failed']);
    for (const { id } of outcome) await alice.party.service.resend(alice.id, id);
    await all.settle();
    expect(bob.texts).toEqual(['A', 'B']);
    expect(alice.events.filter((name) => name === 'interrupted')).toHaveLength(1);
    expect(bob.timeline.filter(({ kind }) => kind === 'event').length).toBeLessThanOrEqual(2);
    expect(leftInClear(all, 'resend')).toEqual([]);
  });

  it('ux:S9 asks the user of a crashed application who wants to be asked', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice } = pair;
    await pair.bob.rules({ accept: 'ask' });
    const bob = await crash(pair);
    await alice.type('A');
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'interrupted', composer: 'hold' });
    expect(bob.view.invitation).toBeDefined();
    await alice.type('held meanwhile');
    await bob.party.service.accept(bob.id);
    await all.settle();
    expect(bob.texts).toEqual(['held meanwhile']);
  });

  it('ux:S9 holds text and refreshes once where a message cannot be read', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const before = alice.view.session?.ssid;
    const altered = await garble(pair);
    await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, altered));
    expect(alice.view).toMatchObject({ state: 'interrupted', composer: 'hold' });
    await alice.type('held');
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    expect(alice.view.session?.ssid).not.toEqual(before);
    expect(alice.events).toContain('refreshed');
    expect(bob.texts.at(-1)).toBe('held');
  });

  it('ux:2.5.7 refreshes by itself once in five minutes, then only by hand', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    for (let times = 0; times < 3; times += 1) {
      const altered = await garble(pair).catch(() => undefined);
      if (altered === undefined) break;
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, altered));
      await all.settle();
      await all.pass(20_000);
    }
    expect(alice.view.state).toBe('interrupted');
    expect(alice.events.filter((name) => name === 'refreshed')).toHaveLength(1);
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(alice.view.state).toBe('unverified');
    expect(alice.events.filter((name) => name === 'refreshed')).toHaveLength(2);
  });

  it('ux:A4 answers a thousand unreadable messages with one line and at most one error a minute', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const altered = await garble(pair);
    const { length: before } = sentBy(pair, alice, /^/);
    for (let times = 0; times < 1000; times += 1) {
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, altered));
    }
    await all.settle();
    const unreadable = alice.timeline.filter(
      (item) => item.kind === 'event' && item.event.name === 'unreadable',
    );
    expect(unreadable).toHaveLength(1);
    expect(unreadable).toMatchObject([{ event: { count: 1000 } }]);
    expect(sentBy(pair, alice, /^\?OTR Error:/)).toHaveLength(1);
    expect(sentBy(pair, alice, /^/).length - before).toBeLessThan(12);
  });

  it('ux:A4 sec:T-O-DAKE-1 is not disturbed by replays, foreign tags, truncation or size', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await bob.type('original');
    await all.settle();
    const from = bob.party.line.jid;
    const bodies = all.network.seen.filter(({ from: by }) => by === from).map(({ body }) => body);
    for (const body of bodies) {
      await alice.party.service.hear(messageOf(from, alice.party.jid, body));
      await alice.party.service.hear(messageOf(from, alice.party.jid, body.slice(0, -9)));
      await alice.party.service.hear(messageOf(from, alice.party.jid, `${body.slice(0, 30)}.`));
    }
    await alice.party.service.hear(
      messageOf(from, alice.party.jid, `?OTR:${'A'.repeat(1_048_576)}.`),
    );
    await alice.party.service.hear(messageOf(from, alice.party.jid, '?OTR|00000100|00000200,1,2,'));
    await alice.party.service.hear(messageOf(from, alice.party.jid, '?OTR:AAMCAAAA.'));
    await all.settle();
    expect(alice.texts).toEqual(['original']);
    await alice.party.service.start(alice.id);
    await all.settle();
    await alice.type('still here');
    await all.settle();
    expect(bob.texts).toEqual(['original', 'still here']);
    expect(alice.party.failures).toEqual([]);
  });

  it('ux:A5 shows an error of the other side in our own words only, and ends nothing by it', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const from = bob.party.line.jid;
    await alice.party.service.hear(
      messageOf(from, alice.party.jid, '?OTR Error: ERROR_1: click http://evil.example'),
    );
    await alice.party.service.hear(
      messageOf(from, alice.party.jid, '?OTR Error: your password has expired'),
    );
    await all.settle();
    expect(JSON.stringify(alice.timeline)).not.toMatch(/evil|password/);
    expect(alice.events).toContain('peer-could-not-read');
    expect(alice.view.state).toBe('unverified');
    await alice.type('goes on');
    await all.settle();
    expect(bob.texts).toEqual(['goes on']);
  });

  it('ux:A5 takes no error seriously where there is no chat', async () => {
    const { alice, bob } = await stage(twoServices);
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, alice.party.jid, '?OTR Error: ERROR_2: x'),
    );
    expect(alice.timeline).toEqual([]);
    expect(alice.view.state).toBe('plain');
  });

  it('tells of our own message that comes back', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('boomerang');
    const body = all.network.seen.at(-1)?.body ?? '';
    await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, body));
    await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, body));
    expect(alice.events.filter((name) => name === 'reflected')).toHaveLength(1);
    expect(alice.view.state).toBe('unverified');
  });

  it('otr:T-196 xep:X-43 ignores a start that arrives as a copy, or late', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    const body = all.network.seen.at(-1)?.body ?? '';
    all.network.lines.splice(0);
    const from = alice.party.line.jid;
    await bob.party.service.hear(messageOf(from, bob.party.jid, body, { carbon: 'received' }));
    await bob.party.service.hear(messageOf(from, bob.party.jid, body, { delayedAt: 1 }));
    expect(bob.view.invitation).toBeUndefined();
    await bob.party.service.hear(messageOf(from, bob.party.jid, body));
    expect(bob.view.invitation).toBeDefined();
  });

  it('sec:F-FLOOD-2 takes three invitations at once, then one in ten seconds', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await bob.rules({ accept: 'contacts' });
    const answers = (): number =>
      all.network.seen.filter(({ from }) => from === bob.party.line.jid).length;
    for (let times = 0; times < 10; times += 1) {
      await alice.party.service.start(alice.id);
      await all.network.deliverOne();
      await alice.party.service.cancel(alice.id);
    }
    await all.settle();
    expect(answers()).toBeLessThanOrEqual(6);
  });
});

describe('a contact who goes and comes back', () => {
  it('ux:S6 holds text at once, says so after the grace, and continues', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await bob.party.line.leave();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'hold' });
    await alice.type('for later');
    await all.pass(14_000);
    expect(alice.events).not.toContain('contact-offline');
    await all.pass(1000);
    expect(alice.events).toContain('contact-offline');
    await bob.party.line.return();
    await all.settle();
    expect(alice.events).toContain('contact-back');
    expect(bob.texts).toEqual(['for later']);
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    expect(leftInClear(all, 'for later')).toEqual([]);
  });

  it('xep:X-51 xep:C-17 is not begun with while away by the rule "only live chats": the text waits, and that is said', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.rules({ liveOnly: true });
    await bob.party.line.leave();
    all.network.seen.splice(0);
    await alice.type('for later');
    await all.pass(60 * MINUTE_MS);
    expect(all.network.seen).toEqual([]);
    expect(alice.messages).toMatchObject([{ text: 'for later', delivery: 'held' }]);
    expect(alice.events).toContain('contact-offline');
    for (const { id } of alice.messages) await alice.party.service.discardHeld(alice.id, id);
    expect(alice.view.heldCount).toBe(0);
  });

  it('keeps the chat when our own line is back with the same session', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const { session } = alice.view;
    await alice.party.line.lose([]);
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'hold' });
    await alice.type('in the tunnel');
    await all.pass(MINUTE_MS / 2);
    await alice.party.line.resume();
    await all.settle();
    expect(bob.texts).toEqual(['in the tunnel']);
    expect(alice.view.session).toEqual(session);
  });
});
