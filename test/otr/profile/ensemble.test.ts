// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseHex } from '#otr/bytes.ts';
import {
  decodeClientProfile,
  encodeClientProfile,
  encodeProfileFields,
} from '#otr/codec/client-profile.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { decodePrekeyMessage, encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { sign } from '#otr/crypto/ed448.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { chooseEnsembles, ensembleExpiresAt, validateEnsemble } from '#otr/profile/ensemble.ts';
import type { Ensemble } from '#otr/profile/ensemble.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';

import { knownParty, KNOWN_TAGS } from '../../support/known-parties.ts';
import type { KnownParty } from '../../support/known-parties.ts';
import { knownPublication } from '../../support/known-prekeys.ts';
import { KNOWN_EXPIRATION_MS, KNOWN_NOW_MS } from '../../support/labelled-random.ts';
import { errorOf } from '../../support/otr-error.ts';
import primitives from '../../vectors/appendix-a/primitives.json';

const known = knownPublication();
const alice = knownParty('alice');
const HOUR_MS = 3_600_000;

interface Variant {
  /** Whose long-term keys sign it. */
  readonly by?: KnownParty;
  readonly tag?: KnownParty['tag'];
  readonly expiresAt?: number;
  readonly id?: number;
}

/** What a server might hand out for a client: Bob's unless it is said otherwise. */
function ensemble(variant: Variant = {}): Ensemble {
  const { by = known.bob, tag = KNOWN_TAGS.bob, expiresAt = KNOWN_EXPIRATION_MS, id = 1 } = variant;
  const { longTermKey } = by;
  const client = { ownerTag: tag, longTermKey, forgingKey: by.profile.forgingKey };
  const owner = { ownerTag: tag, longTermKey, mode: 'compatible' } as const;
  const prekey = { ...decodePrekeyMessage(known.prekeyMessage), id, ownerTag: tag };
  return {
    clientProfile: decodeClientProfile(signClientProfile(client, expiresAt).raw),
    prekeyProfile: decodePrekeyProfile(
      signPrekeyProfile(owner, known.sharedPrekey.public, expiresAt).raw,
    ),
    prekeyMessage: decodePrekeyMessage(encodePrekeyMessage(prekey)),
  };
}

function codeOf(candidate: Ensemble, nowMs = KNOWN_NOW_MS): OtrError['code'] | 'valid' {
  try {
    validateEnsemble(candidate, nowMs);
  } catch (error) {
    if (error instanceof OtrError) return error.code;
    throw error;
  }
  return 'valid';
}

function choose(...candidates: readonly Ensemble[]) {
  return chooseEnsembles(candidates, { nowMs: KNOWN_NOW_MS, ourTag: KNOWN_TAGS.alice });
}

const good = ensemble();
const bobsTag = KNOWN_TAGS.bob;
const otherTag = validateInstanceTag(0x200, 'tag');

describe('a prekey ensemble', () => {
  it('is valid when its three parts are, and belong together', () => {
    const valid = validateEnsemble(good, KNOWN_NOW_MS);
    expect(valid.ownerTag).toBe(bobsTag);
    expect(valid.clientProfile).toEqual(known.bob.profile);
    expect(valid.prekeyProfile).toEqual(known.prekeyProfile);
    expect(valid.prekeyMessage.ecdhPublic).toEqual(good.prekeyMessage.ecdhPublic);
  });

  it('otr:T-087 is ignored when its tags differ', () => {
    const foreign = ensemble({ tag: otherTag });
    const { prekeyProfile, prekeyMessage, clientProfile } = foreign;
    expect(codeOf({ ...good, prekeyProfile })).toBe('bad-tag');
    expect(codeOf({ ...good, prekeyMessage })).toBe('bad-tag');
    expect(codeOf({ ...good, clientProfile })).toBe('bad-tag');
    // Before anything is computed: the parts alone would be refused later.
    for (const part of [{ prekeyProfile }, { prekeyMessage }, { clientProfile }]) {
      const refused = errorOf(() => validateEnsemble({ ...good, ...part }, KNOWN_NOW_MS));
      expect(refused.field).toBe('ensemble');
    }
  });

  it('otr:T-087 is ignored when another key signed its Prekey Profile', () => {
    const { prekeyProfile } = ensemble({ by: alice });
    expect(codeOf({ ...good, prekeyProfile })).toBe('bad-signature');
  });

  it('otr:T-087 is ignored when Y or B is bad', () => {
    const ecdhPublic = parseHex(primitives['order-2 point']);
    expect(codeOf({ ...good, prekeyMessage: { ...good.prekeyMessage, ecdhPublic } })).toBe(
      'bad-point',
    );
    const outside = { ...good.prekeyMessage, dhPublic: 1n };
    expect(codeOf({ ...good, prekeyMessage: outside })).toBe('bad-dh-element');
  });

  it('otr:T-087 is ignored when its Client Profile does not list version 4', () => {
    const { longTermKey, profile } = known.bob;
    const { ownerTag, publicKey, forgingKey, expiresAt } = profile;
    const fields = encodeProfileFields({
      ...{ ownerTag, publicKey, forgingKey, expiresAt },
      versions: '3',
    });
    const raw = encodeClientProfile(fields, sign(longTermKey.seed, fields));
    expect(codeOf({ ...good, clientProfile: decodeClientProfile(raw) })).toBe('bad-versions');
  });

  it('is ignored once either of its profiles has expired', () => {
    const earlier = ensemble({ expiresAt: KNOWN_NOW_MS + HOUR_MS });
    const at = KNOWN_NOW_MS + HOUR_MS;
    expect(codeOf({ ...good, clientProfile: earlier.clientProfile }, at)).toBe('expired');
    const mixed = { ...good, prekeyProfile: earlier.prekeyProfile };
    expect(codeOf(mixed, at)).toBe('expired');
    expect(codeOf(mixed, at - 1000)).toBe('valid');
    expect(ensembleExpiresAt(validateEnsemble(mixed, KNOWN_NOW_MS))).toBe(at);
  });
});

describe('of several prekey ensembles', () => {
  it('invalid and repeated ones are dropped', () => {
    const broken = { ...good, prekeyMessage: { ...good.prekeyMessage, dhPublic: 1n } };
    const again = ensemble();
    expect(choose(broken)).toEqual([]);
    expect(choose(good, broken, again)).toEqual([validateEnsemble(good, KNOWN_NOW_MS)]);
  });

  it('the one that expires last is taken for each client', () => {
    const later = ensemble({ id: 2 });
    const earlier = ensemble({ expiresAt: KNOWN_EXPIRATION_MS - HOUR_MS });
    for (const order of [
      [earlier, later],
      [later, earlier],
    ]) {
      expect(choose(...order).map((chosen) => chosen.prekeyMessage.id)).toEqual([2]);
    }
  });

  it('the first is taken of two that expire together', () => {
    const ids = choose(ensemble({ id: 7 }), ensemble({ id: 8 })).map((c) => c.prekeyMessage.id);
    expect(ids).toEqual([7]);
  });

  it('one with another long-term key displaces none, however long it is in force', () => {
    const stranger = ensemble({ by: alice, expiresAt: KNOWN_EXPIRATION_MS + HOUR_MS });
    const keys = choose(good, stranger).map(({ clientProfile }) => clientProfile.fingerprint);
    expect(keys).toEqual([known.bob.profile.fingerprint, alice.profile.fingerprint]);
  });

  it('each client is kept, but not the one that asks', () => {
    const both = [good, ensemble({ tag: otherTag })];
    expect(choose(...both).map(({ ownerTag }) => ownerTag)).toEqual([bobsTag, otherTag]);
    const asks = { nowMs: KNOWN_NOW_MS, ourTag: bobsTag };
    expect(chooseEnsembles(both, asks).map(({ ownerTag }) => ownerTag)).toEqual([otherTag]);
  });

  it('no more than 32 are looked at', () => {
    const broken = (id: number) => {
      const prekeyMessage = { ...good.prekeyMessage, dhPublic: 1n, raw: Uint8Array.of(id) };
      return { ...good, prekeyMessage };
    };
    const many = (count: number) => Array.from({ length: count }, (_, id) => broken(id));
    expect(LIMITS.ensembles).toBe(32);
    expect(choose(...many(31), good)).toHaveLength(1);
    expect(choose(...many(32), good)).toHaveLength(0);
  });

  it('one that comes again takes no room from the others', () => {
    const again = Array.from({ length: 40 }, () => ensemble({ tag: otherTag }));
    expect(choose(...again, good).map(({ ownerTag }) => ownerTag)).toEqual([otherTag, bobsTag]);
  });
});
