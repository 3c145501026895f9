// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { concat, formatHex, parseHex } from '#otr/bytes.ts';
import {
  decodePrekeyProfile,
  encodePrekeyProfile,
  encodePrekeyProfileFields,
} from '#otr/codec/prekey-profile.ts';
import { sign } from '#otr/crypto/ed448.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { renewsAt } from '#otr/profile/client-profile.ts';
import {
  createPrekeyProfile,
  keptUntil,
  openSharedPrekey,
  renewPrekeyProfile,
  signPrekeyProfile,
  validatePrekeyProfile,
} from '#otr/profile/prekey-profile.ts';

import { badPoints } from '../../support/bad-points.ts';
import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { knownParty } from '../../support/known-parties.ts';
import { knownPublication } from '../../support/known-prekeys.ts';
import { digest, KNOWN_EXPIRATION_MS, KNOWN_NOW_MS } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import known from '../../vectors/appendix-a/non-interactive-dake.json';

const { bob, sharedPrekey, prekeyProfile } = knownPublication();
const alice = knownParty('alice');
const owner = { ownerTag: bob.tag, longTermKey: bob.longTermKey, mode: 'compatible' } as const;
const DAY_MS = 86_400_000;

function codeOf(
  raw: Uint8Array,
  { by = bob, tag = bob.tag, nowMs = KNOWN_NOW_MS } = {},
): OtrError['code'] | 'valid' {
  try {
    validatePrekeyProfile(decodePrekeyProfile(raw), by.longTermKey.public, tag, nowMs);
  } catch (error) {
    if (error instanceof OtrError) return error.code;
    throw error;
  }
  return 'valid';
}

/** A profile about any bytes that look like a key, signed by Bob. */
function about(sharedKey: Uint8Array): Uint8Array {
  const content = { ownerTag: bob.tag, expiresAt: KNOWN_EXPIRATION_MS, sharedPrekey: sharedKey };
  const fields = encodePrekeyProfileFields(content);
  return encodePrekeyProfile(fields, sign(bob.longTermKey.seed, fields));
}

describe('own Prekey Profile', () => {
  it('otr:T-043 is, byte for byte, the known one of 185 bytes', () => {
    expect(prekeyProfile.raw).toHaveLength(known['Prekey profile'].length);
    expect(digest(prekeyProfile.raw)).toBe(known['Prekey profile'].digest);
    const { publicKey } = bob.profile;
    const decoded = decodePrekeyProfile(prekeyProfile.raw);
    expect(validatePrekeyProfile(decoded, publicKey, bob.tag, KNOWN_NOW_MS)).toEqual(prekeyProfile);
  });

  it('is about a fresh shared prekey, and in force for seven days', () => {
    const env = seededEnv('prekey profile');
    const one = createPrekeyProfile(owner, env);
    const other = createPrekeyProfile(owner, env);
    expect(one.profile.sharedPrekey).toEqual(one.sharedPrekey.public);
    expect(one.profile.sharedPrekey).not.toEqual(other.profile.sharedPrekey);
    expect(one.profile.expiresAt).toBe(env.nowMs() + 7 * DAY_MS);
    expect(codeOf(one.profile.raw, { nowMs: env.nowMs() })).toBe('valid');
    expect(openSharedPrekey(one.sharedPrekey.seed.copy()).public).toEqual(one.sharedPrekey.public);
  });

  it('is replaced, with its shared prekey, once half of its life is over, and kept a day beyond', () => {
    const env = seededEnv('prekey profile');
    const own = createPrekeyProfile(owner, env);
    const at = (nowMs: number) => ({ ...env, nowMs: () => nowMs });
    expect(renewPrekeyProfile(own, owner, at(renewsAt(own.profile) - 1))).toBe(own);
    const renewed = renewPrekeyProfile(own, owner, at(renewsAt(own.profile)));
    expect(renewed.profile.expiresAt).toBe(own.profile.expiresAt + 3.5 * DAY_MS);
    expect(renewed.sharedPrekey.public).not.toEqual(own.sharedPrekey.public);
    expect(keptUntil(own.profile)).toBe(own.profile.expiresAt + DAY_MS);
  });

  it('mode:I-07 is never made, nor signed, nor is a shared prekey, where both must be online', () => {
    const none = { ...owner, mode: 'interactive-only' } as const;
    const env = {
      ...seededEnv('none'),
      random: () => {
        throw new Error('randomness was drawn');
      },
    };
    expect(() => createPrekeyProfile(none, env)).toThrow(RangeError);
    expect(() => signPrekeyProfile(none, sharedPrekey.public, KNOWN_EXPIRATION_MS)).toThrow(
      RangeError,
    );
  });
});

describe("a peer's Prekey Profile", () => {
  it('is accepted when Bob signed it', () => {
    expect(codeOf(about(sharedPrekey.public))).toBe('valid');
    expect(about(sharedPrekey.public)).toEqual(prekeyProfile.raw);
  });

  it('otr:T-043 is refused when another key signed it', () => {
    expect(codeOf(prekeyProfile.raw, { by: alice })).toBe('bad-signature');
  });

  it('is refused when any byte of it is altered', () => {
    for (let at = 0; at < prekeyProfile.raw.length; at += 1) {
      const altered = prekeyProfile.raw.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect(codeOf(altered), `byte ${at}`).not.toBe('valid');
    }
  });

  it('is refused when its owner is not the owner of the Client Profile', () => {
    expect(codeOf(prekeyProfile.raw, { tag: alice.tag })).toBe('bad-tag');
  });

  it('otr:T-043 is refused from its expiration on, and accepted a second before', () => {
    const { raw } = prekeyProfile;
    expect(codeOf(raw, { nowMs: KNOWN_EXPIRATION_MS })).toBe('expired');
    expect(codeOf(raw, { nowMs: KNOWN_EXPIRATION_MS - 1000 })).toBe('valid');
  });

  it('is refused when it would be in force for more than a year', () => {
    const yearBefore = KNOWN_EXPIRATION_MS - LIMITS.profileLifetimeMs;
    const outcomes = [1, 0, -1].map((over) =>
      codeOf(prekeyProfile.raw, { nowMs: yearBefore + over }),
    );
    expect(outcomes).toEqual(['valid', 'valid', 'too-large']);
  });

  it('otr:T-043 is refused when D is none of the points a key may be', () => {
    const outcomes = badPoints()
      .slice(0, 12)
      .map((point) => codeOf(about(point)));
    expect(new Set(outcomes)).toEqual(new Set(['bad-point']));
  });

  it('otr:T-016 begins its key with a little-endian type', () => {
    expect(formatHex(prekeyProfile.raw)).toContain(`1100${formatHex(sharedPrekey.public)}`);
    const swapped = concat(
      prekeyProfile.raw.subarray(0, 12),
      parseHex('0011'),
      prekeyProfile.raw.subarray(14),
    );
    expect(codeOf(swapped)).toBe('bad-key-type');
  });
});

describeDecoderLaws('Prekey Profile', {
  decode: decodePrekeyProfile,
  encode: ({ signature, ...fields }) =>
    encodePrekeyProfile(encodePrekeyProfileFields(fields), signature),
  samples: [prekeyProfile.raw],
});
