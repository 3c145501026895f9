// SPDX-License-Identifier: GPL-3.0-or-later

import { generateDh } from '#otr/crypto/dh3072.ts';
import { step } from '#otr/index.ts';
import { contest, duel } from './measure.ts';
import { OtrJsPair } from './otr-js.ts';
import { deliver, env, established, type Pair, say } from './parties.ts';
import { type Figure, toFigure } from './report.ts';

const OTR_JS = 'otr.js (OTRv3)';
/** With the end of text and the head of the padding: 256 bytes, one bucket. */
const ONE_BUCKET = 'x'.repeat(251);
const TWO_BUCKETS = 'x'.repeat(256);
const SKIPPED = 1000;
const MANY = { rounds: 60, repeats: 40 };

/** Takes turns until Alice's chain carries a DH key, as one of three does, or does not. */
function turnUntil({ alice, bob }: Pair, carriesDh: boolean): void {
  for (;;) {
    say(bob, alice, 'your turn');
    say(alice, bob, 'mine');
    const { messages } = alice.state;
    if (messages.tag !== 'encrypted') throw new Error('the session is gone');
    if (((messages.ratchet.rotations - 1) % 3 === 0) === carriesDh) return;
  }
}

async function inChain(theirs: OtrJsPair): Promise<readonly Figure[]> {
  const pair = established();
  const measure = async (text: string, carriesDh: boolean) => {
    const { median, ratio } = await duel(
      {
        before: () => {
          turnUntil(pair, carriesDh);
        },
        work: () => {
          say(pair.alice, pair.bob, text);
        },
      },
      {
        work: () => {
          theirs.say('alice', TWO_BUCKETS);
        },
        repeats: 5,
      },
      MANY,
    );
    return { median: median * 1000, ratio, unit: 'us', against: OTR_JS } as const;
  };
  return [
    toFigure({
      id: 'M1',
      what: 'send and receive in chain: 256 B with padding, no DH key',
      ...(await measure(ONE_BUCKET, false)),
      goal: 0.15,
    }),
    toFigure({
      id: 'M1b',
      what: 'the same: 256 characters padded to 512 B, with a DH key',
      ...(await measure(TWO_BUCKETS, true)),
    }),
  ];
}

/** The user comes from other things: one call each, and neither finds its code and data warm. */
function coolDown(): void {
  generateDh(env).secret.wipe();
}

/** What stands between Enter and the network when the message has to bring new ratchet keys. */
async function rotation(): Promise<readonly Figure[]> {
  const { alice, bob } = established();
  let waiting: string[] = [];
  const prepare = (isAhead: boolean) => (): void => {
    deliver(alice, bob, waiting);
    waiting = [];
    say(bob, alice, 'your turn');
    if (isAhead) alice.take({ tag: 'prepare' });
    coolDown();
  };
  const work = (): void => {
    waiting.push(...alice.take({ tag: 'send', ref: 0, text: ONE_BUCKET }));
  };
  const rotated = (): void => {
    prepare(true)();
    work();
    coolDown();
  };
  const [ahead, chain, plain] = await contest(
    [
      { before: prepare(true), work },
      { before: rotated, work },
      { before: prepare(false), work },
    ],
    { rounds: 40, repeats: 1 },
  );
  if (ahead === undefined || chain === undefined || plain === undefined) throw new RangeError('M2');
  const against = 'a send in chain';
  return [
    toFigure({
      id: 'M2',
      what: 'send that rotates, keys made ahead: the part the user waits for',
      median: ahead.median * 1000,
      unit: 'us',
      against,
      ratio: ahead.best / chain.best,
      goal: 2,
    }),
    toFigure({
      id: 'M2a',
      what: 'the same, keys not made ahead',
      median: plain.median * 1000,
      unit: 'us',
      against,
      ratio: plain.best / chain.best,
    }),
  ];
}

async function pingPong(theirs: OtrJsPair): Promise<Figure> {
  const { alice, bob } = established();
  const both = await duel(
    {
      work: () => {
        say(alice, bob, ONE_BUCKET);
        say(bob, alice, ONE_BUCKET);
      },
      repeats: 3,
    },
    {
      work: () => {
        theirs.say('alice', ONE_BUCKET);
        theirs.say('bob', ONE_BUCKET);
      },
      repeats: 3,
    },
    { rounds: 12, repeats: 3 },
  );
  return toFigure({
    id: 'M3',
    what: 'ping-pong, per message',
    median: both.median / 2,
    unit: 'ms',
    against: OTR_JS,
    ratio: both.ratio,
  });
}

async function skipping(): Promise<Figure> {
  const pair = established();
  turnUntil(pair, false);
  let bodies: readonly string[] = [];
  for (let id = 0; id <= SKIPPED; id += 1) {
    bodies = pair.alice.take({ tag: 'send', ref: id, text: 'one of many' });
  }
  const [body = ''] = bodies;
  const before = pair.bob.state;
  const work = (): void => {
    const { effects } = step(before, { tag: 'receive', body }, env);
    if (!effects.some(({ tag }) => tag === 'message')) throw new Error('it was not read');
  };
  const [timing] = await contest([{ work }], { rounds: 25, repeats: 1 });
  return toFigure({
    id: 'M5',
    what: 'receive a message that skips 1000, undisturbed',
    median: timing?.best ?? Number.NaN,
    unit: 'ms',
    goal: 25,
  });
}

/** Data messages of a session that stands. */
export async function benchMessages(): Promise<readonly Figure[]> {
  const theirs = new OtrJsPair();
  return [
    ...(await inChain(theirs)),
    ...(await rotation()),
    await pingPong(theirs),
    await skipping(),
  ];
}
