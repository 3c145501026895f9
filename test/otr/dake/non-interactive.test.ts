// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it, vi } from 'vitest';

import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import type { NonInteractiveAuthMessage } from '#otr/codec/non-interactive-auth.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { ecdh, generateEcdh } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { acceptOffline, beginOffline } from '#otr/dake/non-interactive.ts';
import type { OwnPrekeys } from '#otr/dake/non-interactive.ts';
import {
  deriveAuthMacKey,
  deriveSession,
  deriveTemporaryKey,
  makeAuthMac,
} from '#otr/dake/offline-secret.ts';
import { encodeOfflinePhi } from '#otr/dake/phi.ts';
import { nonInteractiveTranscript } from '#otr/dake/transcript.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { OtrError } from '#otr/errors.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';
import type { Publication } from '#otr/profile/publication.ts';
import { agreeBraceKey } from '#otr/ratchet/brace-key.ts';
import { prepareSend } from '#otr/ratchet/send.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { knownParty } from '../../support/known-parties.ts';
import {
  knownAcceptance,
  knownBeginning,
  knownEnsemble,
  knownPrekeys,
} from '../../support/known-offline.ts';
import { KNOWN_PREKEY_ID, knownPublication } from '../../support/known-prekeys.ts';
import { knownContext } from '../../support/known-session.ts';
import {
  digest,
  KNOWN_EXPIRATION_MS,
  KNOWN_NOW_MS,
  labelledEnv,
} from '../../support/labelled-random.ts';
import { End } from '../../support/ratchet-pair.ts';
import { reveal } from '../../support/reveal.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { secretsIn } from '../../support/two-parties.ts';
import known from '../../vectors/appendix-a/non-interactive-dake.json' with { type: 'json' };

const DAY_MS = 86_400_000;
const ensemble = knownEnsemble();
const begun = knownBeginning();
const message = decodeNonInteractiveAuth(begun.bytes);

/** Of the message, with changed parts. */
function altered(change: Partial<NonInteractiveAuthMessage>): Uint8Array {
  return encodeNonInteractiveAuth({ ...message, ...change });
}

function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** tmp_k as Alice has it, step by step. */
function temporaryKey() {
  const x = generateEcdh(labelledEnv('alice/ni_x')).secret;
  const a = generateDh(labelledEnv('alice/ni_a')).secret;
  const braceKey = agreeBraceKey(a, ensemble.prekeyMessage.dhPublic);
  const products = {
    withPrekey: ecdh(x, ensemble.prekeyMessage.ecdhPublic),
    withSharedPrekey: ecdh(x, ensemble.prekeyProfile.sharedPrekey),
    withLongTermKey: ecdh(x, ensemble.clientProfile.publicKey),
  };
  return { braceKey, temporary: deriveTemporaryKey(products, braceKey) };
}

function transcript(): Uint8Array {
  const { own, ourJid, theirJid, dialect } = knownContext('alice');
  const firstEcdh = generateEcdh(labelledEnv('alice/ni_ecdh0')).public;
  const firstDh = generateDh(labelledEnv('alice/ni_dh0')).public;
  const alice = { tag: own.profile.ownerTag, jid: ourJid, firstEcdh, firstDh };
  const phi = encodeOfflinePhi(alice, { tag: ensemble.ownerTag, jid: theirJid }, dialect);
  const ours = {
    profile: own.profile.raw,
    ecdhPublic: generateEcdh(labelledEnv('alice/ni_x')).public,
    dhPublic: generateDh(labelledEnv('alice/ni_a')).public,
  };
  const { ecdhPublic, dhPublic } = ensemble.prekeyMessage;
  const theirs = { profile: ensemble.clientProfile.raw, ecdhPublic, dhPublic };
  const { sharedPrekey } = ensemble.prekeyProfile;
  return nonInteractiveTranscript({ bob: theirs, alice: ours, phi }, sharedPrekey);
}

describe('the non-interactive key exchange of the known answers', () => {
  it('otr:T-080 derives tmp_k, auth_mac_k, K and the SSID, and keeps the brace key', () => {
    const { braceKey, temporary } = temporaryKey();
    expect(reveal(braceKey)).toBe(known['NI brace']);
    expect(reveal(temporary)).toBe(known['NI tmp_k']);
    expect(reveal(deriveAuthMacKey(temporary))).toBe(known['NI auth_mac_k']);
    const { mixed, ssid } = deriveSession(temporary);
    expect(reveal(mixed)).toBe(known['NI K']);
    expect(reveal(ssid)).toBe(known['NI SSID']);
  });

  it('otr:T-080 signs the known t, and makes the known Auth MAC over it', () => {
    const t = transcript();
    expect(t).toHaveLength(known['NI t'].length);
    expect(digest(t)).toBe(known['NI t'].digest);
    expect(digest(message.sigma)).toBe(known['NI sigma'].digest);
    expect(bytesToHex(makeAuthMac(temporaryKey().temporary, t))).toBe(known['NI Auth MAC']);
    expect(bytesToHex(message.authMac)).toBe(known['NI Auth MAC']);
  });

  it('otr:T-080 sends the known message of 1574 bytes', () => {
    expect(begun.bytes).toHaveLength(known['NI-Auth'].length);
    expect(digest(begun.bytes)).toBe(known['NI-Auth'].digest);
    expect(message.prekeyId).toBe(KNOWN_PREKEY_ID);
  });

  it('otr:T-080 begins the known ratchet on both sides', () => {
    const { ratchet, ssid, role } = begun.established;
    expect(role).toBe('retriever');
    expect(reveal(ssid)).toBe(known['NI SSID']);
    expect(reveal(ratchet.rootKey)).toBe(known['NI root']);
    expect(reveal(ratchet.sending)).toBe(known['NI chain_key (Alice send)']);
    const accepted = knownAcceptance(begun.bytes);
    expect(accepted?.role).toBe('publisher');
    expect(reveal(accepted?.ssid)).toBe(known['NI SSID']);
    expect(reveal(accepted?.ratchet.rootKey)).toBe(known['NI root']);
    expect(reveal(accepted?.ratchet.receiving)).toBe(known['NI chain_key (Alice send)']);
    for (const one of [ratchet, accepted?.ratchet]) {
      expect(reveal(one?.braceKey)).toBe(known['NI brace']);
    }
  });

  it('otr:T-086 hashes the retained brace key for the first reply, which carries no DH key', () => {
    const accepted = knownAcceptance(begun.bytes);
    if (accepted === undefined) throw new RangeError('not accepted');
    const reply = prepareSend(accepted.ratchet, labelledEnv('bob/ni_ecdh1'));
    expect(reveal(reply.next.braceKey)).toBe(known['NI Bob ratchet1 brace']);
    expect(reply.header.ratchetId).toBe(1);
    expect(reply.header.dhPublic).toBeUndefined();
    const chain = reply.retired.map(reveal);
    expect(chain).toContain(known['NI Bob ratchet1 chain_key[0]']);
  });
});

describe('the ratchet that a non-interactive key exchange begins', () => {
  function ends() {
    const accepted = knownAcceptance(begun.bytes);
    if (accepted === undefined) throw new RangeError('not accepted');
    return {
      alice: new End('alice', knownBeginning().established.ratchet, RATCHET_LIMITS),
      bob: new End('bob', accepted.ratchet, RATCHET_LIMITS),
    };
  }

  it('otr:T-081 reads the messages that follow it, in any order', () => {
    const { alice, bob } = ends();
    const said = ['one', 'two', 'three'].map((text) => alice.say(text));
    expect(said.toReversed().map((bytes) => bob.hear(bytes))).toEqual(['three', 'two', 'one']);
  });

  it('otr:T-086 goes on in both directions, whoever speaks first, with ids 0, 1, 2, 3 …', () => {
    for (const bobFirst of [false, true]) {
      const { alice, bob } = ends();
      if (bobFirst) expect(alice.hear(bob.say('first'))).toBe('first');
      for (let turn = 0; turn < 4; turn += 1) {
        expect(bob.hear(alice.say(`a${turn}`))).toBe(`a${turn}`);
        expect(alice.hear(bob.say(`b${turn}`))).toBe(`b${turn}`);
      }
      expect(bob.ratchet.rotations).toBe(alice.ratchet.rotations);
    }
  });

  it('exchanges DH keys in ratchets 0 and 3, and none in 1 and 2', () => {
    const { alice, bob } = ends();
    const seen: (readonly [number, boolean])[] = [];
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
      [alice, bob],
      [bob, alice],
    ] as const) {
      const before = from.ratchet;
      const { header } = prepareSend(before, seededEnv('peek'));
      seen.push([header.ratchetId, header.dhPublic !== undefined]);
      to.hear(from.say('x'));
    }
    expect(seen).toEqual([
      [0, true],
      [1, false],
      [2, false],
      [3, true],
    ]);
  });
});

/** Profiles of Bob that are in force until an instant, about a shared prekey of their own. */
function published(expiresAt: number, label = 'bob/sym_d'): Publication {
  const { bob } = knownPublication();
  const { longTermKey, tag, profile } = bob;
  const owner = { ownerTag: tag, longTermKey, forgingKey: profile.forgingKey };
  const sharedPrekey = createLongTermKey(labelledEnv(label));
  return {
    profile: signClientProfile(owner, expiresAt),
    prekeyProfile: signPrekeyProfile(
      { ...owner, mode: 'compatible' },
      sharedPrekey.public,
      expiresAt,
    ),
    sharedPrekey,
  };
}

/** Secrets that are made meanwhile and neither wiped nor held by what comes of it. */
function straysOf(act: () => unknown): readonly Secret[] {
  const made: Secret[] = [];
  const own = Secret.own.bind(Secret);
  const watched = vi.spyOn(Secret, 'own').mockImplementation((bytes, length) => {
    const secret = own(bytes, length);
    made.push(secret);
    return secret;
  });
  const held = secretsIn(act());
  watched.mockRestore();
  expect(held.size).toBeGreaterThan(0);
  return made.filter((secret) => !secret.wiped && !held.has(secret));
}

describe('the retriever', () => {
  it('otr:T-227 keeps no secret but those of the session it began', () => {
    const alice = knownContext('alice');
    expect(straysOf(() => beginOffline(ensemble, alice, seededEnv('strays')))).toEqual([]);
  });
});

describe('the publisher', () => {
  const keeps = (...publications: readonly Publication[]): OwnPrekeys => ({
    ...knownPrekeys(),
    published: publications,
  });
  const at = (nowMs: number) => seededEnv('later', nowMs);

  it('otr:T-085 accepts what was made for profiles that expired yesterday and are kept', () => {
    const { published: kept } = knownPrekeys();
    const last = KNOWN_EXPIRATION_MS + DAY_MS - 1;
    for (const nowMs of [KNOWN_EXPIRATION_MS, last]) {
      expect(knownAcceptance(begun.bytes, keeps(...kept), at(nowMs))).toBeDefined();
    }
    expect(knownAcceptance(begun.bytes, keeps(...kept), at(last + 1))).toBeUndefined();
  });

  it('finds the profiles a message was made for among all it keeps', () => {
    const [used] = knownPrekeys().published;
    if (used === undefined) throw new RangeError('nothing published');
    const newer = published(KNOWN_EXPIRATION_MS + DAY_MS, 'newer shared prekey');
    for (const kept of [
      [newer, used],
      [used, newer],
    ]) {
      const accepted = knownAcceptance(begun.bytes, keeps(...kept));
      expect(accepted?.own.profile).toBe(used.profile);
    }
    expect(knownAcceptance(begun.bytes, keeps(newer))).toBeUndefined();
    expect(knownAcceptance(begun.bytes, keeps())).toBeUndefined();
  });

  it('uses no profiles of another client, another key or another shared prekey', () => {
    const [used] = knownPrekeys().published;
    if (used === undefined) throw new RangeError('nothing published');
    const alice = knownParty('alice');
    const foreign = [
      { ...used, profile: alice.profile },
      { ...used, prekeyProfile: { ...used.prekeyProfile, ownerTag: alice.tag } },
      { ...used, sharedPrekey: createLongTermKey(labelledEnv('another')) },
      { ...used, profile: { ...used.profile, publicKey: alice.profile.publicKey } },
      // Right in everything that is computed with.
      { ...used, profile: { ...used.profile, ownerTag: alice.tag } },
      { ...used, sharedPrekey: { ...used.sharedPrekey, public: alice.profile.publicKey } },
    ];
    expect(knownAcceptance(begun.bytes, keeps(used))).toBeDefined();
    for (const publication of foreign) {
      expect(knownAcceptance(begun.bytes, keeps(publication))).toBeUndefined();
    }
  });

  it('otr:T-084 ignores a message whose Auth MAC or sigma is altered, whatever byte it is', () => {
    for (const place of [0, 31, 63]) {
      const authMac = flipped(message.authMac, place);
      expect(knownAcceptance(altered({ authMac }))).toBeUndefined();
    }
    for (const place of [0, 57, 341]) {
      const sigma = flipped(message.sigma, place);
      expect(knownAcceptance(altered({ sigma }))).toBeUndefined();
    }
  });

  it('ignores a message that was made for other keys, tags or addresses', () => {
    const firstEcdhPublic = generateEcdh(labelledEnv('another')).public;
    const firstDhPublic = generateDh(labelledEnv('another')).public;
    expect(knownAcceptance(altered({ firstEcdhPublic }))).toBeUndefined();
    expect(knownAcceptance(altered({ firstDhPublic }))).toBeUndefined();
    const pair = {
      id: KNOWN_PREKEY_ID,
      ecdh: generateEcdh(labelledEnv('another y')),
      dh: generateDh(labelledEnv('another b')),
    };
    expect(knownAcceptance(begun.bytes, { ...knownPrekeys(), pair })).toBeUndefined();
  });

  it('otr:T-084 keeps the prekey of a message that proves nothing, and wipes what it derived', () => {
    const prekeys = knownPrekeys();
    expect(
      knownAcceptance(altered({ authMac: flipped(message.authMac) }), prekeys),
    ).toBeUndefined();
    expect([prekeys.pair.ecdh.secret.wiped, prekeys.pair.dh.secret.wiped]).toEqual([false, false]);
    expect(knownAcceptance(begun.bytes, prekeys)).toBeDefined();
  });

  it('otr:T-227 keeps no secret but those of the session it began', () => {
    const prekeys = knownPrekeys();
    const bob = knownContext('bob');
    const theirs = validateOffer(message, at(KNOWN_NOW_MS));
    const received = { message, theirs };
    expect(straysOf(() => acceptOffline(received, prekeys, bob, seededEnv('strays')))).toEqual([]);
  });

  it('refuses a first key that is X, and a first DH key that is A', () => {
    const { ecdhPublic: firstEcdhPublic, dhPublic: firstDhPublic } = message;
    expect(() => knownAcceptance(altered({ firstEcdhPublic }))).toThrow(OtrError);
    expect(() => knownAcceptance(altered({ firstDhPublic }))).toThrow(OtrError);
  });
});

describeDecoderLaws('Non-Interactive-Auth message', {
  decode: decodeNonInteractiveAuth,
  encode: encodeNonInteractiveAuth,
  samples: [begun.bytes],
});
