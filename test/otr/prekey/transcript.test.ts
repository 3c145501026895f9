// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { generateEcdh, GROUP_ORDER } from '#otr/crypto/ed448.ts';
import { concat } from '#otr/bytes.ts';
import { decodeLittleEndian, encodeLittleEndian } from '#otr/crypto/integer.ts';
import { signRing, signRingFor, verifyRing, verifyRingFor } from '#otr/crypto/ring-signature.ts';
import type { RingStatement } from '#otr/crypto/ring-signature.ts';
import { encodeCompositeIdentity } from '#otr/prekey/server-identity.ts';
import {
  dake2Statement,
  dake3Statement,
  PREKEY_RING,
  requireDistinct,
} from '#otr/prekey/transcript.ts';
import type { PrekeyTranscript } from '#otr/prekey/transcript.ts';
import { expandSeed } from '#otr/crypto/ed448.ts';

import { publisherContext, SERVER_JID, serverContext } from '../../support/prekey-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const env = seededEnv('prekey transcript');
const { own, ourJid } = publisherContext();
const server = serverContext();
const [i, s, stranger] = [generateEcdh(env), generateEcdh(env), generateEcdh(env)];
const transcript: PrekeyTranscript = {
  ends: { publisherJid: ourJid, serverJid: SERVER_JID },
  profile: own.profile.raw,
  compositeIdentity: encodeCompositeIdentity(SERVER_JID, server.longTermKey.public),
  publisherKey: own.longTermKey.public,
  serverKey: server.longTermKey.public,
  publisherEcdh: i.public,
  serverEcdh: s.public,
};

const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
const pair = (key: typeof own.longTermKey) => ({
  secret: expandSeed(key.seed),
  public: key.public,
});

describe.each([
  ['DAKE-2', dake2Statement, server.longTermKey],
  ['DAKE-3', dake3Statement, own.longTermKey],
] as const)('the ring signature of %s', (_, statementOf, signer) => {
  const statement = statementOf(transcript);
  const sigma = signRingFor(PREKEY_RING, pair(signer), statement, env);
  const holds = (other: RingStatement, signature = sigma) =>
    verifyRingFor(PREKEY_RING, other, signature);

  it('pks:T-05 holds, but not with any part of t altered', () => {
    expect(holds(statement)).toBe(true);
    expect(statement.message).toHaveLength(307);
    for (const at of [0, 1, 65, 129, 186, 243, 306]) {
      expect(holds({ ...statement, message: flip(statement.message, at) }), String(at)).toBe(false);
    }
  });

  it('pks:T-05 not with another key in the ring, or another order', () => {
    const [a, b, c] = statement.ring;
    const rings = [
      [stranger.public, b, c],
      [a, stranger.public, c],
      [a, b, stranger.public],
      [b, a, c],
    ] as const;
    for (const ring of rings) expect(holds({ ...statement, ring })).toBe(false);
  });

  it('pks:T-05 not with any scalar altered', () => {
    for (let part = 0; part < 6; part += 1) {
      expect(holds(statement, flip(sigma, 57 * part + 1))).toBe(false);
    }
  });

  it('pks:T-06 not with q added to a scalar, which OTRv4 would read as the same', () => {
    for (let part = 0; part < 6; part += 1) {
      const [from, to] = [57 * part, 57 * (part + 1)];
      const raised = decodeLittleEndian(sigma.subarray(from, to)) + decodeLittleEndian(GROUP_ORDER);
      const spelt = encodeLittleEndian(raised, 57);
      const altered = concat(sigma.subarray(0, from), spelt, sigma.subarray(to));
      expect(() => holds(statement, altered)).toThrow('bad-scalar');
      expect(verifyRingFor({ ...PREKEY_RING, scalars: 'reduced' }, statement, altered)).toBe(true);
    }
  });

  it('is none of OTRv4, and one of OTRv4 is none of this', () => {
    const { ring, message } = statement;
    expect(verifyRing(ring, sigma, message)).toBe(false);
    expect(holds(statement, signRing(pair(signer), ring, message, env))).toBe(false);
  });
});

describe('what both ends agree on', () => {
  const changes: readonly Partial<PrekeyTranscript>[] = [
    { ends: { publisherJid: 'eve@z.example', serverJid: SERVER_JID } },
    { ends: { publisherJid: SERVER_JID, serverJid: ourJid } },
    { profile: flip(own.profile.raw, 200) },
    { compositeIdentity: flip(transcript.compositeIdentity, 5) },
    { publisherEcdh: stranger.public },
    { serverEcdh: stranger.public },
  ];

  it('sec:T-P-AUTH any part of it changes what is signed', () => {
    for (const change of changes) {
      const other = { ...transcript, ...change };
      expect(dake2Statement(other).message).not.toEqual(dake2Statement(transcript).message);
      expect(dake3Statement(other).message).not.toEqual(dake3Statement(transcript).message);
    }
    expect(dake2Statement(transcript).message).not.toEqual(dake3Statement(transcript).message);
  });

  it('no key serves twice in a ring', () => {
    const [a, b] = [i.public, s.public];
    expect(() => {
      requireDistinct([a, b, stranger.public], 'ring');
    }).not.toThrow();
    for (const keys of [
      [a, a, b],
      [a, b, a],
      [b, a, a],
    ]) {
      expect(() => {
        requireDistinct(keys, 'ring');
      }).toThrow('equal-keys');
    }
  });
});
