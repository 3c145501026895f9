// SPDX-License-Identifier: GPL-3.0-or-later

import { validateDhElement } from '#otr/crypto/dh3072.ts';
import { benchMessages } from './engine-messages.ts';
import { Comparison, prepareOffline } from './handshakes.ts';
import {
  DAKE,
  literalGroupCheck,
  literally,
  LONGEST_STEP,
  OFFLINE_RECEIVER,
  OFFLINE_SENDER,
  randomGroupElement,
  SMP,
} from './literal.ts';
import { contest, duel } from './measure.ts';
import { benchNativeDh } from './native-dh.ts';
import { deliver, established, makeIdentity, makePair, shakeHands } from './parties.ts';
import { type Figure, toFigure } from './report.ts';

const HEAVY = { rounds: 7, repeats: 1 };
const LITERAL = 'the literal operations with noble';

async function dake(): Promise<readonly Figure[]> {
  const [alice, bob] = [makeIdentity(0x1000), makeIdentity(0x2000)];
  const whole = await duel(
    {
      work: () => {
        shakeHands(makePair(alice, bob));
      },
    },
    { work: literally(DAKE) },
    HEAVY,
  );
  let pair = makePair(alice, bob);
  let reply: readonly string[] = [];
  const longest = await duel(
    {
      before: () => {
        pair = makePair(alice, bob);
        const [identity = ''] = pair.bob.take({ tag: 'start' });
        reply = pair.alice.take({ tag: 'receive', body: identity });
      },
      work: () => {
        for (const body of reply) pair.bob.take({ tag: 'receive', body });
      },
    },
    { work: literally(LONGEST_STEP) },
    HEAVY,
  );
  return [
    toFigure({
      id: 'D1',
      what: 'interactive DAKE, both sides',
      ...whole,
      unit: 'ms',
      against: LITERAL,
      goal: 0.35,
    }),
    toFigure({
      id: 'D3',
      what: 'its longest step: Auth-R verified, Auth-I made',
      ...longest,
      unit: 'ms',
      against: 'the same step, literally (98 ms where 35 ms were asked for)',
      goal: 0.36,
    }),
  ];
}

async function offline(): Promise<readonly Figure[]> {
  const { publish, send, receive } = prepareOffline();
  const before = (): void => {
    publish();
    send();
  };
  const sender = await duel({ work: send }, { work: literally(OFFLINE_SENDER) }, HEAVY);
  const receiver = await duel(
    { before, work: receive },
    { work: literally(OFFLINE_RECEIVER) },
    HEAVY,
  );
  return [
    toFigure({
      id: 'D4',
      what: 'first offline message, sender: ensemble checked, Non-Interactive-Auth made',
      ...sender,
      unit: 'ms',
      against: LITERAL,
    }),
    toFigure({
      id: 'D4a',
      what: 'the same, receiver',
      ...receiver,
      unit: 'ms',
      against: LITERAL,
    }),
  ];
}

async function groupCheck(): Promise<Figure> {
  const value = randomGroupElement();
  const { median, ratio } = await duel(
    { work: () => void validateDhElement(value, 'dh'), repeats: 20 },
    { work: () => void literalGroupCheck(value), repeats: 1 },
    { rounds: 25, repeats: 1 },
  );
  return toFigure({
    id: 'P5',
    what: 'DH public key check',
    median: median * 1000,
    unit: 'us',
    against: 'x^q mod p',
    ratio,
    goal: 0.012,
  });
}

async function smp(): Promise<readonly Figure[]> {
  const comparison = new Comparison();
  const alone = await duel(
    {
      work: () => {
        comparison.run();
      },
    },
    { work: literally(SMP) },
    HEAVY,
  );
  const { alice, bob } = established();
  const work = (): void => {
    const [question, secret] = ['Where did we first meet?', 'lisbon'];
    deliver(alice, bob, alice.take({ tag: 'smp-start', question, secret }));
    deliver(bob, alice, bob.take({ tag: 'smp-answer', secret }));
    const results = [...alice.seen, ...bob.seen].filter(({ tag }) => tag === 'smp-result');
    if (results.length === 0) throw new Error('the comparison did not finish');
  };
  const [inSession] = await contest([{ work }], HEAVY);
  return [
    toFigure({
      id: 'D6',
      what: 'SMP, both sides',
      ...alone,
      unit: 'ms',
      against: LITERAL,
      goal: 1.05,
    }),
    toFigure({
      id: 'D6a',
      what: 'SMP inside a session, with the four ratchet turns of its messages',
      median: inSession?.median ?? Number.NaN,
      unit: 'ms',
    }),
  ];
}

/** The engine, each thing against its literal counterpart in the same run where there is one. */
export async function benchEngine(): Promise<readonly Figure[]> {
  return [
    await groupCheck(),
    ...(await benchNativeDh()),
    ...(await dake()),
    ...(await offline()),
    ...(await smp()),
    ...(await benchMessages()),
  ];
}
