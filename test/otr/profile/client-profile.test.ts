// SPDX-License-Identifier: GPL-3.0-or-later
import { numberToBytesLE, bytesToNumberLE } from '@noble/curves/utils.js';
import { ed448 } from '@noble/curves/ed448.js';
import { describe, expect, it } from 'vitest';

import { concat, encodeData, encodeUtf8, formatHex, parseHex } from '#otr/bytes.ts';
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { encodeMpi, Writer } from '#otr/codec/writer.ts';
import { sign } from '#otr/crypto/ed448.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import {
  createClientProfile,
  renewClientProfile,
  renewsAt,
  signClientProfile,
  validatePublishedProfile,
} from '#otr/profile/client-profile.ts';
import type { Transitional } from '#otr/profile/client-profile.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { knownParty } from '../../support/known-parties.ts';
import { digest, KNOWN_EXPIRATION_MS, KNOWN_NOW_MS } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import known from '../../vectors/appendix-a/long-term.json';
import primitives from '../../vectors/appendix-a/primitives.json';
import dsa from '../../vectors/dsa/transitional.json';

const alice = knownParty('alice');
const bob = knownParty('bob');
const owner = {
  ownerTag: alice.tag,
  longTermKey: alice.longTermKey,
  forgingKey: alice.profile.forgingKey,
};
const WEEK_MS = 7 * 86_400_000;
const SECOND_MS = 1000;

const field = (type: number, value: Uint8Array) => new Writer().short(type).bytes(value).finish();
const DSA_KEY = field(
  6,
  concat(
    parseHex('0000'),
    ...[dsa.p, dsa.q, dsa.g, dsa.y].map((hex) => encodeMpi(BigInt(`0x${hex}`))),
  ),
);
const FIELDS: Readonly<Record<number, Uint8Array>> = {
  1: field(1, new Writer().int(alice.tag).finish()),
  2: field(2, concat(parseHex('1000'), alice.profile.publicKey)),
  3: field(3, concat(parseHex('1200'), alice.profile.forgingKey)),
  4: field(4, encodeData(encodeUtf8('4'))),
  5: field(5, new Writer().long(BigInt(KNOWN_EXPIRATION_MS / SECOND_MS)).finish()),
  6: field(6, concat(parseHex('0000'), ...[7n, 5n, 3n, 2n].map(encodeMpi))),
  7: field(7, new Uint8Array(40).fill(1)),
};

interface Build {
  readonly types?: readonly number[];
  readonly replace?: Readonly<Record<number, Uint8Array>>;
  readonly count?: number;
  readonly signed?: (fields: Uint8Array) => Uint8Array;
}

/** A profile put together by hand, signed by Alice's key. */
function build({ types = [1, 2, 3, 4, 5], replace = {}, count, signed }: Build): Uint8Array {
  const fields = types.map(
    (type) => replace[type] ?? FIELDS[type] ?? field(type, new Uint8Array(4)),
  );
  const body = concat(...fields);
  const ascending = concat(...fields.toSorted((a, b) => (a[1] ?? 0) - (b[1] ?? 0)));
  const signature = sign(alice.longTermKey.seed, signed?.(body) ?? ascending);
  return new Writer()
    .int(count ?? types.length)
    .bytes(body)
    .bytes(signature)
    .finish();
}

function validate(bytes: Uint8Array, tag = alice.tag, nowMs = KNOWN_NOW_MS) {
  return validatePublishedProfile(bytes, tag, nowMs);
}

/** As the mode does that knows version 3. */
function codeOfVerified(bytes: Uint8Array): string {
  return codeOf(bytes, alice.tag, KNOWN_NOW_MS, 'verify');
}

function codeOf(
  bytes: Uint8Array,
  tag = alice.tag,
  nowMs = KNOWN_NOW_MS,
  transitional: Transitional = 'pass-over',
): string {
  try {
    validatePublishedProfile(bytes, tag, nowMs, transitional);
  } catch (error) {
    if (error instanceof OtrError) return error.code;
    throw error;
  }
  return 'valid';
}

const versions = (text: string) => ({ 4: field(4, encodeData(encodeUtf8(text))) });

describe('own Client Profile', () => {
  it('otr:T-030 is, byte for byte, the known one of 263 bytes', () => {
    for (const [name, party] of [
      ['alice', alice],
      ['bob', bob],
    ] as const) {
      expect(party.profile.raw).toHaveLength(known[`${name}.profile`].length);
      expect(digest(party.profile.raw)).toBe(known[`${name}.profile`].digest);
      expect(formatHex(party.profile.raw.subarray(-114))).toBe(known[`${name}.profile.sig`]);
      expect(validate(party.profile.raw, party.tag)).toEqual(party.profile);
    }
  });

  it('otr:T-040 says "4" and holds nothing of version 3', () => {
    const profile = decodeClientProfile(alice.profile.raw);
    expect(profile.versions).toBe('4');
    expect(profile.dsaKey).toBeUndefined();
    expect(profile.transitionalSignature).toBeUndefined();
  });

  it('is in force for seven days', () => {
    const env = seededEnv('profile');
    const profile = createClientProfile(owner, env);
    expect(profile.expiresAt).toBe(env.nowMs() + WEEK_MS);
    expect(validate(profile.raw, alice.tag, env.nowMs())).toEqual(profile);
  });

  it('otr:T-042 is replaced once half of its life is over, under the same keys', () => {
    const env = seededEnv('profile');
    const profile = createClientProfile(owner, env);
    const at = (nowMs: number) => ({ ...env, nowMs: () => nowMs });
    expect(renewsAt(profile)).toBe(env.nowMs() + WEEK_MS / 2);
    expect(renewClientProfile(profile, owner, at(renewsAt(profile) - 1))).toBe(profile);
    const renewed = renewClientProfile(profile, owner, at(renewsAt(profile)));
    expect(renewed.expiresAt).toBe(profile.expiresAt + WEEK_MS / 2);
    expect(renewed.fingerprint).toEqual(profile.fingerprint);
    expect(renewed.raw).not.toEqual(profile.raw);
  });

  it('is not made with a forging key that is the long-term key', () => {
    const same = { ...owner, forgingKey: alice.longTermKey.public };
    expect(() => signClientProfile(same, KNOWN_EXPIRATION_MS)).toThrow(RangeError);
  });
});

describe("a peer's Client Profile", () => {
  it('is accepted as built by hand', () => {
    expect(codeOf(build({}))).toBe('valid');
    expect(build({})).toEqual(alice.profile.raw);
  });

  it('otr:T-031 is refused when any bit of any field is flipped', () => {
    for (let at = 4; at < alice.profile.raw.length; at += 1) {
      const flipped = alice.profile.raw.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(codeOf(flipped), `byte ${at}`).not.toBe('valid');
    }
  });

  it('otr:T-032 is refused with a signature of zeros, or one that is cut off', () => {
    const zero = alice.profile.raw.slice().fill(0, -114);
    expect(codeOf(zero)).toBe('bad-signature');
    expect(codeOf(alice.profile.raw.subarray(0, -1))).toBe('truncated');
  });

  it('otr:T-033 is refused when S is q or above', () => {
    const raw = alice.profile.raw.slice();
    const s = bytesToNumberLE(raw.subarray(-57)) + ed448.Point.Fn.ORDER;
    raw.set(numberToBytesLE(s, 57), raw.length - 57);
    expect(codeOf(raw)).toBe('bad-signature');
  });

  it('otr:T-034 is refused from its expiration on, and accepted a second before', () => {
    expect(codeOf(alice.profile.raw, alice.tag, KNOWN_EXPIRATION_MS)).toBe('expired');
    expect(codeOf(alice.profile.raw, alice.tag, KNOWN_EXPIRATION_MS - SECOND_MS)).toBe('valid');
  });

  it('is refused when it would be in force for more than a year', () => {
    const yearBefore = KNOWN_EXPIRATION_MS - LIMITS.profileLifetimeMs;
    expect(codeOf(alice.profile.raw, alice.tag, yearBefore + 1)).toBe('valid');
    expect(codeOf(alice.profile.raw, alice.tag, yearBefore)).toBe('valid');
    expect(codeOf(alice.profile.raw, alice.tag, yearBefore - 1)).toBe('too-large');
  });

  it('otr:T-035 is refused when its owner is not the sender', () => {
    expect(codeOf(alice.profile.raw, bob.tag)).toBe('bad-tag');
    const small = { 1: field(1, new Writer().int(0xff).finish()) };
    expect(codeOf(build({ replace: small }))).toBe('bad-tag');
    expect(() => validateInstanceTag(0xff, 'tag')).toThrow(OtrError);
  });

  it('otr:T-036 must offer version 4, and neither 1 nor 2', () => {
    const outcomes = ['3', '', '34', '43', '4', '4x', '24', '14'].map((text) =>
      codeOf(build({ replace: versions(text) })),
    );
    const accepted = outcomes.map((code) => code === 'valid');
    expect(accepted).toEqual([false, false, true, true, true, true, false, false]);
  });

  it('names at most 16 versions', () => {
    const of = (length: number) => codeOf(build({ replace: versions('4'.repeat(length)) }));
    expect([15, 16, 17].map(of)).toEqual(['valid', 'valid', 'too-large']);
  });

  it('otr:T-037 is refused with a field twice, missing or unknown, or an absurd count', () => {
    expect(codeOf(build({ types: [1, 2, 3, 4, 5, 5] }))).toBe('duplicate-field');
    expect(codeOf(build({ types: [1, 2, 3, 4, 4] }))).toBe('duplicate-field');
    expect(codeOf(build({ types: [1, 2, 4, 5, 7] }))).toBe('missing-field');
    expect(codeOf(build({ types: [1, 2, 3, 4, 5, 8] }))).toBe('bad-field');
    for (const count of [0, 4, 8, 0xffffffff]) expect(codeOf(build({ count }))).toBe('bad-count');
  });

  it('otr:T-038 is refused when H or F has small order, whatever the signature says', () => {
    const small = [
      ...primitives['order-4 points'],
      primitives['order-2 point'],
      primitives.identity,
    ];
    for (const hex of small) {
      const forging = { 3: field(3, concat(parseHex('1200'), parseHex(hex))) };
      expect(codeOf(build({ replace: forging }))).toBe('bad-point');
      const publicKey = { 2: field(2, concat(parseHex('1000'), parseHex(hex))) };
      expect(codeOf(build({ replace: publicKey }))).toBe('bad-point');
    }
  });

  it('is refused when H and F are the same', () => {
    const same = { 3: field(3, concat(parseHex('1200'), alice.profile.publicKey)) };
    expect(codeOf(build({ replace: same }))).toBe('equal-keys');
  });

  it('otr:T-016 begins its keys with little-endian types', () => {
    const { publicKey, forgingKey } = alice.profile;
    const swappedH = { 2: field(2, concat(parseHex('0010'), publicKey)) };
    const swappedF = { 3: field(3, concat(parseHex('0012'), forgingKey)) };
    expect(codeOf(build({ replace: swappedH }))).toBe('bad-key-type');
    expect(codeOf(build({ replace: swappedF }))).toBe('bad-key-type');
    const raw = formatHex(alice.profile.raw);
    expect(raw).toContain(`00021000${formatHex(publicKey)}`);
    expect(raw).toContain(`00031200${formatHex(forgingKey)}`);
  });

  it('otr:T-040 may hold a DSA key with a transitional signature, which is passed over', () => {
    const both = build({ types: [1, 2, 3, 4, 5, 6, 7], replace: versions('34') });
    expect(codeOf(both)).toBe('valid');
    expect(codeOf(build({ types: [1, 2, 3, 4, 5, 7] }))).toBe('valid');
  });

  it('otr:T-039 otr:T-209 is refused for a wrong transitional signature where it is looked at', () => {
    const signed = (signature: string, types = [1, 2, 3, 4, 5, 6, 7]) =>
      codeOfVerified(
        build({
          types,
          replace: { ...versions('34'), 6: DSA_KEY, 7: field(7, parseHex(signature)) },
        }),
      );
    expect(signed(dsa['profile.signature'])).toBe('valid');
    // The order on the wire is free; what is signed is not.
    expect(signed(dsa['profile.signature'], [7, 6, 4, 2, 1, 3, 5])).toBe('valid');
    expect(signed(dsa['profile.signature over SHA-1(m)'])).toBe('bad-signature');
    expect(signed(dsa['message.signature'])).toBe('bad-signature');
    expect(signed('00'.repeat(40))).toBe('bad-signature');
    expect(signed(dsa['profile.signature'], [1, 2, 3, 4, 5, 6])).toBe('missing-field');
    const other = build({
      types: [1, 2, 3, 4, 5, 6, 7],
      replace: { ...versions('43'), 6: DSA_KEY, 7: field(7, parseHex(dsa['profile.signature'])) },
    });
    expect(codeOfVerified(other)).toBe('bad-signature');
  });

  it('otr:P-20 may hold a transitional signature without its key, which nobody can look at', () => {
    expect(codeOfVerified(build({ types: [1, 2, 3, 4, 5, 7] }))).toBe('valid');
    expect(codeOfVerified(build({ replace: versions('34') }))).toBe('valid');
  });

  it('otr:T-039 names what was covered: every field but the signatures, with their types', () => {
    const whole = build({
      types: [1, 2, 3, 4, 5, 6, 7],
      replace: { ...versions('34'), 6: DSA_KEY },
    });
    const { vouchedFor, signed } = decodeClientProfile(whole);
    expect(formatHex(vouchedFor)).toBe(dsa['profile.m']);
    expect(signed.length).toBe(vouchedFor.length + 2 + 40);
  });

  it('otr:T-039 is refused with a DSA key and no transitional signature', () => {
    expect(codeOf(build({ types: [1, 2, 3, 4, 5, 6] }))).toBe('missing-field');
  });

  it('otr:T-016 is refused with a DSA key that says it is something else', () => {
    const named = (type: string) => {
      const dsa = field(6, concat(parseHex(type), ...[7n, 5n, 3n, 2n].map(encodeMpi)));
      return codeOf(build({ types: [1, 2, 3, 4, 5, 6, 7], replace: { 6: dsa } }));
    };
    expect(['0000', '0001', '1000'].map(named)).toEqual(['valid', 'bad-key-type', 'bad-key-type']);
  });

  it('otr:T-041 is refused when the count of fields is signed too', () => {
    const counted = build({ signed: (fields) => concat(parseHex('00000005'), fields) });
    expect(codeOf(counted)).toBe('bad-signature');
  });

  it('may list its fields in any order, and is kept as it came', () => {
    const shuffled = build({ types: [5, 3, 1, 2, 4] });
    expect(validate(shuffled).raw).toEqual(shuffled);
    expect(validate(shuffled).fingerprint).toEqual(alice.profile.fingerprint);
  });

  it('is refused with a date no calendar knows', () => {
    for (const seconds of [2n ** 62n, -(2n ** 63n)]) {
      const nonsense = { 5: field(5, new Writer().long(seconds).finish()) };
      expect(codeOf(build({ replace: nonsense }))).toBe('bad-field');
    }
    const latest = 8_640_000_000_000n;
    const at = (seconds: bigint) =>
      codeOf(build({ replace: { 5: field(5, new Writer().long(seconds).finish()) } }));
    expect([latest, latest + 1n].map(at)).toEqual(['too-large', 'bad-field']);
    expect([-latest, -latest - 1n].map(at)).toEqual(['expired', 'bad-field']);
    const past = { 5: field(5, new Writer().long(-1n).finish()) };
    expect(codeOf(build({ replace: past }))).toBe('expired');
  });

  it('is at most 4 KiB long', () => {
    const ofLength = (length: number) => {
      const types = [1, 2, 3, 4, 5, 6, 7];
      const rest = build({ types }).length;
      const p = encodeData(new Uint8Array(length - rest + 1).fill(1));
      const dsa = concat(parseHex('0000'), p, ...[5n, 3n, 2n].map(encodeMpi));
      return build({ types, replace: { 6: field(6, dsa) } });
    };
    const lengths = [-1, 0, 1].map((over) => ofLength(LIMITS.profileBytes + over));
    expect(lengths.map((profile) => profile.length)).toEqual([4095, 4096, 4097]);
    expect(lengths.map((profile) => codeOf(profile))).toEqual(['valid', 'valid', 'too-large']);
  });
});

describeDecoderLaws('Client Profile', {
  decode: decodeClientProfile,
  encode: (profile) => profile.raw,
  samples: [alice.profile.raw, build({ types: [7, 6, 5, 4, 3, 2, 1] })],
});
