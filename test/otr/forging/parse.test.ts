// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { concat } from '#otr/bytes.ts';
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { falsePrekeyEnsemble } from '#otr/forging/ensemble.ts';
import { parseMessage, parsePublished } from '#otr/forging/parse.ts';
import type { Field, FieldValue } from '#otr/forging/parse.ts';

import { keeperOf, realTranscript } from '../../support/forgers.ts';
import { Clock, clockedEnv } from '../../support/two-parties.ts';

const bodies = realTranscript([
  { sender: 'initiator', text: 'hi' },
  { sender: 'initiator', text: 'are you there?' },
  { sender: 'responder', text: 'hello' },
  { sender: 'initiator', text: 'bye' },
]).map(({ body }) => body);
const [identity = '', authR = '', authI = '', hi = '', , hello = ''] = bodies;

const { prekeyProfile, prekeyMessage } = falsePrekeyEnsemble(
  keeperOf('bob').profile,
  keeperOf('bob').longTermKey,
  clockedEnv('parsed', new Clock()),
).ensemble;

function valueIn(fields: readonly Field[], ...path: readonly string[]): FieldValue | undefined {
  const [name, ...rest] = path;
  const value = fields.find((field) => field.name === name)?.value;
  if (rest.length === 0) return value;
  return Array.isArray(value) ? valueIn(value as readonly Field[], ...rest) : undefined;
}

function namesOf(body: string): readonly string[] {
  return parseMessage(body).fields.map(({ name }) => name);
}

describe('parsing', () => {
  it('names every field of an Identity message, in the order of the wire', () => {
    expect(namesOf(identity)).toEqual([
      'message type',
      "sender's instance tag",
      "receiver's instance tag",
      'Client Profile',
      'Y',
      'B',
      'first ECDH public key',
      'first DH public key',
    ]);
    const { kind, fields } = parseMessage(identity);
    const decoded = decodeIdentity(parseArmor(identity));
    expect(kind).toBe('identity');
    expect(valueIn(fields, 'message type')).toBe(0x35);
    expect(valueIn(fields, 'Y')).toEqual(decoded.ecdhPublic);
    expect(valueIn(fields, 'B')).toBe(decoded.dhPublic);
    const { profile } = keeperOf('bob');
    expect(valueIn(fields, 'Client Profile', 'public key')).toEqual(profile.publicKey);
    expect(valueIn(fields, 'Client Profile', 'forging key')).toEqual(profile.forgingKey);
    expect(valueIn(fields, 'Client Profile', 'versions')).toBe('4');
    expect(valueIn(fields, 'Client Profile', 'expires')).toBe(
      new Date(profile.expiresAt).toISOString(),
    );
  });

  it('names every field of the Auth messages', () => {
    expect(namesOf(authR).slice(3)).toEqual([
      'Client Profile',
      'X',
      'A',
      'sigma',
      'first ECDH public key',
      'first DH public key',
    ]);
    expect(valueIn(parseMessage(authR).fields, 'sigma')).toEqual(
      decodeAuthR(parseArmor(authR)).sigma,
    );
    expect(namesOf(authI).slice(3)).toEqual(['sigma']);
    expect(valueIn(parseMessage(authI).fields, 'sigma')).toEqual(
      decodeAuthI(parseArmor(authI)).sigma,
    );
  });

  it('names every field of a data message, and each key it reveals', () => {
    const { fields } = parseMessage(hello);
    const { message } = decodeDataMessage(parseArmor(hello));
    expect(namesOf(hello).slice(3)).toEqual([
      'flags',
      'previous chain message number',
      'ratchet id',
      'message id',
      'public ECDH key',
      'public DH key',
      'encrypted message',
      'authenticator',
      'old MAC keys',
    ]);
    expect(valueIn(fields, 'old MAC keys')).toEqual([
      { name: '1', value: message.revealedMacKeys.slice(0, 64) },
      { name: '2', value: message.revealedMacKeys.slice(64) },
    ]);
    expect(message.revealedMacKeys).toHaveLength(128);
    expect(valueIn(fields, 'ratchet id')).toBe(1);
    expect(valueIn(fields, 'public DH key')).toBe('');
    expect(valueIn(parseMessage(hi).fields, 'public DH key')).toBe(
      decodeDataMessage(parseArmor(hi)).message.dhPublic,
    );
    expect(valueIn(parseMessage(bodies.at(-1) ?? '').fields, 'flags')).toBe('IGNORE_UNREADABLE');
  });

  it('names every field of a Prekey message, armoured or not, whatever its identifier', () => {
    // Below 0x100, where no instance tag is: a Prekey message has no tag there.
    const raw = encodePrekeyMessage({ ...prekeyMessage, id: 7 });
    for (const { kind, fields } of [parseMessage(formatArmor(raw)), parsePublished(raw)]) {
      expect(kind).toBe('prekey-message');
      expect(fields).toEqual([
        { name: 'message type', value: 0x0f },
        { name: 'prekey message identifier', value: 7 },
        { name: "owner's instance tag", value: keeperOf('bob').profile.ownerTag },
        { name: 'Y', value: prekeyMessage.ecdhPublic },
        { name: 'B', value: prekeyMessage.dhPublic },
      ]);
    }
  });

  it('names every field of a Prekey Profile and a Client Profile', () => {
    const { kind, fields } = parsePublished(prekeyProfile.raw);
    expect(kind).toBe('prekey-profile');
    expect(fields).toEqual([
      { name: "owner's instance tag", value: keeperOf('bob').profile.ownerTag },
      { name: 'expires', value: new Date(prekeyProfile.expiresAt).toISOString() },
      { name: 'public shared prekey', value: prekeyProfile.sharedPrekey },
      { name: 'signature', value: prekeyProfile.raw.slice(-114) },
    ]);
    const { profile } = keeperOf('bob');
    const client = parsePublished(profile.raw);
    expect(client.kind).toBe('client-profile');
    expect(client.fields).toEqual([
      { name: "owner's instance tag", value: profile.ownerTag },
      { name: 'public key', value: profile.publicKey },
      { name: 'forging key', value: profile.forgingKey },
      { name: 'versions', value: '4' },
      { name: 'expires', value: new Date(profile.expiresAt).toISOString() },
      { name: 'signature', value: profile.raw.slice(-114) },
    ]);
    expect(client.fields).toEqual(valueIn(parseMessage(identity).fields, 'Client Profile'));
  });

  it('names the key and the signature of OTRv3 in the profile of a client that speaks both', () => {
    const file = join(import.meta.dirname, '../../interop/otr4j/offer-v34.json');
    const recorded = /\?OTR:AAQ2[A-Za-z0-9+/=]+\./.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    const { fields } = parseMessage(recorded);
    const { dsaKey, transitionalSignature } = decodeAuthR(parseArmor(recorded)).profile;
    expect(valueIn(fields, 'Client Profile', 'versions')).toBe('34');
    expect(valueIn(fields, 'Client Profile', 'OTRv3 public key')).toEqual(
      (['p', 'q', 'g', 'y'] as const).map((name) => ({ name, value: dsaKey?.[name] })),
    );
    expect(transitionalSignature).toHaveLength(40);
    expect(valueIn(fields, 'Client Profile', 'transitional signature')).toEqual(
      transitionalSignature,
    );
  });

  it('names every part of a Prekey Ensemble', () => {
    const { profile } = keeperOf('bob');
    const bytes = concat(profile.raw, prekeyProfile.raw, prekeyMessage.raw);
    const { kind, fields } = parsePublished(bytes);
    expect(kind).toBe('prekey-ensemble');
    expect(fields).toEqual([
      { name: 'Client Profile', value: parsePublished(profile.raw).fields },
      { name: 'Prekey Profile', value: parsePublished(prekeyProfile.raw).fields },
      { name: 'Prekey Message', value: parsePublished(prekeyMessage.raw).fields },
    ]);
    expect(() => parsePublished(bytes.slice(0, -1))).toThrow('trailing-bytes');
    expect(() => parsePublished(Uint8Array.of(0, 4, 0x0f))).toThrow('truncated');
  });

  it('says of what is no message which rule it breaks', () => {
    const other = parseArmor(authI).slice();
    other[2] = 0x77;
    expect(() => parseMessage(formatArmor(other))).toThrow('wrong-type at type');
    expect(() => parseMessage('hello')).toThrow('bad-armor');
    expect(() => parseMessage(formatArmor(parseArmor(authI).slice(0, 50)))).toThrow('truncated');
  });
});
