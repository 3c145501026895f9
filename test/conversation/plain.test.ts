// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { classify } from '#otr';
import { leftInClear, useStage } from '../support/expectations.ts';
import { messageOf, senderOf } from '../support/fake-wire.ts';
import { offTheRecord, type Seat, twoServices } from '../support/two-services.ts';

const stage = useStage();

describe('a chat in clear', () => {
  it('ux:4 shows a message once, with what became of it', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const id = await alice.type('hi');
    expect(alice.messages).toMatchObject([{ id, text: 'hi', delivery: 'sending' }]);
    await all.settle();
    expect(alice.messages).toMatchObject([{ id, delivery: 'delivered', protection: 'plain' }]);
    expect(bob.messages).toMatchObject([{ text: 'hi', direction: 'in', plainInside: false }]);
    expect(id).toMatch(/^p\d+$/);
    expect(bob.party.service.search('hi')).toHaveLength(1);
  });

  it('sends no receipt where the user wants none', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    bob.party.settings = { ...bob.party.settings, sendReceipts: false };
    await alice.type('hi');
    await all.settle();
    expect(alice.messages).toMatchObject([{ delivery: 'sent' }]);
  });

  it('counts handing over as sent where the server acknowledges nothing', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    all.network.acknowledges = false;
    bob.party.settings = { ...bob.party.settings, sendReceipts: false };
    await alice.party.line.leave();
    await alice.party.line.return();
    await alice.type('hi');
    expect(alice.messages).toMatchObject([{ delivery: 'sent' }]);
  });

  it('keeps what is typed without a line, and sends it when there is one', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.line.lose([]);
    await alice.type('from the train');
    expect(alice.messages).toMatchObject([{ delivery: 'sending' }]);
    await alice.party.line.return();
    await all.settle();
    expect(bob.texts).toEqual(['from the train']);
    expect(alice.messages).toMatchObject([{ delivery: 'delivered' }]);
  });

  it('sends it after a restart of the application as well', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.line.leave();
    await alice.type('for later');
    const again = all.party('alice', { after: alice.party });
    await again.line.return();
    await all.settle();
    expect(bob.texts).toEqual(['for later']);
  });

  it('ux:I-1 does not send it in clear once the chat is off the record', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.line.lose([]);
    await alice.type('typed in clear');
    await alice.rules({ otr: 'always' });
    await alice.party.line.return();
    await all.settle();
    expect(bob.texts).toEqual([]);
    expect(alice.messages).toMatchObject([{ delivery: 'failed' }]);
    expect(leftInClear(all, 'typed in clear')).toEqual([]);
  });

  it('sec:F-MSG-1 shows a repeated message once', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    all.network.fate = () => 3;
    await alice.type('once');
    await all.settle();
    expect(bob.texts).toEqual(['once']);
  });

  it('marks a message that came back, and sends it again when asked', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    all.network.fate = () => 0;
    const id = await alice.type('lost');
    all.network.fate = () => 1;
    const stored = alice.party.store.messages.page({
      conversation: alice.id,
      before: undefined,
      limit: 1,
    })[0];
    await alice.party.service.hear({
      tag: 'bounced',
      forId: stored?.stanzaId ?? '',
      from: senderOf(bob.party.line.jid),
      condition: 'service-unavailable',
    });
    expect(alice.messages).toMatchObject([{ id, delivery: 'failed' }]);
    await alice.party.service.resend(alice.id, id);
    await all.settle();
    expect(bob.texts).toEqual(['lost']);
    expect(alice.messages).toMatchObject([{ id, delivery: 'delivered' }]);
  });

  it('takes no receipt from somebody else', async () => {
    const { alice } = await stage(twoServices);
    await alice.type('hi');
    const [stored] = alice.party.store.messages.sending(alice.party.account);
    const mallory = { bare: alice.party.jid, full: undefined };
    await alice.party.service.hear({
      tag: 'receipt',
      forId: stored?.stanzaId ?? '',
      from: mallory,
    });
    expect(alice.messages).toMatchObject([{ delivery: 'sending' }]);
  });

  it.each([
    ['message-empty', ''],
    ['message-empty', ' \n\t '],
    ['message-empty', '\u0000\u0007'],
    ['message-too-long', 'x'.repeat(1_048_576)],
    ['message-too-long', 'ü'.repeat(32_769)],
  ])('refuses a text with %s and keeps everything as it was', async (code, text) => {
    const { stage: all, alice } = await stage(twoServices);
    const before = alice.view;
    await expect(alice.type(text)).rejects.toMatchObject({ code });
    expect(alice.view).toEqual(before);
    expect(all.network.seen).toEqual([]);
  });

  it('sends 64 KiB of text, and nothing XML cannot carry', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.type('x'.repeat(65_536));
    await alice.type('bell\u0007\uD800 and \u0000 nothing');
    await all.settle();
    expect(bob.texts).toEqual(['x'.repeat(65_536), 'bell\uFFFD and  nothing']);
  });

  it('ux:A8 sends a quoted query or tag as the text it is', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const tag = ' \t  \t\t\t\t \t \t \t   \t\t  \t  ';
    await alice.type('?OTRv4? is how it starts');
    await alice.type(`see${tag}there`);
    await all.settle();
    expect(all.network.seen.map(({ body }) => classify(body).kind)).toEqual([
      'plaintext',
      'plaintext',
    ]);
    expect(bob.view.state).toBe('plain');
    expect(bob.texts[0]?.replaceAll('\u2060', '')).toBe('?OTRv4? is how it starts');
    expect(alice.texts[0]).toBe('?OTRv4? is how it starts');
  });

  it('xep:X-28 never shows a query or a tag, and learns from them what is possible', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const from = bob.party.line.jid;
    await alice.party.service.hear(messageOf(from, alice.party.jid, '?OTRv4? let us'));
    expect(alice.timeline).toEqual([]);
    expect(alice.view.state).toBe('plain-available');
    const tagged = 'hello \t  \t\t\t\t \t \t \t    \t\t \t  ';
    await alice.party.service.hear(messageOf(from, alice.party.jid, tagged));
    expect(alice.texts).toEqual(['hello']);
    await all.settle();
    expect(all.network.seen).toEqual([]);
  });

  describe('from an app that has only OTR 3', () => {
    const line = (seat: Seat) =>
      seat.timeline.map((item) => (item.kind === 'event' ? item.event.name : item.kind));

    it.each(['?OTRv3?', '?OTRv23?\n<b>I would like to talk</b>', '?OTR?v2?'])(
      'says so once in a plain sentence, and answers nothing: %j',
      async (query) => {
        const { stage: all, alice, bob } = await stage(twoServices);
        const from = bob.party.line.jid;
        await alice.party.service.hear(messageOf(from, alice.party.jid, query));
        await alice.party.service.hear(messageOf(from, alice.party.jid, query));
        await all.settle();
        expect(line(alice)).toEqual(['older-version']);
        expect(alice.view.state).toBe('plain');
        expect(all.network.seen).toEqual([]);
      },
    );

    it('says nothing of it where the contact is known to have version 4: it may be forged', async () => {
      const { alice, bob } = await stage(twoServices);
      const from = bob.party.line.jid;
      await alice.party.service.hear(messageOf(from, alice.party.jid, '?OTRv4?'));
      await alice.party.service.hear(messageOf(from, alice.party.jid, '?OTRv3?'));
      expect(alice.timeline).toEqual([]);
    });

    it('says it of the first message of its key exchange too', async () => {
      const { alice, bob } = await stage(twoServices);
      const from = bob.party.line.jid;
      // Version 3, D-H Commit, sender tag 0x100, receiver tag 0, two empty values.
      const commit = Buffer.from('000302000001000000000000000000000000000000', 'hex');
      const body = `?OTR:${commit.toString('base64')}.`;
      await alice.party.service.hear(messageOf(from, alice.party.jid, body));
      expect(line(alice)).toEqual(['older-version']);
    });
  });

  it('shows what our other devices sent and got, and answers none of it', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    const to = alice.party.jid;
    const own = alice.party.line.jid;
    await alice.party.service.hear(
      messageOf(own, bob.party.jid, 'from my phone', { carbon: 'sent', own: true, id: 'c1' }),
    );
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, to, 'to my phone', {
        carbon: 'received',
        id: 'c2',
        receiptRequested: true,
      }),
    );
    expect(alice.messages).toMatchObject([
      { text: 'from my phone', direction: 'out' },
      { text: 'to my phone', direction: 'in' },
    ]);
    await all.settle();
    expect(all.network.seen).toEqual([]);
  });

  it('pages through stored and unstored messages as one', async () => {
    const { stage: all, alice } = await stage(twoServices);
    for (let count = 0; count < 7; count += 1) {
      await alice.type(`line ${String(count)}`);
      await all.pass(1000);
    }
    const newest = alice.party.service.history({ id: alice.id, limit: 3 });
    const older = alice.party.service.history({ id: alice.id, limit: 3, before: newest[0]?.id });
    const texts = [...older, ...newest].map((item) => (item.kind === 'message' ? item.text : ''));
    expect(texts).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6']);
  });
});

describe('clear text inside an off-the-record chat', () => {
  it('ux:18 is marked, and the reply is still encrypted', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const plain = messageOf(bob.party.line.jid, alice.party.jid, 'where are you', { id: 'x1' });
    await alice.party.service.hear(plain);
    expect(alice.messages).toMatchObject([
      { text: 'where are you', plainInside: true, protection: 'plain' },
    ]);
    await alice.type('at home');
    await all.settle();
    expect(leftInClear(all, 'at home')).toEqual([]);
    expect(bob.texts).toEqual(['at home']);
  });

  it('keeps both orders in one timeline, and pages across them', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await all.pass(1000);
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, alice.party.jid, 'clear', { id: 'x1' }),
    );
    await all.pass(1000);
    await alice.type('hidden');
    expect(alice.texts).toEqual(['clear', 'hidden']);
    const [last] = alice.party.service.history({ id: alice.id, limit: 1 });
    const before = alice.party.service.history({ id: alice.id, limit: 1, before: last?.id });
    expect(before).toMatchObject([{ text: 'clear' }]);
  });
});
