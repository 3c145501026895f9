// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, it } from 'vitest';

import { NO_FRAGMENTS } from '#otr/codec/reassembly.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { nextPrekeyTickAt } from '#otr/prekey/client/client.ts';
import { addPrekeyFragment, parsePrekeyFragment } from '#otr/prekey/fragment.ts';
import { nextPrekeyServerTickAt } from '#otr/prekey/server/server.ts';

import { contentOf, publisherContext } from '../../support/prekey-parties.ts';
import { PrekeyClock, TestClient, TestServer, typesOf } from '../../support/prekey-world.ts';

let clock: PrekeyClock;
let server: TestServer;
let client: TestClient;

beforeEach(() => {
  clock = new PrekeyClock();
  server = new TestServer(clock);
  client = new TestClient(clock, publisherContext());
});

/** `?OTRP|` fragments, written as the specification's format says. */
function split(body: string, total: number, names: readonly [string, string, string]): string[] {
  const size = Math.ceil(body.length / total);
  return Array.from({ length: total }, (_, k) => {
    const piece = body.slice(k * size, (k + 1) * size);
    return `?OTRP|${names.join('|')},${k + 1},${total},${piece},`;
  });
}

const TO_SERVER = ['1a2b3c4d', '101', '0'] as const;
const TO_CLIENT = ['1a2b3c4d', '0', '101'] as const;

function dake3(): string {
  const publication = contentOf(publisherContext());
  const [dake1 = ''] = client.step({ tag: 'request', request: { tag: 'publish', publication } });
  const [dake2 = ''] = server.receive(client.from, dake1);
  const [body = ''] = client.receive(dake2);
  return body;
}

describe('fragments at the server', () => {
  it('pks:T-46 of a DAKE-3 in any order are put together', () => {
    const pieces = split(dake3(), 5, TO_SERVER);
    const order = [3, 0, 4, 1, 2].map((k) => pieces[k] ?? '');
    const answers = order.flatMap((piece) => server.receive(client.from, piece));
    expect(typesOf(answers)).toEqual([0x06]);
    expect(server.state.fragments.size).toBe(0);
  });

  it('pks:T-46 a duplicate is ignored, whatever it says', () => {
    const [first = '', second = ''] = split(dake3(), 2, TO_SERVER);
    server.receive(client.from, first);
    const held = server.state;
    server.receive(client.from, first);
    server.receive(client.from, first.replace(/,A/, ',B'));
    expect(server.state).toBe(held);
    expect(typesOf(server.receive(client.from, second))).toEqual([0x06]);
  });

  it('pks:T-46 another total discards all that was there', () => {
    const body = dake3();
    const [first = '', second = ''] = split(body, 2, TO_SERVER);
    server.receive(client.from, first);
    server.receive(client.from, second.replace(',2,2,', ',2,3,'));
    expect(server.state.fragments.size).toBe(0);
    expect(server.receive(client.from, second)).toEqual([]);
    expect(server.ignored).toEqual(['fragment']);
  });

  it('pks:T-46 what is not complete after five minutes is discarded', () => {
    const [first = '', second = ''] = split(dake3(), 2, TO_SERVER);
    server.receive(client.from, first);
    expect(nextPrekeyServerTickAt(server.state)).toBe(
      clock.monotonicMs + LIMITS.prekeyFragmentLifetimeMs,
    );
    clock.pass(LIMITS.prekeyFragmentLifetimeMs);
    server.tick();
    expect(server.state.fragments.size).toBe(0);
    expect(server.receive(client.from, second)).toEqual([]);
  });

  it('are kept apart by sender and identifier; whole messages do not disturb them', () => {
    const body = dake3();
    const [first = '', second = ''] = split(body, 2, TO_SERVER);
    const [, foreign = ''] = split('AAQ1BBBB.', 2, ['1A2B3C4E', '101', '0']);
    server.receive(client.from, first);
    server.receive('eve@z.example/desk', second);
    server.receive(client.from, foreign);
    server.receive(client.from, 'AAQ1.');
    server.receive(client.from, 'hello');
    expect(server.state.fragments.get(client.from)?.buffers).toHaveLength(2);
    expect(typesOf(server.receive(client.from, second))).toEqual([0x06]);
  });

  it('are held for 128 senders: the one heard of longest ago makes room', () => {
    const [first = ''] = split('AAQ1BBBB.', 2, TO_SERVER);
    const from = (n: number) => `p${n}@z.example/x`;
    for (let n = 0; n < LIMITS.prekeyFragmentSenders; n += 1) server.receive(from(n), first);
    expect(server.state.fragments.size).toBe(LIMITS.prekeyFragmentSenders);
    server.receive(from(0), first.replace('1a2b3c4d', '2'));
    server.receive('last@z.example/x', first);
    expect(server.state.fragments.size).toBe(LIMITS.prekeyFragmentSenders);
    expect([from(0), from(1)].map((one) => server.state.fragments.has(one))).toEqual([true, false]);
  });
});

describe('fragments at the client', () => {
  it('are put together when they are for us, or for whoever asked', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: { tag: 'status' } });
    const [dake2 = ''] = server.receive(client.from, dake1);
    const [first = '', second = ''] = split(dake2, 2, TO_CLIENT);
    const [, zero = ''] = split(dake2, 2, ['1a2b3c4d', 'DEAD', '0']);
    client.receive(first);
    expect(nextPrekeyTickAt(client.state)).toBe(clock.monotonicMs + LIMITS.prekeyAnswerTimeoutMs);
    const held = client.state;
    client.receive(first);
    expect(client.state).toBe(held);
    client.receive(second.replace('|101,', '|BEEF,'));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    client.step({ tag: 'receive', from: 'prekey.b.example', body: second });
    expect(client.state).toBe(held);
    expect(typesOf(client.receive(zero))).toEqual([0x37]);
    expect(client.state.fragments).toEqual(NO_FRAGMENTS);
  });

  it('are forgotten in time', () => {
    const [first = ''] = split('AAQ2BBBB.', 2, TO_CLIENT);
    client.receive(first);
    expect(nextPrekeyTickAt(client.state)).toBe(
      clock.monotonicMs + LIMITS.prekeyFragmentLifetimeMs,
    );
    clock.pass(LIMITS.prekeyFragmentLifetimeMs - 1);
    const before = client.state;
    client.step({ tag: 'tick' });
    expect(client.state).toBe(before);
    clock.pass(1);
    client.step({ tag: 'tick' });
    expect(client.state.fragments).toEqual(NO_FRAGMENTS);
  });
});

describe('parsePrekeyFragment', () => {
  it('takes leading zeros, either case, and identifiers of ten digits', () => {
    expect(parsePrekeyFragment('?OTRP|0000000a|00000101|00000000,00001,00002,AAQ3,')).toEqual({
      identifier: 10,
      senderTag: 0x101,
      receiverTag: 0,
      index: 1,
      total: 2,
      piece: 'AAQ3',
    });
    const decimal = parsePrekeyFragment('?OTRP|4294967295|DEAD|beef,2,2,x,');
    expect(decimal).toMatchObject({ identifier: 0x4294967295, senderTag: 0xdead });
  });

  it('refuses places that there are not, and anything that is no piece', () => {
    const refused = [
      '?OTRP|1|101|0,0,1,A,',
      '?OTRP|1|101|0,1,0,A,',
      '?OTRP|1|101|0,3,2,A,',
      '?OTRP|1|101|0,1,1,,',
      '?OTRP|1|101|0,1,1,A',
      '?OTRP|1|101,1,1,A,',
      '?OTR|1|101|0,1,1,A,',
      '?OTRP|12345678901|101|0,1,1,A,',
      '?OTRP|1|101|0,1,1,?OTRP|1|101|0,1,1,A,,',
      '?OTRP|1|101|0,1,1,<b>,',
      ' ?OTRP|1|101|0,1,1,A,',
      '?OTRP|1|101|0,1,1,A, ',
    ];
    for (const text of refused) expect(() => parsePrekeyFragment(text), text).toThrow(OtrError);
  });

  it('takes 300 pieces and no more, and texts up to the size of a stanza', () => {
    const of = (total: number) => parsePrekeyFragment(`?OTRP|1|101|0,1,${total},A,`).total;
    expect(of(LIMITS.prekeyFragmentPieces - 1)).toBe(299);
    expect(of(LIMITS.prekeyFragmentPieces)).toBe(300);
    expect(() => of(LIMITS.prekeyFragmentPieces + 1)).toThrow(OtrError);
    const start = '?OTRP|1|101|0,1,2,';
    const sized = (length: number) => `${start}${'A'.repeat(length - start.length - 1)},`;
    expect(parsePrekeyFragment(sized(LIMITS.prekeyBodyChars)).total).toBe(2);
    expect(() => parsePrekeyFragment(sized(LIMITS.prekeyBodyChars + 1))).toThrow(OtrError);
  });

  it('holds four messages of a sender, the newest, and 256 KiB of them', () => {
    const piece = (identifier: number, text: string, index = 1) =>
      ({ identifier, senderTag: 0, receiverTag: 0, index, total: 9, piece: text }) as const;
    const held = (count: number) =>
      Array.from({ length: count }, (_, k) => piece(k, 'A')).reduce(
        (state, one) => addPrekeyFragment(state, one, 0).next,
        NO_FRAGMENTS,
      ).buffers;
    expect([3, 4, 5].map((count) => held(count).length)).toEqual([3, 4, 4]);
    const { prekeyBodyChars } = LIMITS;
    const half = addPrekeyFragment(NO_FRAGMENTS, piece(1, 'A'.repeat(prekeyBodyChars)), 0);
    expect(half.tag).toBe('waiting');
    expect(addPrekeyFragment(half.next, piece(1, 'A', 2), 0)).toEqual({
      tag: 'rejected',
      next: NO_FRAGMENTS,
    });
  });
});
