// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatHex, parseHex } from '#otr/bytes.ts';
import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import {
  deriveFingerprint,
  formatFingerprint,
  parseFingerprint,
} from '#otr/profile/fingerprint.ts';
import {
  createForgingKeyAndForget,
  createLongTermKey,
  openLongTermKey,
} from '#otr/profile/long-term-key.ts';
import { formatSsid } from '#otr/profile/ssid.ts';
import { expandSeed, multiplyBase } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';

import { knownParty } from '../../support/known-parties.ts';
import { labelled, labelledEnv } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import dake from '../../vectors/appendix-a/interactive-dake.json';
import known from '../../vectors/appendix-a/long-term.json';

describe('long-term keys', () => {
  it('otr:T-019 are the known ones, for the known symmetric keys', () => {
    for (const name of ['alice', 'bob'] as const) {
      const { longTermKey, profile } = knownParty(name);
      expect(formatHex(longTermKey.public)).toBe(known[`${name}.H`]);
      expect(formatHex(profile.forgingKey)).toBe(known[`${name}.F`]);
    }
  });

  it('are opened again from their seed, and give the scalar that belongs to the point', () => {
    const key = openLongTermKey(Secret.own(labelled('alice/sym_h', 57), 57));
    expect(formatHex(key.public)).toBe(known['alice.H']);
    using scalar = expandSeed(key.seed);
    expect(multiplyBase(scalar)).toEqual(key.public);
    expect(key.seed.wiped).toBe(false);
  });

  it('otr:T-228 leaves nothing of a forging key but its point, unless it is to be kept', () => {
    let seed: Uint8Array | undefined;
    const source = labelledEnv('alice/sym_f');
    const forgingKey = createForgingKeyAndForget({
      ...source,
      random: (length) => (seed = source.random(length)),
    });
    expect(formatHex(forgingKey)).toBe(known['alice.F']);
    expect(seed).toEqual(new Uint8Array(57));
    const kept = createLongTermKey(labelledEnv('alice/sym_f'));
    expect(kept.public).toEqual(forgingKey);
    expect(kept.seed.wiped).toBe(false);
  });
});

describe('fingerprint', () => {
  it('otr:T-020 is the known one, of 112 hexadecimal digits', () => {
    for (const name of ['alice', 'bob'] as const) {
      const { profile } = knownParty(name);
      const fingerprint = deriveFingerprint(profile.publicKey, profile.forgingKey);
      expect(formatHex(fingerprint)).toBe(known[`${name}.fingerprint`]);
      expect(formatHex(fingerprint)).toHaveLength(112);
      expect(profile.fingerprint).toEqual(fingerprint);
    }
  });

  it('is shown as 14 groups of 8 upper-case digits', () => {
    const { fingerprint } = knownParty('alice').profile;
    const groups = formatFingerprint(fingerprint).split(' ');
    expect(groups).toHaveLength(14);
    for (const group of groups) expect(group).toMatch(/^[0-9A-F]{8}$/);
    expect(groups.join('').toLowerCase()).toBe(known['alice.fingerprint']);
  });

  it('is read in either case, with or without blanks, and in no other form', () => {
    const { fingerprint } = knownParty('bob').profile;
    expect(parseFingerprint(formatFingerprint(fingerprint))).toEqual(fingerprint);
    expect(parseFingerprint(known['bob.fingerprint'])).toEqual(fingerprint);
    const digits = known['bob.fingerprint'];
    for (const text of ['', digits.slice(2), `${digits}00`, digits.replace('4', 'g')]) {
      expect(parseFingerprint(text)).toBeUndefined();
    }
  });
});

describe('session id', () => {
  it('otr:T-051 is shown in halves, of which each side reads another', () => {
    const ssid = parseHex(dake.SSID);
    expect(formatSsid(ssid, 'auth-r')).toEqual({
      first: 'd8699bcb',
      second: '4b3aed03',
      ours: 'first',
    });
    expect(formatSsid(ssid, 'auth-i').ours).toBe('second');
  });
});

describe('instance tag', () => {
  it('is drawn again while it is below 0x100', () => {
    const drawn = [0x00, 0xff, 0x100].map((value) => new Uint8Array([0, 0, value >> 8, value]));
    const tag = createInstanceTag({
      ...seededEnv('tag'),
      random: () => drawn.shift() ?? new Uint8Array(4),
    });
    expect(tag).toBe(0x100);
    expect(drawn).toEqual([]);
  });
});
