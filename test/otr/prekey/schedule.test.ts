// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import {
  prekeyBackOffMs,
  prekeysToPublish,
  prekeyStatusDelayMs,
  prekeyStatusIntervalMs,
  profilesToPublish,
} from '#otr/prekey/client/schedule.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget } from '#otr/profile/long-term-key.ts';

import { KNOWN_EXPIRATION_MS, labelledEnv } from '../../support/labelled-random.ts';
import { contentOf, publisherContext } from '../../support/prekey-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('when and how much a client publishes', () => {
  it('pks:T-54 81 when 19 are left, none when 20 are, none when the server claims milliards', () => {
    expect(prekeysToPublish(19, 0)).toBe(81);
    expect(prekeysToPublish(20, 0)).toBe(0);
    expect(prekeysToPublish(21, 0)).toBe(0);
    expect(prekeysToPublish(4_000_000_000, 0)).toBe(0);
    expect(prekeysToPublish(0, 0)).toBe(100);
  });

  it('never more than 400 secrets, however often a server says that it has none', () => {
    expect(prekeysToPublish(0, 299)).toBe(100);
    expect(prekeysToPublish(0, 301)).toBe(99);
    expect(prekeysToPublish(0, 399)).toBe(1);
    expect(prekeysToPublish(0, 400)).toBe(0);
    expect(prekeysToPublish(0, 500)).toBe(0);
  });

  it('pks:T-57 both profiles when one of them is new to the server, otherwise neither', () => {
    const context = publisherContext();
    const { clientProfile, prekeyProfile } = contentOf(context);
    if (clientProfile === undefined || prekeyProfile === undefined) throw new Error('no profiles');
    const own = { clientProfile, prekeyProfile };
    const published = {
      clientProfile: clientProfile.raw,
      prekeyProfile: prekeyProfile.profile.raw,
    };
    const neither = { clientProfile: undefined, prekeyProfile: undefined };
    expect(profilesToPublish(own, published)).toStrictEqual(neither);
    expect(profilesToPublish(own, neither)).toBe(own);
    expect(profilesToPublish(own, { ...published, prekeyProfile: undefined })).toBe(own);
    const { longTermKey } = context.own;
    const forgingKey = createForgingKeyAndForget(labelledEnv('pks/publisher/sym_f'));
    const owner = { ownerTag: clientProfile.ownerTag, longTermKey, forgingKey };
    const renewed = signClientProfile(owner, KNOWN_EXPIRATION_MS + 1000);
    const changed = { ...own, clientProfile: renewed };
    expect(profilesToPublish(changed, published)).toBe(changed);
  });

  it('the status after 5 to 60 s, then once in 22 to 26 h, not by all clients at once', () => {
    const env = seededEnv('delays');
    const delays = Array.from({ length: 200 }, () => prekeyStatusDelayMs(env));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
    expect(new Set(delays).size).toBeGreaterThan(150);
    const intervals = Array.from({ length: 200 }, () => prekeyStatusIntervalMs(env));
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(22 * HOUR_MS);
    expect(Math.max(...intervals)).toBeLessThanOrEqual(26 * HOUR_MS);
    const last = { ...env, random: (length: number) => new Uint8Array(length).fill(0xff) };
    const first = { ...env, random: (length: number) => new Uint8Array(length) };
    expect([prekeyStatusDelayMs(first), prekeyStatusDelayMs(last)]).toEqual([5000, 60_000]);
  });

  it('pks:T-56 after failures 5 minutes, then twice as long, up to 6 hours', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((n) => prekeyBackOffMs(n) / MINUTE_MS);
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
  });
});
