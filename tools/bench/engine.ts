// SPDX-License-Identifier: GPL-3.0-or-later

import { validateDhElement } from '#otr/crypto/dh3072.ts';
import { literalGroupCheck, prepareLiteralDake, randomGroupElement } from './literal.ts';
import { alone, median, race } from './measure.ts';
import { deliver, makeIdentity, makePair, type Pair, say, shakeHands } from './parties.ts';
import { type Figure, toFigure } from './report.ts';

const TEXT = 'x'.repeat(256);
const LONGEST_STEP_GOAL_MS = 50;

function established(): Pair {
  const pair = makePair(makeIdentity(0x1000), makeIdentity(0x2000));
  shakeHands(pair);
  if (!pair.bob.seen.concat(pair.alice.seen).some(({ tag }) => tag === 'established')) {
    throw new Error('no session was established');
  }
  return pair;
}

async function dake(): Promise<readonly Figure[]> {
  const [alice, bob] = [makeIdentity(0x1000), makeIdentity(0x2000)];
  const literal = prepareLiteralDake();
  const longest: number[] = [];
  const [ours = 0, theirs = 0] = await race(
    [
      () => {
        const pair = makePair(alice, bob);
        shakeHands(pair);
        longest.push(Math.max(pair.alice.longestStepMs, pair.bob.longestStepMs));
      },
      literal,
    ],
    { rounds: 9, repeats: 1 },
  );
  return [
    toFigure({
      id: 'D1',
      what: 'interactive DAKE, both sides',
      median: ours,
      unit: 'ms',
      against: 'the literal operations with noble',
      ratio: ours / theirs,
      goal: 0.4,
    }),
    toFigure({
      id: 'D3',
      what: 'longest single DAKE step, median of runs',
      median: median(longest),
      unit: 'ms',
      goal: LONGEST_STEP_GOAL_MS,
    }),
  ];
}

async function groupCheck(): Promise<Figure> {
  const value = randomGroupElement();
  const [ours = 0, theirs = 0] = await race(
    [
      () => {
        for (let index = 0; index < 20; index += 1) validateDhElement(value, 'dh');
      },
      () => {
        literalGroupCheck(value);
      },
    ],
    { rounds: 15, repeats: 2 },
  );
  return toFigure({
    id: 'P5',
    what: 'DH public key check',
    median: (ours / 20) * 1000,
    unit: 'us',
    against: 'x^q mod p',
    ratio: ours / 20 / theirs,
    goal: 0.02,
  });
}

async function messages(): Promise<readonly Figure[]> {
  const chain = established();
  const turns = established();
  const longest: number[] = [];
  say(chain.alice, chain.bob, TEXT);
  const [inChain = 0, pingPong = 0] = await race(
    [
      () => {
        say(chain.alice, chain.bob, TEXT);
      },
      () => {
        for (const party of [turns.alice, turns.bob]) party.longestStepMs = 0;
        say(turns.alice, turns.bob, TEXT);
        say(turns.bob, turns.alice, TEXT);
        longest.push(Math.max(turns.alice.longestStepMs, turns.bob.longestStepMs));
      },
    ],
    { rounds: 15, repeats: 12 },
  );
  return [
    toFigure({
      id: 'M1',
      what: 'send and receive 256 B in chain',
      median: inChain * 1000,
      unit: 'us',
    }),
    toFigure({ id: 'M3', what: 'ping-pong, per message', median: pingPong / 2, unit: 'ms' }),
    toFigure({
      id: 'M3a',
      what: 'longest step of a turn with new DH keys, median',
      median: median(longest.toSorted((a, b) => b - a).slice(0, Math.ceil(longest.length / 3))),
      unit: 'ms',
      goal: LONGEST_STEP_GOAL_MS,
    }),
  ];
}

async function smp(): Promise<readonly Figure[]> {
  const { alice, bob } = established();
  const longest: number[] = [];
  const run = (): void => {
    for (const party of [alice, bob]) party.longestStepMs = 0;
    const [question, secret] = ['Where did we first meet?', 'lisbon'];
    deliver(alice, bob, alice.take({ tag: 'smp-start', question, secret }));
    deliver(bob, alice, bob.take({ tag: 'smp-answer', secret }));
    const results = [...alice.seen, ...bob.seen].filter(({ tag }) => tag === 'smp-result');
    if (results.length === 0) throw new Error('the comparison did not finish');
    longest.push(Math.max(alice.longestStepMs, bob.longestStepMs));
  };
  const both = await alone(run, { rounds: 9, repeats: 1 });
  return [
    toFigure({ id: 'D6', what: 'SMP, both sides', median: both, unit: 'ms' }),
    toFigure({
      id: 'D6a',
      what: 'longest single SMP step, median of runs',
      median: median(longest),
      unit: 'ms',
      goal: LONGEST_STEP_GOAL_MS,
    }),
  ];
}

/** The engine, each thing against its literal counterpart in the same run where there is one. */
export async function benchEngine(): Promise<readonly Figure[]> {
  return [...(await dake()), await groupCheck(), ...(await messages()), ...(await smp())];
}
