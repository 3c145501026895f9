// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { concat } from '#otr/bytes.ts';
import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import { OtrError } from '#otr/errors.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { knownParty } from '../../support/known-parties.ts';
import { digest, labelled, labelledEnv } from '../../support/labelled-random.ts';
import { errorOf } from '../../support/otr-error.ts';
import known from '../../vectors/appendix-a/interactive-dake.json';

const alice = knownParty('alice');
const bob = knownParty('bob');
const ecdh = (label: string) => generateEcdh(labelledEnv(label)).public;
const dh = (label: string) => generateDh(labelledEnv(label)).public;

const identity = encodeIdentity({
  senderTag: bob.tag,
  receiverTag: 0,
  profile: bob.profile,
  ecdhPublic: ecdh('bob/y'),
  dhPublic: dh('bob/b'),
  firstEcdhPublic: ecdh('bob/ecdh0'),
  firstDhPublic: dh('bob/dh0'),
});
const sigma = labelled('any sigma', 342);
const authR = encodeAuthR({
  senderTag: alice.tag,
  receiverTag: bob.tag,
  profile: alice.profile,
  ecdhPublic: ecdh('alice/x'),
  dhPublic: dh('alice/a'),
  sigma,
  firstEcdhPublic: ecdh('alice/ecdh0'),
  firstDhPublic: dh('alice/dh0'),
});
const authI = encodeAuthI({ senderTag: bob.tag, receiverTag: alice.tag, sigma });

/** Start of the tags: behind version and type. */
const SENDER = 3;
const RECEIVER = 7;

function withInt(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(at, value);
  return copy;
}

describe('Identity message', () => {
  it('otr:T-050 is, byte for byte, the known one', () => {
    expect(identity).toHaveLength(known.Identity.length);
    expect(digest(identity)).toBe(known.Identity.digest);
  });

  it('otr:T-012 refuses an MPI with a leading zero byte', () => {
    const at = identity.length - 388;
    const padded = concat(
      identity.subarray(0, at),
      Uint8Array.of(0, 0, 1, 0x81, 0),
      identity.subarray(at + 4),
    );
    expect(errorOf(() => decodeIdentity(padded)).code).toBe('bad-mpi');
    const shorter = concat(identity.subarray(0, at), Uint8Array.of(0, 0, 0, 2, 0, 9));
    expect(errorOf(() => decodeIdentity(shorter))).toMatchObject({
      code: 'bad-mpi',
      field: 'first-dh',
    });
  });

  it('otr:T-136 accepts receiver 0, and refuses senders and receivers below 0x100', () => {
    expect(decodeIdentity(identity).receiverTag).toBe(0);
    expect(errorOf(() => decodeIdentity(withInt(identity, SENDER, 0))).field).toBe('sender-tag');
    expect(errorOf(() => decodeIdentity(withInt(identity, SENDER, 0xff))).code).toBe('bad-tag');
    expect(errorOf(() => decodeIdentity(withInt(identity, RECEIVER, 1))).code).toBe('bad-tag');
    expect(errorOf(() => decodeIdentity(withInt(identity, RECEIVER, 0xff))).code).toBe('bad-tag');
  });

  it('refuses other versions and other types', () => {
    const version3 = Uint8Array.from(identity);
    version3[1] = 3;
    expect(errorOf(() => decodeIdentity(version3)).code).toBe('wrong-version');
    expect(errorOf(() => decodeIdentity(authR)).code).toBe('wrong-type');
  });

  it('refuses a length far beyond the message before it allocates anything', () => {
    const at = identity.length - 388;
    const claim = withInt(identity, at, 0xffffffff);
    expect(errorOf(() => decodeIdentity(claim)).code).toBe('bad-mpi');
  });
});

describe('Auth-R and Auth-I messages', () => {
  it('have the known lengths', () => {
    expect(authR).toHaveLength(known['Auth-R'].length);
    expect(authI).toHaveLength(known['Auth-I'].length);
  });

  it('otr:T-057 refuses first keys in front of the signature', () => {
    const swapped = encodeIdentity({
      ...decodeAuthR(authR),
      dhPublic: dh('alice/a'),
      firstDhPublic: dh('alice/dh0'),
    });
    swapped[2] = 0x36;
    expect(() => decodeAuthR(concat(swapped, sigma))).toThrow(OtrError);
  });

  it('otr:T-068 always name their receiver', () => {
    expect(errorOf(() => decodeAuthR(withInt(authR, RECEIVER, 0))).field).toBe('receiver-tag');
    expect(errorOf(() => decodeAuthI(withInt(authI, RECEIVER, 0))).field).toBe('receiver-tag');
  });
});

describeDecoderLaws('Identity message', {
  decode: decodeIdentity,
  encode: encodeIdentity,
  samples: [identity],
});
describeDecoderLaws('Auth-R message', {
  decode: decodeAuthR,
  encode: encodeAuthR,
  samples: [authR],
});
describeDecoderLaws('Auth-I message', {
  decode: decodeAuthI,
  encode: encodeAuthI,
  samples: [authI],
});
