// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { initiate, receiveAuthR, receiveIdentity } from '#otr/dake/interactive.ts';
import { DAKE_START } from '#otr/dake/state.ts';
import type { DakeContext } from '#otr/dake/state.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';

import { knownParty } from '../../support/known-parties.ts';
import { knownContext, sentBy, toReceived } from '../../support/known-session.ts';
import { KNOWN_EXPIRATION_MS, KNOWN_NOW_MS } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const env = seededEnv('own key', KNOWN_NOW_MS);
const INVALID = [{ tag: 'ignored', why: 'invalid' }];

/** Somebody with keys of their own, but for the forging key, which is the victim's long-term key. */
function thief(as: 'alice' | 'bob'): DakeContext {
  const victim = knownParty(as === 'alice' ? 'bob' : 'alice');
  const longTermKey = createLongTermKey(env);
  const owner = { ownerTag: knownParty(as).tag, longTermKey };
  const forged = { ...owner, forgingKey: victim.longTermKey.public };
  const profile = signClientProfile(forged, KNOWN_EXPIRATION_MS);
  return { ...knownContext(as), own: { longTermKey, profile } };
}

describe('a peer who passes our long-term key off as its own', () => {
  it('is not answered when it stands as its forging key', () => {
    const identity = sentBy(initiate(DAKE_START, 0, thief('bob'), env));
    const step = receiveIdentity(DAKE_START, toReceived(identity), knownContext('alice'), env);
    expect(step.next).toBe(DAKE_START);
    expect(step.effects).toEqual(INVALID);
  });

  it('is not answered when it stands as its ephemeral key', () => {
    const identity = decodeIdentity(sentBy(initiate(DAKE_START, 0, knownContext('bob'), env)));
    const ecdhPublic = knownParty('alice').longTermKey.public;
    const forged = toReceived(encodeIdentity({ ...identity, ecdhPublic }));
    const step = receiveIdentity(DAKE_START, forged, knownContext('alice'), env);
    expect(step.next).toBe(DAKE_START);
    expect(step.effects).toEqual(INVALID);
  });

  it('gets no Auth-I when it stands as the forging key of an Auth-R that is genuine otherwise', () => {
    const started = initiate(DAKE_START, 0, knownContext('bob'), env);
    const received = toReceived(sentBy(started));
    const answer = sentBy(receiveIdentity(DAKE_START, received, thief('alice'), env));
    const step = receiveAuthR(started.next, decodeAuthR(answer), knownContext('bob'), env);
    expect(step.next).toBe(started.next);
    expect(step.effects).toEqual(INVALID);
  });
});
