// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Client Profile Data Type": a Client Profile on the wire.

import { concat } from '../bytes.ts';
import type { InstanceTag } from '../bytes.ts';
import { DSA_SIGNATURE_LENGTH } from '../crypto/dsa.ts';
import type { DsaPublicKey } from '../crypto/dsa.ts';
import { SIGNATURE_LENGTH } from '../crypto/ed448.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { readExpiration, writeExpiration } from './expiration.ts';
import { validateInstanceTag } from './instance-tag.ts';
import { Reader } from './reader.ts';
import { KEY_TYPE, readTypedKey, writeTypedKey } from './typed-key.ts';
import { Writer } from './writer.ts';

const FIELD = {
  ownerTag: 0x0001,
  publicKey: 0x0002,
  forgingKey: 0x0003,
  versions: 0x0004,
  expiration: 0x0005,
  dsaKey: 0x0006,
  transitionalSignature: 0x0007,
} as const;

/** PUBKEY of OTRv3, whose types are big-endian. */
const DSA_KEY_TYPE = 0x0000;

/** What a profile says of its owner, apart from OTRv3. */
export interface ProfileFields {
  readonly ownerTag: InstanceTag;
  /** H, 57 bytes. */
  readonly publicKey: Uint8Array;
  /** F, 57 bytes. */
  readonly forgingKey: Uint8Array;
  /** One character for each version, such as "4" or "34". */
  readonly versions: string;
  /** Milliseconds since the epoch; whole seconds on the wire. */
  readonly expiresAt: number;
}

/** A Client Profile as it arrived: well-formed, nothing in it verified, no key checked to be a point. */
export interface ClientProfile extends ProfileFields {
  /** Of OTRv3. Nothing is known of its numbers but that they are MPIs. */
  readonly dsaKey: DsaPublicKey | undefined;
  /** Of OTRv3: 40 bytes. A hint at most, since OTRv3 signs without hashing. */
  readonly transitionalSignature: Uint8Array | undefined;
  /** What `transitionalSignature` covers: all fields but itself, in ascending order. */
  readonly vouchedFor: Uint8Array;
  /** 114 bytes. */
  readonly signature: Uint8Array;
  /** What `signature` covers: the fields with their types in ascending order, not their count. */
  readonly signed: Uint8Array;
  /** All of it, exactly as it arrived: what the DAKE hashes. */
  readonly raw: Uint8Array;
}

/** One field of each kind, once it has been read. */
interface Draft {
  ownerTag?: InstanceTag;
  publicKey?: Uint8Array;
  forgingKey?: Uint8Array;
  versions?: string;
  expiresAt?: number;
  dsaKey?: DsaPublicKey;
  transitionalSignature?: Uint8Array;
}

/**
 * Reads the profile a message carries, and leaves the reader behind it.
 *
 *     count INT | (type SHORT | value)... | signature 114
 *
 * @throws {OtrError} on any deviation
 * @see OTRv4 "Client Profile Data Type"
 */
export function readClientProfile(read: Reader): ClientProfile {
  const start = read.position;
  const count = read.int('profile.count');
  if (count < 5 || count > 7) throw new OtrError('bad-count', 'profile.count');
  const draft: Draft = {};
  const encoded = new Map<number, Uint8Array>();
  for (let n = 0; n < count; n += 1) {
    const from = read.position;
    const type = read.short('profile.field');
    if (encoded.has(type)) throw new OtrError('duplicate-field', 'profile.field');
    readField(read, type, draft);
    encoded.set(type, read.span(from, read.position));
  }
  const signed = inOrder(encoded);
  encoded.delete(FIELD.transitionalSignature);
  const vouchedFor = inOrder(encoded);
  const signature = read.fixed(SIGNATURE_LENGTH, 'profile.signature');
  const raw = read.span(start, read.position);
  if (raw.length > LIMITS.profileBytes) throw new OtrError('too-large', 'profile');
  return { ...complete(draft), signature, signed, vouchedFor, raw };
}

/** A profile that stands alone. @throws {OtrError} on any deviation, including trailing bytes */
export function decodeClientProfile(bytes: Uint8Array): ClientProfile {
  const read = new Reader(bytes);
  const profile = readClientProfile(read);
  read.end('profile');
  return profile;
}

function readField(read: Reader, type: number, draft: Draft): void {
  switch (type) {
    case FIELD.ownerTag:
      draft.ownerTag = validateInstanceTag(read.int('profile.owner-tag'), 'profile.owner-tag');
      return;
    case FIELD.publicKey:
      draft.publicKey = readTypedKey(read, KEY_TYPE.publicKey, 'profile.public-key');
      return;
    case FIELD.forgingKey:
      draft.forgingKey = readTypedKey(read, KEY_TYPE.forgingKey, 'profile.forging-key');
      return;
    case FIELD.versions:
      draft.versions = toVersions(read.data(LIMITS.profileVersionsChars, 'profile.versions'));
      return;
    case FIELD.expiration:
      draft.expiresAt = readExpiration(read, 'profile.expiration');
      return;
    case FIELD.dsaKey:
      draft.dsaKey = readDsaKey(read);
      return;
    case FIELD.transitionalSignature:
      draft.transitionalSignature = read.fixed(
        DSA_SIGNATURE_LENGTH,
        'profile.transitional-signature',
      );
      return;
    default:
      // Fields carry no length, so one that is not known cannot be passed over.
      throw new OtrError('bad-field', 'profile.field');
  }
}

/** @see OTRv3 "Public keys, signatures, and fingerprints" */
function readDsaKey(read: Reader): DsaPublicKey {
  if (read.short('profile.dsa-key') !== DSA_KEY_TYPE) {
    throw new OtrError('bad-key-type', 'profile.dsa-key');
  }
  const number = (name: string) => read.mpi(LIMITS.profileBytes, `profile.dsa-key.${name}`);
  return { p: number('p'), q: number('q'), g: number('g'), y: number('y') };
}

/** One character a byte: a byte that is no digit stays visible, and is ignored later. */
function toVersions(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function inOrder(encoded: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const types = [...encoded.keys()].sort((left, right) => left - right);
  return concat(...types.map((type) => encoded.get(type) ?? new Uint8Array(0)));
}

function complete(
  draft: Draft,
): Omit<ClientProfile, 'raw' | 'signed' | 'signature' | 'vouchedFor'> {
  return {
    ownerTag: required(draft.ownerTag, 'profile.owner-tag'),
    publicKey: required(draft.publicKey, 'profile.public-key'),
    forgingKey: required(draft.forgingKey, 'profile.forging-key'),
    versions: required(draft.versions, 'profile.versions'),
    expiresAt: required(draft.expiresAt, 'profile.expiration'),
    dsaKey: draft.dsaKey,
    transitionalSignature: draft.transitionalSignature,
  };
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new OtrError('missing-field', field);
  return value;
}

/**
 * The fields of a profile for version 4 alone, in ascending order: what its signature covers.
 * @see OTRv4 "Create a Client Profile Signature"
 */
export function encodeProfileFields(fields: ProfileFields): Uint8Array {
  const versions = Uint8Array.from(fields.versions, (digit) => digit.charCodeAt(0));
  const write = new Writer().short(FIELD.ownerTag).int(fields.ownerTag).short(FIELD.publicKey);
  writeTypedKey(write, KEY_TYPE.publicKey, fields.publicKey).short(FIELD.forgingKey);
  writeTypedKey(write, KEY_TYPE.forgingKey, fields.forgingKey)
    .short(FIELD.versions)
    .data(versions)
    .short(FIELD.expiration);
  return writeExpiration(write, fields.expiresAt).finish();
}

/** @param fields of {@link encodeProfileFields}. @param signature 114 bytes over `fields` */
export function encodeClientProfile(fields: Uint8Array, signature: Uint8Array): Uint8Array {
  return new Writer().int(5).bytes(fields).bytes(signature).finish();
}
