// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import type { AccountMode } from '#shared/model/account.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import { leftInClear, useStage } from '../support/expectations.ts';
import { messageOf, type Seen, senderOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, twoServices } from '../support/two-services.ts';
import { whitespaceTag } from '../support/bodies-in-clear.ts';

const MINUTE_MS = 60_000;

const stage = useStage();

describe('starting off the record', () => {
  it('ux:5 holds what is typed at once, and delivers it encrypted after Accept', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    expect(alice.view).toMatchObject({ state: 'starting', composer: 'hold' });
    await alice.type('secret');
    await all.settle();
    expect(alice.messages).toMatchObject([{ text: 'secret', delivery: 'held' }]);
    expect(bob.view.invitation).toBeDefined();
    await bob.party.service.accept(bob.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send', heldCount: 0 });
    expect(bob.view).toMatchObject({ state: 'unverified', composer: 'send' });
    expect(bob.texts).toEqual(['secret']);
    expect(alice.messages).toMatchObject([{ text: 'secret', delivery: 'delivered' }]);
    expect(leftInClear(all, 'secret')).toEqual([]);
  });

  it('ux:I-2 flushes what was held in the order it was typed', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    const texts = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`);
    for (const text of texts) await alice.type(text);
    await all.settle();
    await bob.party.service.accept(bob.id);
    await all.settle();
    expect(bob.texts).toEqual(texts);
    expect(leftInClear(all, 'line ')).toEqual([]);
  });

  it('ux:I-2 holds a hundred texts and refuses the next, which stays with the user', async () => {
    const { alice } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    for (let typed = 0; typed < 100; typed += 1) await alice.type('again');
    await expect(alice.type('one too many')).rejects.toMatchObject({ code: 'queue-full' });
    expect(alice.view.heldCount).toBe(100);
  });

  it('ux:6 guide:R-08 tells the inviter of a refusal, and keeps what is held', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await alice.type('secret');
    await all.settle();
    await bob.party.service.decline(bob.id);
    await all.settle();
    expect(alice.events).toContain('declined-by-peer');
    expect(bob.events).toContain('declined-by-us');
    expect(bob.view).toMatchObject({ state: 'plain-available', invitation: undefined });
    expect(alice.view).toMatchObject({
      state: 'plain',
      composer: 'hold',
      heldCount: 1,
      starting: { lastFailure: 'declined' },
    });
    expect(all.network.seen.at(-1)?.body).toMatch(/^\?OTR Error: DECLINED: /);
    expect(leftInClear(all, 'secret')).toEqual([]);
  });

  it('ux:6 lets a held text be taken back, or the composer be unlocked, but sends neither', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    const id = await alice.type('secret');
    await all.settle();
    await bob.party.service.decline(bob.id);
    await all.settle();
    const before = all.network.seen.length;
    await alice.party.service.writeUnencrypted(alice.id);
    await all.settle();
    expect(alice.view).toMatchObject({ composer: 'send', heldCount: 1 });
    expect(await alice.party.service.discardHeld(alice.id, id)).toBe('secret');
    expect(alice.view.heldCount).toBe(0);
    expect(all.network.seen.length).toBe(before);
  });

  it('ux:7 waits ten minutes for an answer, then says so on both sides', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await alice.type('secret');
    await all.settle();
    await all.pass(9 * MINUTE_MS);
    expect(alice.view.state).toBe('starting');
    expect(bob.view.invitation).toBeDefined();
    await all.pass(MINUTE_MS);
    expect(alice.view).toMatchObject({ composer: 'hold', starting: { lastFailure: 'no-answer' } });
    expect(alice.events).toContain('no-answer');
    expect(bob.view.invitation).toBeUndefined();
    expect(leftInClear(all, 'secret')).toEqual([]);
  });

  it('ux:2.5.5 says that the answer was not valid, once its time is over: anybody may have sent it', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await all.settle();
    const answers: Seen[] = [];
    all.network.fate = (seen) => {
      if (seen.from !== bob.party.line.jid || seen.id === 'altered') return 1;
      answers.push(seen);
      return 0;
    };
    await bob.party.service.accept(bob.id);
    await all.settle();
    const [answer] = answers;
    if (answer === undefined) throw new RangeError('Bob has not answered');
    const { body } = answer;
    const altered = body.slice(0, 900) + (body[900] === 'A' ? 'B' : 'A') + body.slice(901);
    const to = alice.party.line.jid;
    bob.party.line.sendOtr({ to, body: altered, id: 'altered', kind: 'encoded' });
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'starting', starting: { lastFailure: undefined } });
    await all.pass(10 * MINUTE_MS);
    expect(alice.view.starting).toMatchObject({ lastFailure: 'invalid-answer' });
    expect(alice.events).toContain('start-failed');
    expect(alice.events).not.toContain('no-answer');
  });

  it('ux:7 guide:R-09 takes the card away when the inviter cancels', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await all.settle();
    await alice.party.service.cancel(alice.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'plain', composer: 'send' });
    expect(bob.view.invitation).toBeUndefined();
    expect(bob.events).toEqual(['invitation-withdrawn']);
    expect(alice.timeline).toEqual([]);
  });

  it('ux:7 takes the card away when the inviter goes offline', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await all.settle();
    await alice.party.line.leave();
    await all.settle();
    expect(bob.view.invitation).toBeUndefined();
    expect(bob.events).toEqual(['invitation-withdrawn']);
  });

  it('sec:F-DAKE-2 makes one session of two starts at the same moment', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await Promise.all([alice.party.service.start(alice.id), bob.party.service.start(bob.id)]);
    await all.settle();
    expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
    expect(alice.view.session?.ssid).toEqual(bob.view.session?.ssid);
    expect([alice.view.invitation, bob.view.invitation]).toEqual([undefined, undefined]);
    await alice.type('one');
    await bob.type('two');
    await all.settle();
    expect(alice.texts.toSorted()).toEqual(['one', 'two']);
    expect(bob.texts.toSorted()).toEqual(['one', 'two']);
  });

  describe.each([0, 1, 2])(
    'an exchange whose message %i is lost, and the others come twice',
    (lost) => {
      const stagedBy = async (mode: AccountMode): Promise<Pair> => {
        const pair = await stage(() => twoServices(mode));
        let exchanged = 0;
        pair.stage.network.fate = () => (exchanged++ === lost ? 0 : 2);
        for (const seat of [pair.alice, pair.bob]) await seat.rules({ accept: 'contacts' });
        await pair.alice.party.service.start(pair.alice.id);
        await pair.alice.type('through it all');
        await pair.stage.settle();
        return pair;
      };
      const expectTalk = async ({ stage: all, alice, bob }: Pair): Promise<void> => {
        expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
        expect(alice.view.session?.ssid).toEqual(bob.view.session?.ssid);
        const [failed] = alice.messages.filter(({ delivery }) => delivery === 'failed');
        if (failed !== undefined) await alice.party.service.resend(alice.id, failed.id);
        await all.settle();
        expect(bob.texts).toEqual(['through it all']);
        expect(leftInClear(all, 'through it all')).toEqual([]);
      };

      it('sec:F-DAKE-3 mode:I-15 is tried again by itself where nothing else leads on', async () => {
        const pair = await stagedBy('standalone');
        await pair.stage.pass(2 * MINUTE_MS);
        await expectTalk(pair);
      });

      it('sec:F-DAKE-3 is over in ten minutes elsewhere, never on one side only, and begun anew', async () => {
        const pair = await stagedBy('compatible');
        const { stage: all, alice } = pair;
        await all.pass(11 * MINUTE_MS);
        if (alice.view.state !== 'unverified') {
          expect(alice.view).toMatchObject({
            composer: 'hold',
            starting: { lastFailure: 'no-answer' },
          });
        }
        await alice.party.service.start(alice.id);
        await all.settle();
        await expectTalk(pair);
      });
    },
  );

  it('accepts by itself from contacts where the user said so', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await bob.rules({ accept: 'contacts' });
    await alice.party.service.start(alice.id);
    await all.settle();
    expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
  });

  it('accepts by itself from a verified contact, and only then', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const tag = bob.view.devices[0]?.name.instanceTag ?? '';
    await bob.party.service.compared(bob.id, tag, 'match');
    await alice.party.service.end(alice.id);
    await all.settle();
    await bob.party.service.writeUnencrypted(bob.id);
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(bob.view).toMatchObject({ state: 'verified', invitation: undefined });
    expect(alice.view.state).toBe('unverified');
  });

  it('asks even for a verified contact under "ask me"', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const tag = bob.view.devices[0]?.name.instanceTag ?? '';
    await bob.party.service.compared(bob.id, tag, 'match');
    await bob.rules({ accept: 'ask' });
    await alice.party.service.end(alice.id);
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(bob.view.invitation).toBeDefined();
  });

  it('refuses by itself under "never", once a minute', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await bob.rules({ otr: 'never' });
    for (let tries = 0; tries < 2; tries += 1) {
      await alice.party.service.start(alice.id);
      await all.settle();
    }
    expect(bob.view.invitation).toBeUndefined();
    expect(all.network.seen.filter(({ body }) => body.includes('DECLINED'))).toHaveLength(1);
    await expect(bob.party.service.start(bob.id)).rejects.toBeInstanceOf(AppFailure);
  });

  it('guide:R-05 says when nobody is there to start with', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    all.keyServers.refusal = 'no-server';
    await bob.party.line.leave();
    await all.settle();
    await alice.party.service.start(alice.id);
    expect(alice.view).toMatchObject({ state: 'starting', starting: { by: 'keys' } });
    await all.pass(60_000);
    expect(alice.view).toMatchObject({
      state: 'plain',
      starting: { lastFailure: 'offline' },
      noKeys: 'no-server',
    });
    expect(alice.events).toContain('no-keys');
    await alice.party.line.leave();
    await expect(alice.party.service.start(alice.id)).rejects.toMatchObject({
      code: 'not-connected',
    });
  });

  it('gives up at once when the device turns out to be gone, and keeps what is held', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    all.network.fate = () => 0;
    await alice.party.service.start(alice.id);
    await alice.type('secret');
    await alice.party.service.hear({
      tag: 'bounced',
      forId: all.network.seen.at(-1)?.id ?? '',
      from: senderOf(bob.party.line.jid),
      condition: 'service-unavailable',
    });
    expect(alice.view).toMatchObject({
      state: 'plain',
      composer: 'hold',
      heldCount: 1,
      starting: { lastFailure: 'offline' },
    });
  });

  it('xep:X-49 can start with a contact whose presence we may not see, once they have written', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await bob.party.line.leave();
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, alice.party.jid, 'hi', { id: 'x1' }),
    );
    await alice.party.service.start(alice.id);
    expect(alice.view.state).toBe('starting');
    expect(all.network.seen.at(-1)?.to).toBe(bob.party.line.jid);
  });

  it('starts with the first message under "always", and sends nothing before', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.rules({ otr: 'always' });
    await bob.rules({ accept: 'contacts' });
    expect(alice.view.composer).toBe('hold');
    await alice.type('secret');
    await all.settle();
    expect(bob.texts).toEqual(['secret']);
    expect(alice.view.state).toBe('unverified');
    expect(leftInClear(all, 'secret')).toEqual([]);
  });

  it('invites again for a new text, but not for one that was refused already', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const invitations = (): number =>
      all.network.seen.filter(
        ({ from, kind }) => from === alice.party.line.jid && kind === 'encoded',
      ).length;
    await alice.party.service.start(alice.id);
    await all.settle();
    await bob.party.service.decline(bob.id);
    await all.settle();
    await alice.rules({ otr: 'always' });
    await alice.type('first');
    await all.settle();
    expect(invitations()).toBe(2);
    await bob.party.service.decline(bob.id);
    await all.settle();
    await alice.type('second');
    await bob.party.line.leave();
    await bob.party.line.return();
    await all.settle();
    expect(invitations()).toBe(2);
    expect(alice.view).toMatchObject({ composer: 'hold', heldCount: 2 });
  });

  it('under "always" invites a device that comes back for text that waits', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.rules({ otr: 'always' });
    await bob.party.line.leave();
    await alice.type('waits');
    expect(all.network.seen).toEqual([]);
    await bob.party.line.return();
    await all.settle();
    expect(bob.view.invitation).toBeDefined();
  });

  it('ux:S11 guide:R-21 locks under "always" when the other side does not answer', async () => {
    const { stage: all, alice } = await stage(twoServices);
    await alice.rules({ otr: 'always' });
    await alice.type('secret');
    await all.settle();
    await all.pass(10 * MINUTE_MS);
    expect(alice.view).toMatchObject({ state: 'cannot-encrypt', composer: 'locked', heldCount: 1 });
    await expect(alice.type('more')).rejects.toMatchObject({ code: 'conversation-locked' });
    await expect(alice.party.service.writeUnencrypted(alice.id)).rejects.toMatchObject({
      code: 'conversation-locked',
    });
  });

  it('decision 11, xep:X-48: starts nothing because of a query, a tag, or a known device', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.party.service.end(alice.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'plain-available', composer: 'send' });
    const before = all.network.seen.length;
    await alice.type('in clear');
    await all.settle();
    expect(all.network.seen.slice(before).map(({ kind }) => kind)).toEqual(['chat']);
    expect(bob.view.state).toBe('ended-by-peer');
    for (const body of ['?OTRv4?', `hello${whitespaceTag('4')}`]) {
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, body));
    }
    await all.settle();
    expect(all.network.seen).toHaveLength(before + 1);
    expect(alice.view.state).toBe('plain-available');
  });

  it('sends each OTR message to the full address of one device (xep:X-42)', async () => {
    const { stage: all, alice } = await stage(offTheRecord);
    await alice.type('secret');
    await all.settle();
    const otr = all.network.seen.filter(({ kind }) => kind !== 'chat');
    expect(otr.length).toBeGreaterThan(3);
    expect(otr.every(({ to }) => to.includes('/'))).toBe(true);
  });
});
