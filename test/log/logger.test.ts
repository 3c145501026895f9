// SPDX-License-Identifier: GPL-3.0-or-later
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCodePlace, toCodePlace, toErrorKind } from '../../src/main/log/code-place.ts';
import { logEvents } from '../../src/main/log/events.ts';
import { createLogger, type SinkLine } from '../../src/main/log/logger.ts';
import { createRingBuffer } from '../../src/main/log/ring-buffer.ts';

const CANARY = 'zephyrquokka@example.org';

function recorder() {
  const lines: SinkLine[] = [];
  return { lines, log: createLogger((line) => lines.push(line)) };
}

describe('Logger', () => {
  it('sec:T-K-DISK writes the declared fields of a declared event and nothing else', () => {
    const { lines, log } = recorder();
    log.write('xmpp.waiting', { reason: 'timeout', attempt: 3 });
    log.admit('xmpp.waiting', { reason: CANARY, attempt: 4, jid: CANARY });
    log.admit(CANARY, { reason: 'timeout' });
    log.admit('__proto__', { reason: 'timeout' });
    log.admit('toString', {});
    expect(lines).toStrictEqual([
      ['xmpp.waiting', { reason: 'timeout', attempt: 3 }],
      ['xmpp.waiting', { attempt: 4 }],
    ]);
  });

  it('sec:T-K-DISK lets no text of anybody through, whatever is handed in', () => {
    const canary = fc.constantFrom(CANARY, `${CANARY}.ts:1:1`, new Error(CANARY), [CANARY], {
      toString: () => CANARY,
    });
    const events = fc.constantFrom(...Object.keys(logEvents));
    const fields = fc.dictionary(
      fc.constantFrom('reason', 'why', 'place', 'kind', 'outcome', 'mechanism', 'from', 'ms'),
      canary,
    );
    fc.assert(
      fc.property(events, fields, (event, given) => {
        const { lines, log } = recorder();
        log.admit(event, given);
        expect(inspect(lines, { depth: 9 })).not.toContain('zephyrquokka');
      }),
    );
  });

  it('does not compile with free text, an undeclared field or an undeclared event', () => {
    const { lines, log } = recorder();
    const text: string = CANARY;
    // @ts-expect-error a string is not one of the declared words
    log.write('xmpp.failed', { reason: text });
    // @ts-expect-error no such field
    log.write('xmpp.ready', { resumed: true, jid: 'a@b' });
    // @ts-expect-error no such event
    log.write('message.received', {});
    // @ts-expect-error a place is made by toCodePlace only
    log.write('bug', { kind: 'error', place: 'a.ts:1:1' });
    expect(inspect(lines, { depth: 9 })).not.toContain(CANARY);
  });
});

describe('toCodePlace', () => {
  it('tells where an error was made, and nothing of what it says', () => {
    const place = toCodePlace(new RangeError(CANARY));
    expect(place).toMatch(/^logger\.test\.ts:\d+:\d+$/);
    expect(isCodePlace(place)).toBe(true);
  });

  it('is not taken in by a message that looks like a stack frame', () => {
    const forged = new Error(`x\n    at secret (/home/${CANARY}.ts:1:1)\n    at y (bob.ts:2:2)`);
    expect(toCodePlace(forged)).toMatch(/^logger\.test\.ts:/);
    const rewritten = new Error('first');
    // The stack is written down when it is first looked at.
    expect(rewritten.stack).toContain('first');
    rewritten.message = CANARY;
    expect(toCodePlace(rewritten)).toBe('unknown.js:0:0');
    expect(toCodePlace(CANARY)).toBe('unknown.js:0:0');
    expect(toCodePlace({ stack: `    at bob (${CANARY}.ts:1:1)` })).toBe('unknown.js:0:0');
  });

  it('names four kinds of error and no others', () => {
    class Named extends Error {
      override readonly name = CANARY;
    }
    const sqlite = new Error('x');
    sqlite.name = 'SqliteError';
    const causes = [new TypeError(), new RangeError(), sqlite, new Named(), CANARY];
    expect(causes.map(toErrorKind)).toStrictEqual([
      'type-error',
      'range-error',
      'sqlite',
      'error',
      'error',
    ]);
  });
});

describe('createRingBuffer', () => {
  it('keeps the latest lines in order and no more than it may', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(100), (capacity, count) => {
        let now = 0;
        const ring = createRingBuffer(capacity, () => (now += 1));
        const log = createLogger(ring.sink);
        for (let attempt = 0; attempt < count; attempt += 1) {
          log.write('xmpp.waiting', { reason: 'lost', attempt });
        }
        const kept = ring.entries().map(({ at, line: [, { attempt }] }) => [at, attempt]);
        const all = Array.from({ length: count }, (_, attempt) => [attempt + 1, attempt]);
        expect(kept).toStrictEqual(all.slice(-capacity));
        ring.clear();
        expect(ring.entries()).toStrictEqual([]);
      }),
    );
    expect(() => createRingBuffer(0, () => 0)).toThrow(RangeError);
  });
});
