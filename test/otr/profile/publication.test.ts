// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { openPublication, publicationKeptUntil } from '#otr/profile/publication.ts';

import { publicationOf } from '../../support/offline-parties.ts';

describe('a publication that was stored', () => {
  const { profile, prekeyProfile, sharedPrekey } = publicationOf('bob');
  const stored = () => ({
    clientProfile: profile.raw,
    prekeyProfile: prekeyProfile.raw,
    seed: sharedPrekey.seed.copy(),
  });

  it('is opened as it was made, whatever the date', () => {
    const opened = openPublication(stored());
    expect(opened.profile).toEqual(profile);
    expect(opened.prekeyProfile).toEqual(prekeyProfile);
    expect(opened.sharedPrekey.public).toEqual(sharedPrekey.public);
  });

  it('is not opened when its parts do not belong together', () => {
    const foreign = { ...stored(), prekeyProfile: publicationOf('alice').prekeyProfile.raw };
    expect(() => openPublication(foreign)).toThrow(OtrError);
  });

  it('is kept for a day after the first of its profiles has expired', () => {
    const { expiresAt } = profile;
    const made = publicationOf('bob');
    expect(publicationKeptUntil(made)).toBe(expiresAt + LIMITS.ownProfileGraceMs);
    const shorter = { ...made, prekeyProfile: { ...prekeyProfile, expiresAt: expiresAt - 1 } };
    expect(publicationKeptUntil(shorter)).toBe(expiresAt + LIMITS.ownProfileGraceMs - 1);
  });
});
