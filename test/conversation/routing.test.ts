// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { messageOf, senderOf } from '../support/fake-wire.ts';
import { offTheRecord, type Pair, twoServices } from '../support/two-services.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  expect(open?.alice.party.failures ?? []).toEqual([]);
  open?.stage.close();
  open = undefined;
});

describe('a copy of what belongs to another device', () => {
  it.each(['received', 'sent'] as const)(
    'xep:X-43 xep:S-26 xep:T-71 that was %s there starts nothing, is not shown and not answered',
    async (carbon) => {
      const { stage: all, alice, bob } = await stage(twoServices);
      all.network.fate = () => 0;
      await bob.party.service.start(bob.id);
      const start = all.network.seen.at(-1)?.body ?? '';
      expect(start).toMatch(/^\?OTR:/);
      all.network.seen.splice(0);
      const [from, to] =
        carbon === 'sent'
          ? [alice.party.line.jid, bob.party.jid]
          : [bob.party.line.jid, alice.party.jid];
      for (const body of [start, '?OTR Error: ERROR_2: x', '?OTR|1|200|300,1,2,abc,']) {
        await alice.party.service.hear(
          messageOf(from, to, body, { carbon, own: carbon === 'sent' }),
        );
      }
      await all.settle();
      expect(all.network.seen).toEqual([]);
      expect(alice.timeline).toEqual([]);
      expect(alice.view.invitation).toBeUndefined();
    },
  );
});

describe('what a server brings back or keeps', () => {
  it('ux:I-1 a bounced message stands as mine, undelivered, and never as theirs', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    all.network.fate = () => 0;
    await alice.type('it came back');
    const sent = all.network.seen.at(-1);
    await alice.party.service.hear({
      tag: 'bounced',
      forId: sent?.id ?? '',
      from: senderOf(bob.party.line.jid),
      condition: 'service-unavailable',
    });
    expect(alice.messages).toMatchObject([
      { text: 'it came back', direction: 'out', delivery: 'failed' },
    ]);
    // The same words, as if they were the contact's.
    await alice.party.service.hear(
      messageOf(bob.party.line.jid, alice.party.jid, sent?.body ?? '', { id: sent?.id }),
    );
    expect(alice.messages).toHaveLength(1);
    expect(alice.events).toContain('reflected');
  });

  it('xep:X-42 sec:T-O-DUP-1 a message that the spool brings again is shown once and gets no reply', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await bob.type('said once');
    await all.settle();
    const said = all.network.seen.findLast(({ from }) => from === bob.party.line.jid);
    all.network.seen.splice(0);
    for (let times = 0; times < 5; times += 1) {
      await alice.party.service.hear(
        messageOf(bob.party.line.jid, alice.party.jid, said?.body ?? '', {
          id: said?.id,
          delayedAt: all.clock.now() - 1000,
        }),
      );
    }
    await all.settle();
    expect(alice.texts).toEqual(['said once']);
    expect(all.network.seen.filter(({ from }) => from === alice.party.line.jid)).toEqual([]);
  });
});
