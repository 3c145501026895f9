// SPDX-License-Identifier: GPL-3.0-or-later
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { beforeEach, describe, expect, it } from 'vitest';

import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Fingerprint } from '#otr/bytes.ts';
import { encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { nextPrekeyTickAt } from '#otr/prekey/client/client.ts';
import { chooseRecipients } from '#otr/prekey/client/recipients.ts';
import { keepSpares, takeSpares } from '#otr/prekey/client/spare-ensembles.ts';
import { encodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import type { RawEnsemble } from '#otr/prekey/message/ensemble-retrieval.ts';
import { encodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import type { ValidEnsemble } from '#otr/profile/ensemble.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';

import { KNOWN_EXPIRATION_MS, KNOWN_NOW_MS, labelledEnv } from '../../support/labelled-random.ts';
import { knownPair, publisherContext } from '../../support/prekey-parties.ts';
import { PrekeyClock, TestClient, typesOf } from '../../support/prekey-world.ts';

const BOB = 'bob@b.example';
const OWN_TAG = 0x101;

let clock: PrekeyClock;
let client: TestClient;

beforeEach(() => {
  clock = new PrekeyClock();
  client = new TestClient(clock, publisherContext());
});

/** What bob's device published. */
function ensemble(
  device: number,
  change: { readonly expiresAt?: number; readonly key?: string } = {},
): RawEnsemble {
  const { expiresAt = KNOWN_EXPIRATION_MS, key = 'bob' } = change;
  const ownerTag = validateInstanceTag(device, 'tag');
  const longTermKey = createLongTermKey(labelledEnv(`pks/${key}/sym_h`));
  const forgingKey = createForgingKeyAndForget(labelledEnv(`pks/${key}/sym_f`));
  const owner = { ownerTag, longTermKey, forgingKey, mode: 'compatible' } as const;
  const sharedPrekey = createLongTermKey(labelledEnv(`pks/${key}/sym_d`));
  const { id, ecdh, dh } = knownPair(device, `of ${device}`);
  return {
    clientProfile: signClientProfile(owner, expiresAt).raw,
    prekeyProfile: signPrekeyProfile(owner, sharedPrekey.public, expiresAt).raw,
    prekeyMessage: encodePrekeyMessage({
      id,
      ownerTag,
      ecdhPublic: ecdh.public,
      dhPublic: dh.public,
    }),
  };
}

function answer(
  ensembles: readonly RawEnsemble[],
  { identity = BOB, tag = OWN_TAG }: { identity?: string; tag?: number } = {},
): string {
  const receiverTag = validateInstanceTag(tag, 'tag');
  return formatPrekeyArmor(
    encodeEnsembleRetrieval({ receiverTag, identity: utf8ToBytes(identity), ensembles }),
  );
}

function none({ identity = BOB, tag = OWN_TAG } = {}): string {
  const receiverTag = validateInstanceTag(tag, 'tag');
  const text = utf8ToBytes('<b>None</b>');
  return formatPrekeyArmor(
    encodeNoEnsembles({ receiverTag, identity: utf8ToBytes(identity), text }),
  );
}

const valid = (raw: RawEnsemble, nowMs = KNOWN_NOW_MS): ValidEnsemble =>
  validateEnsemble(
    {
      clientProfile: decodeClientProfile(raw.clientProfile),
      prekeyProfile: decodePrekeyProfile(raw.prekeyProfile),
      prekeyMessage: decodePrekeyMessage(raw.prekeyMessage),
    },
    nowMs,
  );

describe('asking for ensembles', () => {
  it('the answer to an open question is told', () => {
    expect(typesOf(client.step({ tag: 'query', identity: BOB }))).toEqual([0x10]);
    expect(client.last).toMatchObject([{ about: { tag: 'query', identity: BOB } }]);
    client.receive(answer([ensemble(0x201), ensemble(0x202)]));
    expect(client.last).toMatchObject([
      { tag: 'ensembles', identity: BOB, ensembles: [{ ownerTag: 0x201 }, { ownerTag: 0x202 }] },
    ]);
  });

  it('pks:T-58 for another identity, another tag, or unasked, it is ignored', () => {
    const bob = [ensemble(0x201)];
    client.receive(answer(bob));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    client.step({ tag: 'query', identity: BOB });
    const state = client.state;
    const strays = [
      answer(bob, { identity: 'eve@b.example' }),
      answer(bob, { identity: `${BOB}/desk` }),
      answer(bob, { identity: 'BOB@b.example' }),
      none({ identity: 'eve@b.example' }),
      answer(bob, { tag: 0x999 }),
      none({ tag: 0x999 }),
    ];
    for (const stray of strays) {
      client.receive(stray);
      expect(client.last[0]?.tag).toBe('ignored');
      expect(client.state).toBe(state);
    }
    client.step({ tag: 'receive', from: 'prekey.b.example', body: answer(bob) });
    expect(client.last).toEqual([{ tag: 'ignored', why: 'foreign-sender' }]);
    client.receive(answer(bob));
    expect(client.told).toEqual(['ensembles']);
    client.receive(answer(bob));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
  });

  it('pks:T-59 two that hold are told, without the expired one and the duplicate', () => {
    client.step({ tag: 'query', identity: BOB });
    const expired = ensemble(0x203, { expiresAt: KNOWN_NOW_MS });
    const own = ensemble(OWN_TAG);
    const [one, two] = [ensemble(0x201), ensemble(0x202)];
    const mixed = { ...ensemble(0x204), prekeyProfile: two.prekeyProfile };
    client.receive(answer([one, expired, two, one, own, mixed]));
    const [told] = client.last;
    const ensembles = told?.tag === 'ensembles' ? told.ensembles : [];
    expect(ensembles.map(({ ownerTag }) => ownerTag)).toEqual([0x201, 0x202]);
    const policy = { to: 'all', trusted: [], announced: undefined } as const;
    expect(chooseRecipients(ensembles, policy)).toMatchObject({ areSeveral: true });
  });

  it('says so when nothing that came holds', () => {
    client.step({ tag: 'query', identity: BOB });
    client.receive(answer([ensemble(0x203, { expiresAt: KNOWN_NOW_MS })]));
    expect(client.last).toEqual([{ tag: 'no-ensembles', identity: BOB, why: 'none-valid' }]);
  });

  it('pks:T-60 the text of the server is told to nobody', () => {
    client.step({ tag: 'query', identity: BOB });
    client.receive(none());
    expect(client.last).toEqual([{ tag: 'no-ensembles', identity: BOB, why: 'none-stored' }]);
    expect(JSON.stringify([client.last, client.state.queries])).not.toContain('None</b>');
  });

  it('malformed answers are ignored, and the question stays open', () => {
    client.step({ tag: 'query', identity: BOB });
    const state = client.state;
    for (const body of ['AAQT.', 'AAQO.', answer([]), 'hello', '?OTRP|']) {
      client.receive(body);
      expect(client.last).toEqual([{ tag: 'ignored', why: 'malformed' }]);
      expect(client.state).toBe(state);
    }
  });

  it('nobody is asked about twice within a minute, answered or not', () => {
    client.step({ tag: 'query', identity: BOB });
    client.step({ tag: 'query', identity: BOB });
    expect(client.last).toEqual([{ tag: 'refused', why: 'too-soon' }]);
    client.receive(none());
    clock.pass(LIMITS.prekeyQueryIntervalMs - 1);
    client.step({ tag: 'query', identity: BOB });
    expect(client.last).toEqual([{ tag: 'refused', why: 'too-soon' }]);
    expect(client.step({ tag: 'query', identity: 'eve@b.example' })).toHaveLength(1);
    clock.pass(1);
    expect(client.step({ tag: 'query', identity: BOB })).toHaveLength(1);
    expect(client.state.queries.map(({ identity }) => identity)).toEqual(['eve@b.example', BOB]);
  });

  it('sixteen questions may be open, and each ends in time', () => {
    for (let n = 0; n < LIMITS.prekeyQueriesOpen; n += 1) {
      expect(client.step({ tag: 'query', identity: `p${n}@b.example` })).toHaveLength(1);
    }
    client.step({ tag: 'query', identity: BOB });
    expect(client.last).toEqual([{ tag: 'refused', why: 'busy' }]);
    expect(nextPrekeyTickAt(client.state)).toBe(clock.monotonicMs + LIMITS.prekeyAnswerTimeoutMs);
    clock.pass(LIMITS.prekeyAnswerTimeoutMs - 1);
    const open = client.state;
    client.step({ tag: 'tick' });
    expect(client.state).toBe(open);
    clock.pass(1);
    client.step({ tag: 'tick' });
    expect(client.last).toHaveLength(LIMITS.prekeyQueriesOpen);
    expect(client.last[0]).toEqual({
      tag: 'query-failed',
      identity: 'p0@b.example',
      why: 'timed-out',
    });
    client.receive(answer([ensemble(0x201)], { identity: 'p0@b.example' }));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
  });

  it('an answered question is none of the sixteen, and nothing is due for it', () => {
    client.step({ tag: 'query', identity: BOB });
    client.receive(none());
    expect(nextPrekeyTickAt(client.state)).toBeUndefined();
    for (let n = 0; n < LIMITS.prekeyQueriesOpen; n += 1) {
      expect(client.step({ tag: 'query', identity: `p${n}@b.example` })).toHaveLength(1);
    }
    client.step({ tag: 'query', identity: 'eve@b.example' });
    expect(client.last).toEqual([{ tag: 'refused', why: 'busy' }]);
  });

  it('a bounce ends the question it is about, and no other', () => {
    client.step({ tag: 'query', identity: BOB });
    client.step({ tag: 'query', identity: 'eve@b.example' });
    client.step({ tag: 'request', request: { tag: 'status' } });
    client.step({ tag: 'bounced', about: { tag: 'query', identity: BOB } });
    expect(client.last).toEqual([{ tag: 'query-failed', identity: BOB, why: 'bounced' }]);
    expect(client.state.exchange.tag).toBe('in-dake');
    client.step({ tag: 'disconnected' });
    expect(client.told).toEqual(['failed', 'query-failed']);
    client.step({ tag: 'disconnected' });
    expect(client.last).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
  });
});

describe('whom to write to', () => {
  const [desk, phone] = [valid(ensemble(0x201)), valid(ensemble(0x202, { key: 'phone' }))];
  const older = valid(ensemble(0x203, { expiresAt: KNOWN_EXPIRATION_MS - 1000 }));
  const all = [older, desk, phone];
  const tags = (list: readonly ValidEnsemble[]) => list.map(({ ownerTag }) => ownerTag);
  const none: readonly Fingerprint[] = [];

  it('all devices, the trusted ones, or the one with the newest profiles', () => {
    const announced = undefined;
    const choose = (to: 'all' | 'trusted' | 'latest', trusted = none) =>
      tags(chooseRecipients(all, { to, trusted, announced }).chosen);
    expect(choose('all')).toEqual([0x203, 0x201, 0x202]);
    expect(choose('trusted')).toEqual([]);
    expect(choose('trusted', [phone.clientProfile.fingerprint])).toEqual([0x202]);
    expect(choose('latest')).toEqual([0x201]);
  });

  it('announced devices come first, and the others are named', () => {
    const announced = [phone.ownerTag, validateInstanceTag(0x777, 'tag')];
    const chosen = chooseRecipients(all, { to: 'all', trusted: none, announced });
    expect(tags(chosen.chosen)).toEqual([0x202]);
    expect(chosen.areSeveral).toBe(false);
    expect(chosen.unannounced).toEqual([0x203, 0x201]);
    const nobody = chooseRecipients(all, { to: 'all', trusted: none, announced: [] });
    expect(tags(nobody.chosen)).toEqual([0x203, 0x201, 0x202]);
    expect(nobody.unannounced).toEqual([0x203, 0x201, 0x202]);
  });
});

describe('ensembles that are kept', () => {
  const [one, two] = [valid(ensemble(0x201)), valid(ensemble(0x202))];

  it('serve once, and are given up when they expire', () => {
    const spares = keepSpares(keepSpares([], BOB, [one]), 'eve@b.example', [two]);
    const first = takeSpares(spares, BOB, KNOWN_NOW_MS);
    expect(first.taken).toEqual([one]);
    expect(takeSpares(first.next, BOB, KNOWN_NOW_MS).taken).toEqual([]);
    expect(takeSpares(first.next, 'eve@b.example', KNOWN_EXPIRATION_MS - 1).taken).toEqual([two]);
    const late = takeSpares(spares, BOB, KNOWN_EXPIRATION_MS);
    expect(late).toEqual({ next: [], taken: [] });
  });

  it('are 64 at most, the newest', () => {
    const many = Array.from({ length: LIMITS.spareEnsembles }, () => one);
    const full = keepSpares([], BOB, many);
    expect(full).toHaveLength(LIMITS.spareEnsembles);
    expect(keepSpares([], BOB, many.slice(1))).toHaveLength(LIMITS.spareEnsembles - 1);
    const more = keepSpares(full, 'eve@b.example', [two]);
    expect(more).toHaveLength(LIMITS.spareEnsembles);
    expect(more.at(-1)?.ensemble).toBe(two);
  });
});
