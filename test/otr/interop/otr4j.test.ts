// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { verifyRing } from '#otr/crypto/ring-signature.ts';
import { encodePhi } from '#otr/dake/phi.ts';
import type { Dialect } from '#otr/dake/phi.ts';
import { authRRing, toOfferSide } from '#otr/dake/sides.ts';
import { authRTranscript, toSignedMessage } from '#otr/dake/transcript.ts';
import { validateOffer } from '#otr/dake/validate.ts';

import { seededEnv } from '../../support/seeded-env.ts';
import { parseTranscript, replay } from '../../support/transcript.ts';
import type { Outcome, Transcript } from '../../support/transcript.ts';

const FOLDER = join(import.meta.dirname, '../../interop/otr4j');

function load(name: string): Transcript {
  return parseTranscript(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
}

/** What each transcript shows, by the identifiers of what it is an example of. */
const SHOWS: Readonly<Record<string, string>> = {
  'conversation-initiator':
    'otr:T-051 otr:T-053 otr:T-101 otr:T-178 otr:T-182 we start, talk up to ratchet 21, and they end',
  'conversation-responder':
    'otr:T-051 otr:T-054 otr:T-101 otr:T-174 they start, talk up to ratchet 15, and we end',
  prepared: 'otr:T-101 our ratchet keys are made ahead',
  unordered:
    'otr:T-103 otr:T-120 otr:T-121 otr:T-122 otr:T-171 O-11 messages come late, twice, altered or never',
  fragments: 'otr:T-130 otr:T-133 otr:T-135 both sides have a narrow transport',
  'crossing-won':
    'otr:T-064 O-12 O-13 both speak first, our key is the higher, and a second start is needed',
  'crossing-lost':
    'otr:T-064 O-12 both speak first, our key is the lower, and a second start is needed',
  'crossing-known-won': 'otr:T-064 O-13 both start again beside a session, our key is the higher',
  'crossing-known-lost': 'otr:T-064 both start again beside a session, our key is the lower',
  refresh: 'otr:T-052 otr:T-069 otr:T-128 a session is replaced, by us and by them',
  'lost-handshake': 'otr:T-066 otr:T-126 otr:T-183 Auth-R is lost, Auth-I is lost or overtaken',
  'extra-keys': 'otr:T-112 otr:T-113 both sides announce extra symmetric keys, and derive the same',
  errors: 'otr:T-170 otr:T-173 each side writes to one that has forgotten the session',
  expiry: 'otr:T-176 a session expires on their side, another on ours',
  'offer-their-query': 'otr:T-200 their Query message starts a session',
  'offer-our-query': 'otr:T-200 our Query message starts a session',
  'offer-their-tag': 'otr:T-202 their whitespace tag starts a session',
  'offer-our-tag': 'otr:T-202 our whitespace tag starts a session',
  'offer-v34': 'otr:T-039 X-23 otr:T-209 their profile is of a client that also speaks version 3',
  'smp-asker-equal': 'O-02 equal secrets compare as different: theirs is made otherwise',
  'smp-asker-equal-patched':
    'otr:T-151 otr:T-152 we ask, and equal secrets match when theirs is made as specified',
  'smp-answerer-equal-patched':
    'otr:T-151 otr:T-152 they ask, and equal secrets match when theirs is made as specified',
  'smp-answerer-different-patched': 'otr:T-151 different secrets do not match',
  'smp-aborts': 'otr:T-157 otr:T-163 a comparison is given up by either side, at any time',
};

describe('what we said to otr4j and understood of it', () => {
  it('is here in whole', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.toSorted()).toEqual(Object.keys(SHOWS).toSorted());
  });

  for (const [name, shows] of Object.entries(SHOWS)) {
    it(`X-01 X-02 comes out the same, byte for byte: ${shows}`, () => {
      const transcript = load(name);
      const recorded = transcript.steps.map(({ sent, read, told }) => ({ sent, read, told }));
      expect(replay(transcript, 'otr4j')).toEqual(recorded);
      expect(toldOf(transcript.steps)).toContainEqual(expect.stringMatching(/^established /));
    });
  }
});

describe('otr4j under the letter of the specification', () => {
  it('X-01 X-02 otr:T-055 is not believed when it answers us', () => {
    const transcript = load('conversation-initiator');
    const [identity, authR] = replay(upTo(transcript, 2), 'spec');
    expect(identity?.sent).toEqual(transcript.steps[0]?.sent);
    expect(authR).toEqual({ told: ['ignored invalid'] });
  });

  it('X-01 X-02 otr:T-056 is not believed when it confirms', () => {
    const outcomes = replay(upTo(load('conversation-responder'), 2), 'spec');
    expect(outcomes.at(-1)).toEqual({ told: ['ignored invalid'] });
  });

  it('never makes a session', () => {
    for (const name of ['offer-their-tag', 'offer-our-query', 'smp-asker-equal']) {
      const told = toldOf(replay(upTo(load(name), 4), 'spec'));
      expect(told.filter((line) => line.startsWith('established'))).toEqual([]);
    }
  });

  it('differs in two points, each of which alone is enough', () => {
    const verified = (['spec', 'otr4j'] as const).flatMap((phi) =>
      (['spec', 'otr4j'] as const).map((message) => [phi, message, verifies(phi, message)]),
    );
    expect(verified).toEqual([
      ['spec', 'spec', false],
      ['spec', 'otr4j', false],
      ['otr4j', 'spec', false],
      ['otr4j', 'otr4j', true],
    ]);
  });
});

function upTo(transcript: Transcript, count: number): Transcript {
  return { ...transcript, steps: transcript.steps.slice(0, count) };
}

function toldOf(outcomes: readonly Pick<Outcome, 'told'>[]): readonly string[] {
  return outcomes.flatMap(({ told = [] }) => told);
}

/** Whether the ring signature of a recorded Auth-R holds under one reading of X-01 and one of X-02. */
function verifies(phiDialect: Dialect, messageDialect: Dialect): boolean {
  const { steps, ourJid, theirJid, nowMs } = load('conversation-initiator');
  const [start, reply] = steps;
  const env = seededEnv('nothing is drawn', nowMs);
  const identity = decodeIdentity(parseArmor(start?.sent?.[0] ?? ''));
  const authR = decodeAuthR(parseArmor(reply?.input.tag === 'receive' ? reply.input.body : ''));
  const offered = validateOffer(identity, env, 'pass-over');
  const answered = validateOffer(authR, env, 'pass-over');
  const [bob, alice] = [toOfferSide(offered), toOfferSide(answered)];
  const phi = encodePhi({ ...alice, jid: theirJid }, { ...bob, jid: ourJid }, phiDialect);
  const ring = authRRing(offered.profile, answered.profile, offered.ecdhPublic);
  const t = authRTranscript({ bob, alice, phi });
  return verifyRing(ring, authR.sigma, toSignedMessage(t, messageDialect));
}
