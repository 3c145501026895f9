// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatArmor } from '#otr/codec/armor.ts';
import {
  formatFragment,
  FRAGMENT_OVERHEAD,
  parseFragment,
  splitMessage,
} from '#otr/codec/fragment.ts';
import type { Fragment } from '#otr/codec/fragment.ts';
import { encodeAuthI } from '#otr/codec/auth-i.ts';
import {
  addFragment,
  dropStaleFragments,
  nextStaleAt,
  NO_FRAGMENTS,
  STRANGER_REASSEMBLY,
} from '#otr/codec/reassembly.ts';
import type { Reassembly } from '#otr/codec/reassembly.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';

import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const route = { senderTag: KNOWN_TAGS.bob, receiverTag: KNOWN_TAGS.alice };
const armored = formatArmor(encodeAuthI({ ...route, sigma: new Uint8Array(342).fill(7) }));
const env = seededEnv('fragments');

function split(pieces: number, message = armored): readonly Fragment[] {
  const size = Math.ceil(message.length / pieces) + FRAGMENT_OVERHEAD;
  return splitMessage(message, route, size, env).map(parseFragment);
}

interface Fed {
  readonly state: Reassembly;
  readonly messages: readonly string[];
  readonly tags: readonly string[];
}

function feed(fragments: readonly Fragment[], from: Reassembly = NO_FRAGMENTS, nowMs = 0): Fed {
  return fragments.reduce<Fed>(
    ({ state, messages, tags }, fragment) => {
      const step = addFragment(state, fragment, nowMs);
      return {
        state: step.next,
        messages: step.tag === 'complete' ? [...messages, step.message] : messages,
        tags: [...tags, step.tag],
      };
    },
    { state: from, messages: [], tags: [] },
  );
}

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length <= 1) return [list];
  return list.flatMap((head, at) =>
    permutations(list.toSpliced(at, 1)).map((rest) => [head, ...rest]),
  );
}

/** One piece of a message that never completes. */
function lone(identifier: number, piece = 'AAAA'): Fragment {
  return { ...route, identifier, index: 1, total: 2, piece };
}

describe('fragments on the wire', () => {
  it('otr:T-131 reads the example of the specification, short and upper-case fields', () => {
    expect(parseFragment('?OTR|3c5b5f03|5a73a599|27e31597,00001,00003,?OTR:AAMDJ,')).toEqual({
      identifier: 0x3c5b5f03,
      senderTag: 0x5a73a599,
      receiverTag: 0x27e31597,
      index: 1,
      total: 3,
      piece: '?OTR:AAMDJ',
    });
    expect(parseFragment('?OTR|1|100|0,1,1,A,').receiverTag).toBe(0);
    expect(parseFragment('?OTR|3C5B5F03|5A73A599|27E31597,1,1,A,').senderTag).toBe(0x5a73a599);
  });

  it('otr:T-132 otr:T-140 refuses counts, shapes and tags that cannot be', () => {
    const refused = [
      '?OTR|1|100|200,0,1,A,',
      '?OTR|1|100|200,1,0,A,',
      '?OTR|1|100|200,2,1,A,',
      '?OTR|1|100|200,1,1,,',
      '?OTR|1|100|200,1,1,A',
      '?OTR|100|200,1,1,A,',
      '?OTR|1|100|200,1,1,A,,',
      '?OTR|1|100|200,-1,1,A,',
      '?OTR|1|100|200,1,1.5,A,',
      '?OTR|123456789|100|200,1,1,A,',
      '?OTR|1|100|200,000001,1,A,',
      '?OTR|1|100|200,1,1,A B,',
      ' ?OTR|1|100|200,1,1,A,',
    ];
    for (const text of refused) expect(() => parseFragment(text), text).toThrow(OtrError);
  });

  it('otr:T-136 refuses senders below 0x100, and receivers in 1 to 0xff', () => {
    expect(() => parseFragment('?OTR|1|000000FF|200,1,1,A,')).toThrow(OtrError);
    expect(() => parseFragment('?OTR|1|0|200,1,1,A,')).toThrow(OtrError);
    expect(() => parseFragment('?OTR|1|100|ff,1,1,A,')).toThrow(OtrError);
    expect(parseFragment('?OTR|1|100|0,1,1,A,').receiverTag).toBe(0);
  });

  it('refuses more than 1,024 pieces, and pieces beyond 192 KiB', () => {
    expect(parseFragment('?OTR|1|100|200,1,1024,A,').total).toBe(1024);
    expect(() => parseFragment('?OTR|1|100|200,1,1025,A,')).toThrow(OtrError);
    const ofLength = (length: number) => {
      const around = '?OTR|1|100|200,1,2,,';
      return around.slice(0, -1) + 'A'.repeat(length - around.length) + ',';
    };
    expect(parseFragment(ofLength(LIMITS.fragmentInChars - 1)).total).toBe(2);
    expect(parseFragment(ofLength(LIMITS.fragmentInChars)).total).toBe(2);
    expect(() => parseFragment(ofLength(LIMITS.fragmentInChars + 1))).toThrow(OtrError);
  });

  it('otr:T-222 throws nothing but OtrError for arbitrary text', () => {
    const near = fc.string().map((text) => `?OTR|${text},`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        try {
          parseFragment(text);
        } catch (error) {
          expect(error).toBeInstanceOf(OtrError);
        }
      }),
    );
  });
});

describe('splitting', () => {
  it('leaves a message that fits as it is', () => {
    expect(splitMessage(armored, route, armored.length, env)).toEqual([armored]);
  });

  it('never exceeds the length, never sends an empty piece, and joins to the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: FRAGMENT_OVERHEAD + 1, max: 600 }), (maxLength) => {
        const bodies = splitMessage(armored, route, maxLength, env);
        for (const body of bodies) expect(body.length).toBeLessThanOrEqual(maxLength);
        if (bodies.length === 1) return;
        const pieces = bodies.map(parseFragment);
        expect(pieces.map(({ piece }) => piece).join('')).toBe(armored);
        expect(pieces.map(({ index }) => index)).toEqual(pieces.map((_, at) => at + 1));
        expect(new Set(pieces.map(({ identifier }) => identifier)).size).toBe(1);
      }),
    );
  });

  it('refuses a length that leaves no room', () => {
    for (const length of [FRAGMENT_OVERHEAD, FRAGMENT_OVERHEAD - 1, 0]) {
      expect(() => splitMessage(armored, route, length, env)).toThrow(RangeError);
    }
  });

  it('makes no more pieces than two bytes can count', () => {
    const pieces = (count: number) =>
      splitMessage('A'.repeat(count), route, FRAGMENT_OVERHEAD + 1, env).length;
    expect(pieces(0xffff)).toBe(0xffff);
    expect(() => pieces(0x10000)).toThrow(RangeError);
  });

  it('draws the four bytes of the name wherever they lie', () => {
    const within = Uint8Array.of(9, 9, 1, 2, 3, 4, 9).subarray(2, 6);
    const [first = ''] = splitMessage(armored, route, 300, { ...env, random: () => within });
    expect(parseFragment(first).identifier).toBe(0x0102_0304);
  });

  it('names every message with random bytes of its own', () => {
    const [first, second] = [split(3), split(3)];
    expect(first[0]?.identifier).not.toBe(second[0]?.identifier);
  });
});

describe('reassembly', () => {
  it('otr:T-130 sec:T-O-FRAG-1 completes one message from 2 to 7 pieces in every order', () => {
    for (let pieces = 2; pieces <= 7; pieces += 1) {
      for (const order of permutations(split(pieces))) {
        const { messages, state } = feed(order);
        expect(messages).toEqual([armored]);
        expect(state).toEqual(NO_FRAGMENTS);
      }
    }
  });

  it('otr:T-133 refuses a piece whose place is taken, and completes all the same', () => {
    const [one, two, three] = split(3) as [Fragment, Fragment, Fragment];
    const twice = { ...one, piece: 'B'.repeat(one.piece.length) };
    const { tags, messages } = feed([one, twice, two, three]);
    expect(tags).toEqual(['waiting', 'rejected', 'waiting', 'complete']);
    expect(messages).toEqual([armored]);
  });

  it('otr:T-134 drops a message whose pieces disagree about their number', () => {
    const [one, two, three] = split(3) as [Fragment, Fragment, Fragment];
    const { tags, state } = feed([one, { ...two, total: 4 }]);
    expect(tags).toEqual(['waiting', 'rejected']);
    expect(state).toEqual(NO_FRAGMENTS);
    expect(feed([two, three], state).messages).toEqual([]);
  });

  it('otr:T-135 keeps messages apart by identifier and by sender', () => {
    const other = { senderTag: validateInstanceTag(0x300, 'tag'), receiverTag: KNOWN_TAGS.alice };
    const theirs = formatArmor(encodeAuthI({ ...other, sigma: new Uint8Array(342) }));
    const mine = split(2);
    const again = split(2);
    const sameIdentifier = splitMessage(theirs, other, 400, env)
      .map(parseFragment)
      .map((fragment) => ({ ...fragment, identifier: mine[0]?.identifier ?? 0 }));
    const interleaved = [mine[0], again[0], sameIdentifier[0], ...mine.slice(1)]
      .concat(again.slice(1), sameIdentifier.slice(1))
      .filter((fragment) => fragment !== undefined);
    expect(feed(interleaved).messages).toEqual([armored, armored, theirs]);
  });

  it('otr:T-138 forgets pieces after 120 seconds, counted from the first', () => {
    const [one, two] = split(2) as [Fragment, Fragment];
    const { state } = feed([one], NO_FRAGMENTS, 1000);
    expect(nextStaleAt(state)).toBe(1000 + LIMITS.fragmentLifetimeMs);
    const last = 1000 + LIMITS.fragmentLifetimeMs - 1;
    expect(dropStaleFragments(state, last)).toBe(state);
    expect(feed([two], state, last).messages).toEqual([armored]);
    expect(dropStaleFragments(state, last + 1)).toEqual(NO_FRAGMENTS);
    expect(feed([two], state, last + 1).messages).toEqual([]);
    expect(nextStaleAt(NO_FRAGMENTS)).toBeUndefined();
  });

  it('otr:T-138 holds eight messages, the newest, whatever comes', () => {
    const count = (n: number) =>
      feed(Array.from({ length: n }, (_, identifier) => lone(identifier))).state.buffers.length;
    expect([7, 8, 9, 10_000].map(count)).toEqual([7, 8, 8, 8]);
    const { state } = feed(Array.from({ length: 9 }, (_, identifier) => lone(identifier)));
    expect(feed([{ ...lone(0), index: 2 }], state).tags).toEqual(['waiting']);
  });

  it('otr:T-138 lets the message that began first make room, whatever came for it since', () => {
    const begun = Array.from({ length: 8 }, (_, identifier) => ({ ...lone(identifier), total: 3 }));
    const grown = feed([...begun, { ...lone(0), total: 3, index: 2 }]).state;
    expect(grown.buffers.map(({ pieces }) => pieces.size)).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
    const { state } = feed([lone(8)], grown);
    expect(state.buffers).toEqual([...grown.buffers.slice(1), feed([lone(8)]).state.buffers[0]]);
  });

  it('otr:T-138 holds exactly as many characters as the limit', () => {
    const limits = { buffers: 8, chars: 8, lifetimeMs: 1 };
    const add = (state: Reassembly, fragment: Fragment) => addFragment(state, fragment, 0, limits);
    const four = { ...lone(1), total: 4 };
    const eight = add(add(NO_FRAGMENTS, four).next, { ...four, index: 2 });
    expect(eight.tag).toBe('waiting');
    expect(eight.next.buffers.map(({ chars }) => chars)).toEqual([8]);
    expect(add(eight.next, { ...four, index: 3, piece: 'A' })).toEqual({
      tag: 'rejected',
      next: NO_FRAGMENTS,
    });
    const beside = add(add(NO_FRAGMENTS, lone(1)).next, lone(2)).next;
    expect(beside.buffers).toHaveLength(2);
    expect(add(beside, lone(3)).next.buffers).toEqual([
      beside.buffers[1],
      add(NO_FRAGMENTS, lone(3)).next.buffers[0],
    ]);
  });

  it('otr:T-138 holds two messages of a stranger', () => {
    let state = NO_FRAGMENTS;
    for (let n = 0; n < 3; n += 1) state = addFragment(state, lone(n), 0, STRANGER_REASSEMBLY).next;
    expect(state.buffers).toHaveLength(2);
  });

  it('otr:T-138 holds no more than 1 MiB, of one message or of several', () => {
    const piece = 'A'.repeat(LIMITS.fragmentInChars - 100);
    const chars = (state: Reassembly) => state.buffers.reduce((sum, b) => sum + b.chars, 0);
    const several = feed(Array.from({ length: 20 }, (_, n) => lone(n, piece))).state;
    expect(chars(several)).toBeLessThanOrEqual(LIMITS.fragmentBytesPerSender);
    const whole = Array.from({ length: 20 }, (_, n) => ({
      ...lone(1, piece),
      index: n + 1,
      total: 100,
    }));
    expect(feed(whole).tags).toContain('rejected');
    expect(chars(feed(whole).state)).toBeLessThanOrEqual(LIMITS.fragmentBytesPerSender);
  });

  it('otr:T-139 drops a whole whose own tags are not those of its fragments', () => {
    const relabelled = split(2).map((fragment) => ({
      ...fragment,
      senderTag: validateInstanceTag(0x777, 'tag'),
    }));
    expect(feed(relabelled).tags).toEqual(['waiting', 'rejected']);
    const readdressed = split(2).map((fragment) => ({ ...fragment, receiverTag: 0 as const }));
    expect(feed(readdressed).tags).toEqual(['waiting', 'rejected']);
  });

  it('otr:T-139 does not reassemble a fragment of fragments, nor plain text', () => {
    for (const whole of [formatFragment(lone(5)), '?OTR:AAMD.', 'plaintext', '?OTRv4?']) {
      const pieces = [whole.slice(0, 4), whole.slice(4)].map((piece, at) => ({
        ...lone(1, piece),
        index: at + 1,
      }));
      const kept = feed([lone(7)]).state;
      const { tags, state } = feed(pieces, kept);
      expect(tags, whole).toEqual(['waiting', 'rejected']);
      expect(state).toEqual(kept);
    }
  });
});
