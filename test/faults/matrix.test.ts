// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { insist, type Settled, TwoLines, until, viewOf } from './two-lines.ts';

/** `FAULT_RUNS=50 npm run test:faults` looks longer. */
const RUNS = Number(process.env['FAULT_RUNS'] ?? 3);
const TEXTS = 20;

let started: TestProsody;
let pairs = 0;
const table: (Settled & { readonly fault: string; readonly runs: number })[] = [];

beforeAll(async () => {
  started = await startProsody({ record: true });
});

afterAll(async () => {
  await started[Symbol.asyncDispose]();
  console.table(table);
});

/** Each run has its own two people; its number decides where the fault falls. */
async function repeat(
  fault: string,
  play: (lines: TwoLines, run: number) => Promise<void>,
  runs = RUNS,
): Promise<void> {
  const row = { fault, runs, said: 0, arrived: 0, undelivered: 0, unconfirmed: 0 };
  for (let run = 0; run < runs; run += 1) {
    pairs += 1;
    await using lines = await TwoLines.open(started.prosody, String(pairs));
    await play(lines, run);
    const { said, arrived, undelivered, unconfirmed } = await lines.settle();
    row.said += said;
    row.arrived += arrived;
    row.undelivered += undelivered;
    row.unconfirmed += unconfirmed;
  }
  table.push(row);
}

/** Both talk; `at` happens before the text of that number. */
async function talk(lines: TwoLines, run: number, at: (text: number) => unknown): Promise<void> {
  for (let text = 0; text < TEXTS; text += 1) {
    await at(text);
    await lines.say(
      text % 3 === 0 ? 'bob' : 'alice',
      `sentence ${String(run)} ${String(text)} said`,
    );
  }
}

/** Different in each run, and the same when the run is repeated. */
const placeOf = (run: number): number => (run * 7 + 3) % TEXTS;

describe('the fault matrix', { timeout: 120_000 + RUNS * 180_000 }, () => {
  it('sec:F-SM-1 the line is cut in the middle of talk, again and again', async () => {
    await repeat('F-SM-1 line cut three times', async (lines, run) => {
      await lines.goOffTheRecord();
      const places = [placeOf(run), placeOf(run + 1), placeOf(run + 2)];
      await talk(lines, run, (text) => {
        if (places.includes(text)) lines[text % 2 === 0 ? 'alice' : 'bob'].line.cut();
      });
    });
  });

  it('sec:F-SM-2 the server dies and comes back in the middle of talk', async () => {
    await repeat('F-SM-2 server killed', async (lines, run) => {
      await lines.goOffTheRecord();
      await talk(lines, run, async (text) => {
        if (text !== placeOf(run)) return;
        await started.prosody.kill();
        await started.prosody.restart();
      });
    });
  });

  it('sec:F-DAKE-1 the server dies while keys are agreed upon', async () => {
    await repeat('F-DAKE-1 server killed in the key exchange', async (lines, run) => {
      const { alice, bob } = lines;
      await alice.party.conversations.start(alice.peer);
      await lines.say('alice', `typed at once ${String(run)}`);
      if (run % 2 === 1) {
        await until(() => {
          expect(viewOf(bob).invitation).toBeDefined();
        });
      }
      await started.prosody.kill();
      await started.prosody.restart();
      await until(() => {
        expect(viewOf(bob).invitation).toBeDefined();
      });
      await insist(() => bob.party.conversations.accept(bob.peer));
    });
  });

  it('sec:F-DAKE-2 both start at the same moment, over slow lines', async () => {
    await repeat('F-DAKE-2 both start at once', async (lines, run) => {
      const { alice, bob } = lines;
      for (const { line } of [alice, bob]) line.delay(200 + 100 * run);
      await Promise.all([alice, bob].map(({ party, peer }) => party.conversations.start(peer)));
      await until(() => {
        expect([viewOf(alice).state, viewOf(bob).state]).toEqual(['unverified', 'unverified']);
      });
      await talk(lines, run, () => undefined);
    });
  });

  it('sec:F-NET-2 a line with a round trip of two seconds', async () => {
    await repeat('F-NET-2 round trip of 2 s', async (lines, run) => {
      for (const { line } of [lines.alice, lines.bob]) line.delay(500);
      await lines.goOffTheRecord();
      await talk(lines, run, () => undefined);
    });
  });

  it('sec:F-NET-1 a line that is open and dead', async () => {
    const play = async (lines: TwoLines, run: number) => {
      await lines.goOffTheRecord();
      await talk(lines, run, (text) => {
        if (text === placeOf(run)) lines.alice.line.hold();
      });
    };
    await repeat('F-NET-1 half-open line', play, Math.min(RUNS, 3));
  });

  it('sec:F-MSG-1 both lines are cut in the same moment, with texts on their way', async () => {
    await repeat('F-MSG-1 both lines cut', async (lines, run) => {
      await lines.goOffTheRecord();
      for (const { line } of [lines.alice, lines.bob]) line.delay(50);
      await talk(lines, run, (text) => {
        if (text !== placeOf(run)) return;
        lines.alice.line.cut();
        lines.bob.line.cut();
      });
    });
  });
});
