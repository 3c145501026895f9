// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import { validatePublishedProfile } from '#otr/profile/client-profile.ts';
import { cleanLabel } from '#shared/model/device-label.ts';
import { formatForgingFile } from '#main/account/forging-file.ts';
import { makeKeys, openKeys, renewKeys, toIdentityRow } from '#main/account/own-keys.ts';
import { toSecurityCode } from '#main/conversation/security-code.ts';
import type { AccountId } from '#main/store/rows.ts';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { envOn, FakeClock } from '../support/fake-clock.ts';

const DAY_MS = 86_400_000;
const account = 1 as AccountId;

function build() {
  const clock = new FakeClock();
  const env = envOn(clock);
  const tag = createInstanceTag(env);
  return { clock, env, tag, made: makeKeys(env, tag, false) };
}

describe('our keys', () => {
  it('come with a valid profile of a week, and no deniability key', () => {
    const { clock, tag, made } = build();
    const { profile } = made.ring.identity;
    expect(validatePublishedProfile(profile.raw, tag, clock.now()).fingerprint).toEqual(
      profile.fingerprint,
    );
    expect(profile.expiresAt - clock.now()).toBeLessThanOrEqual(7 * DAY_MS);
    expect(made.forgingSeed).toBeUndefined();
  });

  it('are the same after being stored', () => {
    const { env, tag, made } = build();
    const opened = openKeys(env, tag, toIdentityRow(account, made.ring));
    expect(opened.identity.profile.fingerprint).toEqual(made.ring.identity.profile.fingerprint);
    expect(opened.identity.profile.raw).toEqual(made.ring.identity.profile.raw);
  });

  it('sign a new profile when half of the old one is over, under the same fingerprint', () => {
    const { clock, env, made } = build();
    expect(renewKeys(env, made.ring)).toBe(made.ring);
    clock.step(4 * DAY_MS);
    const renewed = renewKeys(env, made.ring);
    expect(renewed.identity.profile.expiresAt).toBeGreaterThan(
      made.ring.identity.profile.expiresAt,
    );
    expect(renewed.identity.profile.fingerprint).toEqual(made.ring.identity.profile.fingerprint);
  });

  it('sec:F-CLK-2 open after a long time away: the expired profile is replaced', () => {
    const { clock, env, tag, made } = build();
    const row = toIdentityRow(account, made.ring);
    clock.step(100 * DAY_MS);
    const opened = openKeys(env, tag, row);
    expect(opened.identity.profile.expiresAt).toBeGreaterThan(clock.now());
    expect(opened.identity.profile.fingerprint).toEqual(made.ring.identity.profile.fingerprint);
  });

  it('give the deniability key away once, when it is wanted', () => {
    const { env, tag } = build();
    const made = makeKeys(env, tag, true);
    expect(made.forgingSeed).toHaveLength(57);
    expect(toIdentityRow(account, made.ring).forgingSeed).toBeUndefined();
  });
});

describe('a security code', () => {
  it('decision 14a: is the first 132 bits as words of the public list, and all of it as hex', () => {
    const fingerprint = new Uint8Array(56);
    expect(toSecurityCode(fingerprint).words).toEqual(Array.from({ length: 12 }, () => 'abandon'));
    // 0x001 = 1, 0x7ff = 2047, then zeros: 00000000001 11111111111 …
    fingerprint.set([0x00, 0x3f, 0xfc]);
    const { words, hex } = toSecurityCode(fingerprint);
    expect(words.slice(0, 3)).toEqual(['ability', 'zoo', 'abandon']);
    expect(hex).toBe(`003FFC${'0'.repeat(106)}`);
    expect(wordlist).toHaveLength(2048);
  });
});

describe('the deniability key as a file', () => {
  it('says what it is and how it was sealed, and nothing else', () => {
    const file = formatForgingFile({
      memoryKiB: 65_536,
      passes: 3,
      lanes: 1,
      salt: new Uint8Array([1, 2]),
      nonce: new Uint8Array([3]),
      sealed: new Uint8Array([4, 5]),
    });
    expect(JSON.parse(new TextDecoder().decode(file))).toEqual({
      kind: 'sotto-deniability-key/1',
      kdf: { name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 1, salt: 'AQI=' },
      cipher: { name: 'xchacha20-poly1305', nonce: 'Aw==' },
      sealed: 'BAU=',
    });
  });
});

describe('a device label', () => {
  it('xep:X-12 is at most 53 code points of visible text', () => {
    expect(cleanLabel(`\u202Ea\u0000b\n${'🙂'.repeat(60)}`)).toBe(`ab${'🙂'.repeat(51)}`);
    expect(cleanLabel('  ')).toBe('');
  });
});
