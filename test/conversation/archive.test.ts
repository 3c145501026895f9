// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import type { WireMessage } from '#main/xmpp/wire.ts';
import { useStage } from '../support/expectations.ts';
import { type Archived, messageOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, type Seat, twoServices } from '../support/two-services.ts';

const stage = useStage();

/** Alice's server keeps this from now on. */
function keepArchive({ stage: all, alice }: Pair): Archived[] {
  const archive: Archived[] = [];
  all.network.archives.set(alice.party.jid, archive);
  return archive;
}

interface Put {
  readonly id?: string;
  readonly mine?: boolean;
  readonly at?: number;
  readonly stanzaId?: string;
}

/** Something that Bob, or another device of Alice's, sent while this one was away. */
function put({ alice, bob, stage: all }: Pair, archive: Archived[], body: string, more: Put = {}) {
  const { mine = false, at = all.clock.now() } = more;
  const id = more.stanzaId ?? `archived-${String(archive.length + 1)}`;
  const [from, to] = mine
    ? ([alice.party.line.jid, bob.party.jid] as const)
    : ([bob.party.line.jid, alice.party.jid] as const);
  const message = messageOf(from, to, body, { id: more.id ?? `m-${id}`, own: mine });
  archive.push({ id, at, message });
}

async function comeBack({ stage: all, alice }: Pair): Promise<void> {
  await alice.party.line.return();
  await all.settle();
  await all.pass(0);
}

/** Filled up once, then away. */
async function away(make: () => Promise<Pair> = twoServices): Promise<[Pair, Archived[]]> {
  const pair = await stage(make);
  const archive = keepArchive(pair);
  put(pair, archive, 'from the beginning');
  await comeBack(pair);
  await pair.alice.party.line.leave();
  return [pair, archive];
}

const unreadOf = ({ party }: Seat): number => party.service.contacts()[0]?.unread ?? -1;
const live = (pair: Pair, body: string, change: Partial<WireMessage>): Promise<void> =>
  pair.alice.party.service.hear(
    messageOf(pair.bob.party.line.jid, pair.alice.party.jid, body, change),
  );

describe('an account that is new on this computer', () => {
  it('takes over the newest page, as read', async () => {
    const pair = await stage(twoServices);
    const archive = keepArchive(pair);
    for (let k = 0; k < 250; k += 1) put(pair, archive, `old ${String(k)}`, { at: 1000 * k });
    await comeBack(pair);
    expect(pair.stage.network.archiveAsked.at(-1)).toEqual({ tag: 'newest' });
    const { alice } = pair;
    expect(alice.messages).toHaveLength(100);
    expect(alice.texts.at(-1)).toBe('old 249');
    expect(unreadOf(alice)).toBe(0);
    expect(alice.party.published.filter(({ name }) => name === 'announce')).toEqual([]);
  });
});

describe('after an absence', () => {
  it('what both sides said meanwhile stands in its place, once, and what is new is unread', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    const since = all.clock.now();
    put(pair, archive, 'one', { at: since + 1000 });
    put(pair, archive, 'from my phone', { at: since + 2000, mine: true });
    put(pair, archive, 'two', { at: since + 3000 });
    await all.pass(10_000);
    await comeBack(pair);
    expect(alice.texts).toEqual(['from the beginning', 'one', 'from my phone', 'two']);
    expect(alice.messages.map(({ direction }) => direction)).toEqual(['in', 'in', 'out', 'in']);
    // Who answered on the phone has read what came before.
    expect(unreadOf(alice)).toBe(1);
    expect(all.network.archiveAsked.at(-1)).toEqual({ tag: 'after', id: 'archived-1' });
    await alice.party.line.leave();
    await comeBack(pair);
    expect(alice.texts).toHaveLength(4);
    expect(all.network.archiveAsked.at(-1)).toEqual({ tag: 'after', id: 'archived-4' });
  });

  it('pages are asked for until the end, and the place is kept after each', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    for (let k = 0; k < 2500; k += 1) put(pair, archive, `n ${String(k)}`);
    all.network.archiveAsked.splice(0);
    alice.party.published.splice(0);
    await comeBack(pair);
    await expect.poll(() => unreadOf(alice), { timeout: 30_000 }).toBe(2500);
    expect(all.network.archiveAsked).toHaveLength(25);
    expect(all.network.archiveAsked.at(-1)).toEqual({ tag: 'after', id: 'archived-2401' });
    const told = alice.party.published.map(({ name }) => name);
    expect(told.filter((name) => name === 'announce').length).toBeLessThanOrEqual(25);
    expect(told.filter((name) => name === 'contact.changed').length).toBeLessThanOrEqual(30);
    expect(alice.texts.slice(-2)).toEqual(['n 2498', 'n 2499']);
  });

  it('sec:§8 no more than twelve thousand are taken at once; the rest comes the next time', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    all.network.archivePage = 2000;
    for (let k = 0; k < 13_000; k += 1) put(pair, archive, `n ${String(k)}`);
    await comeBack(pair);
    await expect.poll(() => unreadOf(alice), { timeout: 60_000 }).toBe(12_000);
    await alice.party.line.leave();
    await comeBack(pair);
    await expect.poll(() => unreadOf(alice), { timeout: 60_000 }).toBe(13_000);
  }, 150_000);

  it('a server that dates by whole seconds puts nothing before what was there', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    await all.pass(3700 - (all.clock.now() % 1000));
    await alice.party.line.return();
    await live(pair, 'at once', { id: 'l-1', stanzaId: 'l-1' });
    archive.push({
      id: 'l-1',
      at: all.clock.now() - 700,
      message: messageOf(pair.bob.party.line.jid, alice.party.jid, 'at once', { id: 'l-1' }),
    });
    await all.pass(2000);
    await alice.party.line.leave();
    const second = all.clock.now() - 2700;
    expect(second % 1000).toBe(0);
    put(pair, archive, 'in the same second', { at: second });
    put(pair, archive, 'in the next', { at: second + 1000 });
    await comeBack(pair);
    expect(alice.texts.slice(1)).toEqual(['at once', 'in the same second', 'in the next']);
  });

  it('a place that the archive has forgotten is found by its time, and nothing is doubled', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    const since = all.clock.now();
    put(pair, archive, 'later', { at: since + 5000 });
    archive.splice(0, 1, ...archive.slice(0, 1).map((kept) => ({ ...kept, id: 'renamed' })));
    await comeBack(pair);
    expect(all.network.archiveAsked.at(-1)).toMatchObject({ tag: 'since' });
    expect(alice.texts).toEqual(['from the beginning', 'later']);
  });

  it('what the server also delivers by itself is shown once, whichever comes first, and receipted', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice, bob } = pair;
    put(pair, archive, 'spooled', { id: 'spool-1' });
    await comeBack(pair);
    await live(pair, 'spooled', {
      id: 'spool-1',
      delayedAt: all.clock.now(),
      receiptRequested: true,
    });
    await live(pair, 'early', { id: 'early-1', delayedAt: all.clock.now() });
    put(pair, archive, 'early', { id: 'early-1' });
    await alice.party.line.leave();
    await comeBack(pair);
    expect(alice.texts).toEqual(['from the beginning', 'spooled', 'early']);
    await expect
      .poll(() => all.network.receipts)
      .toContainEqual({
        from: alice.party.line.jid,
        to: bob.party.line.jid,
        forId: 'spool-1',
      });
  });

  it('other words under a name that was used before are another message', async () => {
    const [pair, archive] = await away();
    put(pair, archive, 'first', { id: '1' });
    put(pair, archive, 'second', { id: '1' });
    put(pair, archive, 'second', { id: '1', stanzaId: 'archived-9' });
    await comeBack(pair);
    expect(pair.alice.texts).toEqual(['from the beginning', 'first', 'second']);
  });

  it.each(['failed', 'unconfirmed'] as const)(
    'our own message that is in the archive has been sent after all: %s',
    async (delivery) => {
      const [pair, archive] = await away();
      const { stage: all, alice } = pair;
      await alice.party.line.return();
      all.network.fate = () => 0;
      all.network.acknowledges = false;
      const id = await alice.type('did it go?');
      const [row] = alice.party.store.messages.page({
        conversation: alice.id,
        before: undefined,
        limit: 1,
      });
      alice.party.store.transaction((tx) => {
        alice.party.store.messages.saveDelivery(tx, row?.id as never, delivery);
      });
      put(pair, archive, 'did it go?', { id: row?.stanzaId ?? '', mine: true });
      await alice.party.line.leave();
      await comeBack(pair);
      expect(alice.messages.filter((item) => item.id === id)).toMatchObject([{ delivery: 'sent' }]);
      expect(alice.texts).toEqual(['from the beginning', 'did it go?']);
    },
  );
});

describe('the place in the archive', () => {
  it('moves on with what comes at once, but not past what is not stored', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice } = pair;
    const archive = keepArchive(pair);
    put(pair, archive, 'zero');
    await comeBack(pair);
    const mark = () => alice.party.store.accounts.loadArchiveMark(alice.party.account)?.id;
    await live(pair, 'one', { id: '1', stanzaId: 'a-1' });
    expect(mark()).toBe('archived-1');
    await all.pass(2000);
    expect(mark()).toBe('a-1');
    await live(pair, 'two', { id: '2', stanzaId: 'a-2' });
    alice.party.service.stop();
    expect(mark()).toBe('a-2');
  });

  it('stays where it was while the gap before is not filled', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    put(pair, archive, 'in the gap', { stanzaId: 'gap' });
    all.network.archives.delete(alice.party.jid);
    await comeBack(pair);
    await live(pair, 'after the gap', { id: '3', stanzaId: 'a-3' });
    put(pair, archive, 'after the gap', { id: '3', stanzaId: 'a-3' });
    await all.pass(5000);
    all.network.archives.set(alice.party.jid, archive);
    await alice.party.line.leave();
    await comeBack(pair);
    expect([...alice.texts].sort()).toEqual(['after the gap', 'from the beginning', 'in the gap']);
  });
});

describe('off the record', () => {
  it('xep:X-42 xep:S-15 nothing of the protocol is taken out of the archive, shown or answered', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await bob.type('only once');
    await all.settle();
    const archive = keepArchive(pair);
    put(pair, archive, 'the beginning');
    await comeBack(pair);
    await alice.party.line.leave();
    const spoken = all.network.seen.filter(({ from }) => from === bob.party.line.jid);
    for (const { body } of spoken) put(pair, archive, body);
    const others = [
      '?OTRv4?',
      '?OTRv34? let us',
      '?OTR Error: ERROR_2: x',
      '?OTR|1|200|300,1,2,abc,',
    ];
    for (const body of others) put(pair, archive, body);
    put(pair, archive, 'tagged \t  \t\t\t\t \t \t \t    \t\t \t  ');
    all.network.seen.splice(0);
    const before = alice.events;
    all.network.fate = () => 0;
    await comeBack(pair);
    expect(alice.texts.filter((text) => text.includes('OTR'))).toEqual([]);
    expect(alice.texts.filter((text) => text === 'only once').length).toBeLessThanOrEqual(1);
    expect(alice.texts).toContain('tagged');
    expect(alice.events.filter((name) => !before.includes(name))).toEqual([]);
    const answers = all.network.seen.filter(({ from }) => from === alice.party.line.jid);
    // The one refresh that belongs to the new session with the server, and nothing to the archive.
    expect(answers.length).toBeLessThanOrEqual(1);
  });

  it('with somebody who is "always" off the record, and in the strict modes, nothing is taken', async () => {
    const [pair, archive] = await away();
    const { stage: all, alice } = pair;
    await alice.rules({ otr: 'always' });
    put(pair, archive, 'in clear');
    await comeBack(pair);
    expect(alice.texts).toEqual(['from the beginning']);
    await alice.party.line.leave();
    alice.party.mode = 'standalone';
    all.network.archiveAsked.splice(0);
    await comeBack(pair);
    expect(all.network.archiveAsked).toHaveLength(1);
    expect(alice.texts).toEqual(['from the beginning']);
    await alice.party.line.leave();
    alice.party.mode = 'interactive-only';
    all.network.archiveAsked.splice(0);
    await comeBack(pair);
    expect(all.network.archiveAsked).toEqual([]);
  });

  it('of strangers, and of ourselves, nothing is taken', async () => {
    const [pair, archive] = await away();
    const { alice } = pair;
    const eve = messageOf('eve@evil.example/x' as never, alice.party.jid, 'buy');
    const self = messageOf(alice.party.line.jid, alice.party.jid, 'note', { own: true });
    archive.push({ id: 'e', at: 1, message: eve }, { id: 's', at: 2, message: self });
    await comeBack(pair);
    expect(alice.texts).toEqual(['from the beginning']);
    expect(alice.party.service.contacts()).toHaveLength(1);
    expect(alice.party.requests).toBe(0);
  });
});
