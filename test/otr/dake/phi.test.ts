// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { encodeOfflinePhi } from '#otr/dake/phi.ts';

import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { knownExchange } from '../../support/known-session.ts';

const { next } = knownExchange().bobStarts;
if (next.tag !== 'waiting-auth-r') throw new RangeError('state');
const tag = KNOWN_TAGS.bob;
const keys = { firstEcdh: next.ours.firstEcdh.public, firstDh: next.ours.firstDh.public };

/** The two addresses at the end of phi, as they stand there. */
function addresses(sender: string, receiver: string): readonly string[] {
  const phi = Buffer.from(
    encodeOfflinePhi({ tag, jid: sender, ...keys }, { tag, jid: receiver }, 'spec'),
  );
  const both = phi.subarray(-(8 + Buffer.byteLength(sender) + Buffer.byteLength(receiver)));
  const length = both.readUInt32BE(0);
  return [both.toString('utf8', 4, 4 + length), both.toString('utf8', 8 + length)];
}

describe('phi', () => {
  it.each([
    ['ann@example.org', 'anna@example.org'],
    ['bob@a.example', 'bob@b.example'],
    ['bob@example.org', 'bob@example.org.example'],
    ['z@example.org', 'é@example.org'],
  ])('has %s before %s, whoever sends: in the order of their bytes', (first, second) => {
    expect(addresses(first, second)).toEqual([first, second]);
    expect(addresses(second, first)).toEqual([first, second]);
  });

  it('has any two addresses in the order in which Buffer compares them', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const sorted = [one, other].toSorted((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        expect(addresses(one, other)).toEqual(sorted);
      }),
    );
  });
});
