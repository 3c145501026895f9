// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { offTheRecord, type Pair, type Seat } from '../support/two-services.ts';

let open: Pair | undefined;

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

const received = ({ messages }: Seat): readonly string[] =>
  messages.filter(({ direction }) => direction === 'in').map(({ text }) => text);

describe('a chat whose lines break again and again', () => {
  it.each(
    [1, 2, 3].flatMap((messages) => [
      { messages, pauseMs: 0 },
      { messages, pauseMs: 40_000 },
    ]),
  )(
    'ux:14 ux:24 goes on where it breaks $pauseMs ms later, after $messages messages of a renewal',
    async ({ messages, pauseMs }) => {
      const { stage: all, alice, bob } = (open = await offTheRecord());
      await all.network.restart();
      await all.settle();
      await all.pass(pauseMs);
      await alice.party.service.start(alice.id);
      for (let one = 0; one < messages; one += 1) await all.network.deliverOne();
      await all.network.restart();
      await all.settle();
      // Asked so often, the other side may not answer at once.
      await all.pass(25_000);
      await bob.type('from Bob');
      await alice.type('from Alice');
      await all.settle();
      expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
      expect([received(alice), received(bob)]).toEqual([['from Bob'], ['from Alice']]);
    },
  );
});
