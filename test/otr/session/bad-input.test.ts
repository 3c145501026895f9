// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { formatFragment } from '#otr/codec/fragment.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { Writer } from '#otr/codec/writer.ts';
import { step } from '#otr/session/session.ts';

import { allSituations } from '../../support/session-states.ts';
import type { Situation } from '../../support/session-states.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';

const situations = Object.entries(allSituations());
const aliceTag = identityOf('alice').profile.ownerTag;
const bobTag = identityOf('bob').profile.ownerTag;
const STRANGER = validateInstanceTag(0x5eed5eed, 'tag');

/** One whole key exchange and two data messages of another time, by the same two people. */
const earlier = (() => {
  const { alice, bob } = new TwoParties({ seed: 'earlier' });
  bob.do({ tag: 'start' });
  const [identity = ''] = bob.takeOutbox();
  alice.receive(identity);
  const [authR = ''] = alice.takeOutbox();
  bob.receive(authR);
  const [authI = ''] = bob.takeOutbox();
  alice.receive(authI);
  bob.send('seen by nobody');
  bob.do({ tag: 'smp-start', secret: 'silent' });
  const [data = '', control = ''] = bob.takeOutbox();
  return { identity, authR, authI, data, control };
})();

function receive({ state, env }: Situation, body: string) {
  return step(state, { tag: 'receive', body }, env);
}

function withTags(body: string, sender: number, receiver: number): string {
  const bytes = parseArmor(body).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(3, sender);
  view.setUint32(7, receiver);
  return formatArmor(bytes);
}

const NI_AUTH = formatArmor(
  new Writer().short(4).byte(0x0d).int(bobTag).int(aliceTag).bytes(new Uint8Array(900)).finish(),
);
const version3 = (type: number) =>
  formatArmor(new Writer().short(3).byte(type).int(bobTag).int(aliceTag).finish());
const fragment = (change: object) =>
  formatFragment({
    identifier: 7,
    senderTag: bobTag,
    receiverTag: aliceTag,
    index: 1,
    total: 2,
    piece: '?OTR:AAQ',
    ...change,
  });

const NOTHING: Readonly<Record<string, string>> = {
  'an empty body': '',
  'armour without content': '?OTR:.',
  'armour of padding alone (sec:CVE-2012-3461)': '?OTR:===.',
  'armour that does not end': earlier.identity.slice(0, -1),
  'armour with a letter that is none': earlier.identity.replace('A', '!'),
  'a D-H Key message of version 3 (otr:T-204)': version3(0x0a),
  'a Signature message of version 3 (otr:T-204)': version3(0x12),
  'a data message of version 3 (otr:T-204)': version3(0x03),
  'a message of version 2': formatArmor(new Writer().short(2).byte(0x02).finish()),
  'a message type nobody knows': formatArmor(new Writer().short(4).byte(0x99).int(bobTag).finish()),
  'a non-interactive key exchange': NI_AUTH,
  'an error with a code nobody knows (otr:T-173)': '?OTR Error: ERROR_9: %s%n',
  'a fragment of version 3 (otr:T-140)': '?OTR|5a73a599|27e31597,00001,00002,?OTR:AAMD,',
  'a fragment numbered 0 (otr:T-132)': fragment({ index: 0 }),
  'a fragment beyond its total (otr:T-132)': fragment({ index: 3 }),
  'a fragment for another client (otr:T-136)': fragment({ receiverTag: STRANGER }),
  'a fragment of a reserved tag (otr:T-136)': fragment({ senderTag: 0xff }),
  'a fragment in more pieces than allowed': fragment({ total: 65_535 }),
  'an Identity message for another client': withTags(earlier.identity, bobTag, STRANGER),
  'an Identity message of a reserved tag (otr:T-194)': withTags(earlier.identity, 0x50, aliceTag),
  'an Identity message of our own tag (otr:T-065)': withTags(earlier.identity, aliceTag, 0),
  'an Identity message of another client, with its profile (otr:T-035)': withTags(
    earlier.identity,
    STRANGER,
    aliceTag,
  ),
  'an Auth-R of another time (otr:T-067)': withTags(earlier.authR, bobTag, aliceTag),
  'an Auth-I of another time (otr:T-067)': withTags(earlier.authI, bobTag, aliceTag),
  'a data message for another client (otr:T-192)': withTags(earlier.data, bobTag, STRANGER),
  'a data message for nobody': withTags(earlier.data, bobTag, 0),
  'a data message of our own tag': withTags(earlier.data, aliceTag, aliceTag),
  'a data message of a reserved tag (otr:T-194)': withTags(earlier.data, 0x50, aliceTag),
};

describe.each(situations)('in the state "%s"', (_, situation) => {
  it.each(Object.entries(NOTHING))('%s changes nothing and is not answered', (__, body) => {
    const { next, effects } = receive(situation, body);
    expect(next).toBe(situation.state);
    expect(effects.map(({ tag }) => tag)).toEqual(['ignored']);
  });

  it('otr:T-018 messages that are cut short or go on change nothing and are not answered', () => {
    for (const body of Object.values(earlier)) {
      const bytes = parseArmor(withTags(body, bobTag, aliceTag));
      const lengths = [0, 1, 3, 10, 11, 40, bytes.length - 343, bytes.length - 1];
      const wrong = lengths.map((length) => bytes.subarray(0, Math.max(0, length)));
      for (const damaged of [...wrong, new Uint8Array([...bytes, 0])]) {
        const { next, effects } = receive(situation, formatArmor(damaged));
        expect(next).toBe(situation.state);
        expect(effects.map(({ tag }) => tag)).toEqual(['ignored']);
      }
    }
  });

  it('otr:T-170 otr:T-171 a data message that asks for silence gets it', () => {
    const body = withTags(earlier.control, bobTag, aliceTag);
    const { next, effects } = receive(situation, body);
    const isStored = effects.some((effect) => effect.tag === 'ignored' && effect.why === 'early');
    expect(effects.map(({ tag }) => tag)).toEqual(['ignored']);
    if (!isStored) expect(next).toBe(situation.state);
    expect(next.messages).toBe(situation.state.messages);
  });

  it('otr:T-223 nothing unauthenticated touches the keys of a session', () => {
    const bodies = [
      ...Object.values(earlier).map((body) => withTags(body, bobTag, aliceTag)),
      '?OTRv4?',
      '?OTRv34? hello',
      '?OTR Error: ERROR_2: Not in private state message',
      'plain text',
      fragment({}),
      `tagged  \t  \t\t\t\t \t \t \t    \t\t \t  `,
    ];
    for (const body of bodies) {
      const { next, effects } = receive(situation, body);
      expect(next.messages).toBe(situation.state.messages);
      expect(effects.some(({ tag }) => tag === 'ended')).toBe(false);
    }
  });

  it('otr:T-222 random bytes in the guise of any message raise nothing and change nothing', () => {
    const type = fc.constantFrom(0x03, 0x0d, 0x35, 0x36, 0x37);
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 700 }), (kind, content) => {
        const header = new Writer().short(4).byte(kind).int(bobTag).int(aliceTag);
        const { next, effects } = receive(situation, formatArmor(header.bytes(content).finish()));
        expect(next).toBe(situation.state);
        expect(effects.map(({ tag }) => tag)).toEqual(['ignored']);
      }),
      { numRuns: 150 },
    );
  });

  it('random text raises nothing and leaves the session alone', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((end) => `?OTR:${end}.`),
      fc.string().map((end) => `?OTR|${end},`),
      fc.string().map((end) => `?OTR Error: ${end}`),
    );
    fc.assert(
      fc.property(text, (body) => {
        expect(receive(situation, body).next.messages).toBe(situation.state.messages);
      }),
      { numRuns: 200 },
    );
  });
});
