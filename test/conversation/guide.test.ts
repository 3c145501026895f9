// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { useStage } from '../support/expectations.ts';
import { messageOf } from '../support/fake-wire.ts';
import { offTheRecord, Seat, twoServices } from '../support/two-services.ts';

const stage = useStage();

describe('what people were promised', () => {
  it('guide:R-06 guide:R-07 sends nothing when a chat is looked at, and one invitation on Start', async () => {
    const { stage: all, alice } = await stage(twoServices);
    alice.party.service.view(alice.id);
    alice.party.service.history({ id: alice.id, limit: 50 });
    await alice.party.service.markRead(alice.id);
    await all.settle();
    expect(all.network.seen).toEqual([]);
    await alice.party.service.start(alice.id);
    expect(all.network.seen).toHaveLength(1);
  });

  it('guide:R-08 guide:R-09 answers nothing before the other user has accepted', async () => {
    const { stage: all, alice, bob } = await stage(twoServices);
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(all.network.seen.filter(({ from }) => from === bob.party.line.jid)).toEqual([]);
    expect(bob.view).toMatchObject({ state: 'plain-available', composer: 'send' });
    await bob.type('still in clear');
    await all.settle();
    expect(alice.texts).toEqual(['still in clear']);
  });

  it('guide:R-10 ux:I-5 marks each message with how it travelled', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('unverified');
    const tag = alice.view.devices[0]?.name.instanceTag ?? '';
    await alice.party.service.compared(alice.id, tag, 'match');
    await alice.type('verified');
    await all.pass(1000);
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, alice.party.jid, 'in clear', { id: 'p1' }),
    );
    expect(alice.messages.map(({ protection }) => protection)).toEqual([
      'unverified',
      'verified',
      'plain',
    ]);
  });

  it('ux:2.5.6 lets a tick mean that the other device could read it', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('read');
    await all.settle();
    bob.party.settings = { ...bob.party.settings, sendReceipts: false };
    await alice.type('read in silence');
    await all.settle();
    expect(bob.texts).toEqual(['read', 'read in silence']);
    expect(alice.messages.map(({ delivery }) => delivery)).toEqual(['delivered', 'sent']);
  });

  it('guide:R-12 cannot bring back what was in memory when the application was closed', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('gone with the memory');
    await all.settle();
    bob.party.service.stop();
    all.network.lines.splice(all.network.lines.indexOf(bob.party.line), 1);
    const again = new Seat(all.party('bob', { after: bob.party }), alice.party);
    expect(again.timeline).toEqual([]);
    expect(again.view).toMatchObject({ state: 'plain-available', offTheRecordCount: 0 });
  });

  it.each(['alice', 'bob'] as const)(
    'guide:R-15 refreshes the keys when %s asks, and the conversation goes on',
    async (who) => {
      const pair = await stage(offTheRecord);
      const { stage: all, alice, bob } = pair;
      await alice.type('before');
      await all.settle();
      const { session } = alice.view;
      await pair[who].party.service.start(pair[who].id);
      await all.settle();
      expect(alice.view.session?.ssid).not.toEqual(session?.ssid);
      await bob.type('after');
      await all.settle();
      expect(alice.texts).toEqual(['before', 'after']);
      expect(alice.events).toContain('refreshed');
    },
  );

  it.each(['alice', 'bob'] as const)('guide:R-17 ends when %s says so', async (who) => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await pair[who].party.service.end(pair[who].id);
    await all.settle();
    const states = [alice.view.state, bob.view.state].toSorted();
    expect(states).toEqual(['ended-by-peer', 'plain-available']);
  });

  it('guide:R-18 records new messages again after the end, and marks the boundary', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('off');
    await all.settle();
    await alice.party.service.end(alice.id);
    await all.settle();
    await all.pass(1000);
    await alice.type('on the record');
    await all.settle();
    expect(bob.party.service.search('record')).toHaveLength(1);
    expect(bob.timeline.map((item) => (item.kind === 'line' ? item.edge : item.kind))).toEqual(
      expect.arrayContaining(['start', 'end']),
    );
  });

  it('ux:I-8 xep:X-41 hands on nothing of a peer but text', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await bob.type('<script>alert(1)</script> ?OTRv4? javascript:void');
    await all.settle();
    expect(alice.texts).toEqual(['<script>alert(1)</script> ?OTRv4? javascript:void']);
    expect(alice.view.state).toBe('unverified');
  });
});
