// SPDX-License-Identifier: GPL-3.0-or-later
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { TLV_TYPE } from '#otr/codec/tlv.ts';
import { dhShared, generateDh } from '#otr/crypto/dh3072.ts';
import { ecdh, expandSeed, generateEcdh, randomScalar } from '#otr/crypto/ed448.ts';
import { deriveSecret, USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import { SMP_IDLE, stepSmp } from '#otr/smp/machine.ts';
import type { SmpContext } from '#otr/smp/compared-secret.ts';

import { knownParty } from '../support/known-parties.ts';
import { contentOf, publisherContext, SERVER_JID } from '../support/prekey-parties.ts';
import { PrekeyClock, TestClient, TestServer } from '../support/prekey-world.ts';
import { seededEnv } from '../support/seeded-env.ts';
import { TwoParties } from '../support/two-parties.ts';

const env = seededEnv('redaction');
const alice = knownParty('alice');
const bob = knownParty('bob');
const context: SmpContext = {
  ourFingerprint: alice.profile.fingerprint,
  theirFingerprint: bob.profile.fingerprint,
  ssid: new Uint8Array(8),
};
const mirrored: SmpContext = {
  ...context,
  ourFingerprint: context.theirFingerprint,
  theirFingerprint: context.ourFingerprint,
};

/** One of every kind of object that holds a key, by name. */
function keyHolders(): Readonly<Record<string, object>> {
  const ours = generateEcdh(env);
  const ourDh = generateDh(env);
  const asked = stepSmp(SMP_IDLE, { tag: 'start', secret: 'canary' }, context, env);
  const [first] = asked.effects.flatMap((effect) => (effect.tag === 'send' ? [effect.tlv] : []));
  const tlv = first ?? { type: TLV_TYPE.padding, value: new Uint8Array(0) };
  const prompted = stepSmp(SMP_IDLE, { tag: 'receive', tlv }, mirrored, env);
  const answered = stepSmp(prompted.next, { tag: 'answer', secret: 'canary' }, mirrored, env);
  const [second] = answered.effects.flatMap((effect) =>
    effect.tag === 'send' ? [effect.tlv] : [],
  );
  const checking = stepSmp(asked.next, { tag: 'receive', tlv: second ?? tlv }, context, env);
  return {
    secret: Secret.own(env.random(64), 64),
    'derived key': deriveSecret(USAGE.rootKey, [env.random(64)], 64),
    scalar: randomScalar(env),
    'ECDH pair': ours,
    'ECDH shared secret': ecdh(ours.secret, alice.profile.publicKey),
    'DH pair': ourDh,
    'DH shared secret': dhShared(ourDh.secret, generateDh(env).public),
    'long-term key': createLongTermKey(env),
    'scalar of the long-term key': expandSeed(alice.longTermKey.seed),
    'SMP, asked': asked.next,
    'SMP, answered': answered.next,
    'SMP, checking': checking.next,
    'SMP, effects': checking.effects,
    'known party': alice,
  };
}

/** A session at each of its stages. Each is a pair of its own: a later stage wipes the earlier one. */
function sessions(): Readonly<Record<string, object>> {
  const offered = new TwoParties({ seed: 'offered' });
  offered.alice.do({ tag: 'start' });
  const answered = new TwoParties({ seed: 'answered' });
  answered.alice.do({ tag: 'start' });
  for (const body of answered.alice.takeOutbox()) answered.bob.receive(body);
  const live = TwoParties.established({ seed: 'live' });
  live.alice.send('lost');
  live.alice.takeOutbox();
  live.alice.send('found');
  live.settle();
  live.bob.send('reply');
  live.settle();
  return {
    'session, offered': offered.alice.state,
    'session, answered': answered.bob.state,
    'session, live': live.alice.state,
    'session, live, with the key of a lost message': live.bob.state,
  };
}

/** Both ends of a publication, each before and after its secrets change. */
function prekeyExchanges(): Readonly<Record<string, object>> {
  const clock = new PrekeyClock();
  const client = new TestClient(clock, publisherContext());
  const server = new TestServer(clock);
  const publication = contentOf(publisherContext());
  const asked = client.peek({ tag: 'request', request: { tag: 'publish', publication } });
  const [dake1 = ''] = asked.bodies;
  client.state = asked.next;
  const [dake2 = ''] = server.receive(client.from, dake1);
  const answered = client.peek({ tag: 'receive', from: SERVER_JID, body: dake2 });
  const [dake3 = ''] = answered.bodies;
  const stored = server.peek(client.from, dake3);
  return {
    'prekey client, in DAKE': asked.next,
    'prekey client, awaiting the result': answered.next,
    'prekey client, effects': answered.effects,
    'prekey server, in DAKE': server.state,
    'prekey server, effects': stored.effects,
  };
}

/** Every secret anywhere inside, however deep. */
function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const parts: readonly unknown[] = value instanceof Map ? [...value.values()] : [];
  const fields: readonly unknown[] = Object.values(value);
  return [...parts, ...fields].flatMap(secretsIn);
}

/** JSON, with the numbers it cannot spell as strings. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );
}

/** All the ways in which the bytes could be spelt in a log. */
function spellings(bytes: Uint8Array): readonly string[] {
  const window = Buffer.from(bytes.subarray(0, 8));
  const list = [...window].join(', ');
  return [
    window.toString('hex'),
    window.toString('base64').slice(0, 10),
    list,
    list.replaceAll(' ', ''),
  ];
}

describe('what holds a key', () => {
  for (const [name, holder] of Object.entries({
    ...keyHolders(),
    ...sessions(),
    ...prekeyExchanges(),
  })) {
    it(`otr:T-225 shows nothing of it: ${name}`, () => {
      const secrets = secretsIn(holder);
      expect(secrets.length).toBeGreaterThan(0);
      const printed = [
        holder instanceof Secret ? String(holder) : inspect(holder),
        toJson(holder),
        inspect(holder, { depth: Infinity, showHidden: true, getters: true }),
        inspect(holder, { depth: Infinity, customInspect: false, showHidden: true }),
        toJson({ ...holder }),
      ];
      for (const secret of secrets) {
        for (const spelling of secret.lend(spellings)) {
          for (const text of printed) expect(text.includes(spelling)).toBe(false);
        }
      }
      expect(inspect(holder, { depth: Infinity })).toContain('[secret]');
    });
  }

  it('is spelt [secret], whole or in part of something', () => {
    const secret = Secret.own(Uint8Array.of(1, 2, 3), 3);
    expect(String(secret)).toBe('[secret]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
    expect(inspect([secret])).toBe('[ [secret] ]');
    expect(structuredCloneOf(secret)).toEqual({ length: 3 });
  });

  it('holds no text of a user: a compared secret is gone once it was hashed', () => {
    const printed = Object.values(keyHolders()).map((holder) =>
      inspect(holder, { depth: Infinity }),
    );
    expect(printed.join().includes('canary')).toBe(false);
  });
});

/** What is left of a secret that was copied by accident. */
function structuredCloneOf(value: object): object {
  return { ...structuredClone(value) };
}

describe('errors about what a peer sent', () => {
  it('otr:T-225 name a rule and a field, never a value', () => {
    expect(new OtrError('bad-mpi', 'dh').message).toBe('bad-mpi at dh');
    expect(Object.keys(new OtrError('bad-mpi', 'dh')).toSorted()).toEqual([
      'code',
      'field',
      'name',
    ]);
  });
});
