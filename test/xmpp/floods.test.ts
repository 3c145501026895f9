// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnswerBudget } from '#main/xmpp/answer-budget.ts';
import { delays, limits } from '#main/xmpp/limits.ts';
import { MARK, ME, RogueTalk } from './rogue-talk.ts';

let talk: RogueTalk;
beforeAll(async () => {
  talk = await RogueTalk.open();
});
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
});

const many = (count: number, make: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => make(k)).join('');

describe('a flood of questions', () => {
  const ask = (from: string) => (k: number) =>
    `<iq from='${from}' type='get' id='${from}-${String(k)}'><ping xmlns='urn:xmpp:ping'/></iq>`;
  /** A burst, and what is earned while it lasts, on a machine however slow. */
  const few = (began: number): number =>
    limits.answersAtOnce + 1 + Math.ceil((Date.now() - began) / delays.answer);
  const countFor = (who: string, said: string): number =>
    said.match(new RegExp(`<iq [^>]*to="${who}/x"`, 'g'))?.length ?? 0;

  test.each([
    ['a stranger', 'eve@evil.example'],
    ['a contact', 'bob@localhost'],
  ])('sec:T-F-FLOOD-4 of %s is answered in part, and silence costs nothing', async (_who, who) => {
    const began = Date.now();
    const flood = many(3000, ask(`${who}/x`));
    const { said } = await talk.receive(flood);
    expect(countFor(who, said)).toBeGreaterThanOrEqual(limits.answersAtOnce);
    expect(countFor(who, said)).toBeLessThanOrEqual(few(began));
    expect(said.length).toBeLessThan(0.1 * flood.length);
  });

  test('sec:T-F-FLOOD-4 of strangers leaves contacts and the server their answers', async () => {
    const { said } = await talk.receive(
      many(1000, ask('eve@evil.example/x')) + many(5, ask('bob@localhost/x')) + many(100, ask(ME)),
    );
    expect(countFor('bob@localhost', said)).toBe(5);
    expect(said.match(/<iq [^>]*id="alice@localhost-/g)).toHaveLength(100);
  });

  test.each([
    [limits.answersAtOnce - 1, true],
    [limits.answersAtOnce, true],
    [limits.answersAtOnce + 1, false],
  ])('sec:§8 answersAtOnce: the last of %i is answered: %s', (count, expected) => {
    const budget = new AnswerBudget({ now: () => 0 });
    const spent = Array.from({ length: count }, () => budget.spend('stranger'));
    expect(spent.at(-1)).toBe(expected);
    expect(budget.spend('known')).toBe(true);
  });

  test('sec:§8 an answer more is earned in time, and none by setting the clock back', () => {
    let now = 1_000_000;
    const budget = new AnswerBudget({ now: () => now });
    const drain = (): number => {
      let count = 0;
      while (budget.spend('known')) count += 1;
      return count;
    };
    expect(drain()).toBe(limits.answersAtOnce);
    now += delays.answer - 1;
    expect(drain()).toBe(0);
    now += 1;
    expect(drain()).toBe(1);
    now -= 500_000;
    expect(drain()).toBe(0);
    now += 3 * delays.answer;
    expect(drain()).toBe(3);
    now += 1e9;
    expect(drain()).toBe(limits.answersAtOnce);
  });
});

test('sec:T-F-FLOOD-3 a storm of presence of strangers, and of impossible kinds, is nothing', async () => {
  const { events, said } = await talk.receive(
    many(
      3000,
      (k) => `<presence from='eve${String(k)}@evil.example/x'><show>away</show></presence>`,
    ) + many(1000, (k) => `<presence from='bob@localhost/x' type='t${String(k)}'/>`),
  );
  expect(events).toEqual([]);
  expect(said).not.toContain('evil.example');
});

test('sec:T-F-FLOOD-1 whoever cannot follow lets the server wait, and then hears everything', async () => {
  const COUNT = 2000;
  const padding = 'x'.repeat(2000);
  const note = (k: number): string =>
    `<message from='bob@localhost/x' type='chat'><body>n${String(k)} ${padding}</body></message>`;
  const seen = { messages: 0, whileHeld: 0 };
  const { events } = await talk.talk(
    async (peer) => {
      await peer.expect(/<body>go<\/body>/);
      peer.send(many(COUNT, note) + MARK);
    },
    {},
    async (party) => {
      const held = Promise.withResolvers<undefined>();
      party.client.subscribe((event) => {
        if (event.tag !== 'message') return;
        seen.messages += 1;
        if (seen.messages !== 100) return;
        party.client.hold();
        held.resolve(undefined);
      });
      party.client.sendChat({ to: party.jid, body: 'go', id: 'go', requestReceipt: false });
      await held.promise;
      // What has been read may still come; then nothing does, however long we look.
      let before = -1;
      while (before !== seen.messages) {
        before = seen.messages;
        for (let turn = 0; turn < 50; turn += 1) {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        }
      }
      seen.whileHeld = seen.messages;
      party.client.release();
    },
  );
  expect(seen.whileHeld).toBeLessThan(COUNT / 2);
  expect(events.map((event) => (event.tag === 'message' ? event.body.split(' ')[0] : ''))).toEqual(
    Array.from({ length: COUNT }, (_, k) => `n${String(k)}`),
  );
});
