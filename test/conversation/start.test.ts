// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { offTheRecord, type Pair, twoServices } from '../support/two-services.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

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
    expect(all.network.seen.filter(({ body }) => body.includes('secret'))).toEqual([]);
    expect(alice.party.failures).toEqual([]);
    expect(bob.party.failures).toEqual([]);
  });

  it('ux:S3 talks both ways', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    await alice.type('one');
    await all.settle();
    await bob.type('two');
    await all.settle();
    await alice.type('three');
    await all.settle();
    expect(alice.texts).toEqual(['one', 'two', 'three']);
    expect(bob.texts).toEqual(['one', 'two', 'three']);
  });
});
