// SPDX-License-Identifier: GPL-3.0-or-later
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';

import { concat } from '#otr/bytes.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { DH_ORDER } from '#otr/crypto/dh-batch.ts';
import { GROUP_ORDER } from '#otr/crypto/ed448.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeDake1, encodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { decodeDake2, encodeDake2 } from '#otr/prekey/message/dake-2.ts';
import { decodeDake3, encodeDake3 } from '#otr/prekey/message/dake-3.ts';
import {
  asksForVersion4,
  decodeEnsembleQuery,
  encodeEnsembleQuery,
} from '#otr/prekey/message/ensemble-query.ts';
import {
  decodeEnsembleRetrieval,
  encodeEnsembleRetrieval,
} from '#otr/prekey/message/ensemble-retrieval.ts';
import type { EnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import { decodeNoEnsembles, encodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import {
  decodeFailure,
  decodeSuccess,
  encodeFailure,
  encodeSuccess,
} from '#otr/prekey/message/outcome.ts';
import {
  decodePublication,
  encodePublication,
  toPublicationParts,
} from '#otr/prekey/message/publication.ts';
import { decodeStorageRequest, encodeStorageRequest } from '#otr/prekey/message/storage-request.ts';
import { decodeStorageStatus, encodeStorageStatus } from '#otr/prekey/message/storage-status.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { errorOf } from '../../support/otr-error.ts';
import known from '../../vectors/prekey/exchange.json';

const sample = (name: keyof typeof known.messages): Uint8Array => hexToBytes(known.messages[name]);

function encodeRetrieval({ receiverTag, identity, ensembles }: EnsembleRetrieval): Uint8Array {
  const raw = ensembles.map(({ clientProfile, prekeyProfile, prekeyMessage }) => ({
    clientProfile: clientProfile.raw,
    prekeyProfile: prekeyProfile.raw,
    prekeyMessage: prekeyMessage.raw,
  }));
  return encodeEnsembleRetrieval({ receiverTag, identity, ensembles: raw });
}

/** A retrieval with another L in front of the same ensemble, as many times as asked. */
function withL(l: Uint8Array, times = 1): Uint8Array {
  const whole = sample('Ensemble Retrieval');
  const at = 3 + 4 + 4 + known.publisher.length;
  const ensemble = whole.subarray(at + 4);
  return concat(whole.subarray(0, at), l, ...Array.from({ length: times }, () => ensemble));
}

/** An accepted retrieval with its L as an INT: the two spellings of pks:T-13 are one here. */
function widenL(bytes: Uint8Array): Uint8Array {
  const identity = new DataView(bytes.buffer, bytes.byteOffset).getUint32(7);
  const at = 3 + 4 + 4 + identity;
  const asByte = bytes[at] !== 0;
  return asByte ? concat(bytes.subarray(0, at), new Uint8Array(3), bytes.subarray(at)) : bytes;
}

describe('messages of the prekey protocol', () => {
  it('pks:T-02 none can be cut anywhere, or be longer, without an OtrError', () => {
    const decoders: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
      'DAKE-1': decodeDake1,
      'DAKE-2': decodeDake2,
      'DAKE-3 with publication': decodeDake3,
      'Prekey Publication': decodePublication,
      'Storage Information Request': decodeStorageRequest,
      'Storage Status': decodeStorageStatus,
      Success: decodeSuccess,
      Failure: decodeFailure,
      'Ensemble Query': decodeEnsembleQuery,
      'Ensemble Retrieval': decodeEnsembleRetrieval,
      'No Prekey Ensembles': decodeNoEnsembles,
    };
    for (const [name, decode] of Object.entries(decoders)) {
      const bytes = sample(name as keyof typeof known.messages);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => decode(bytes.subarray(0, length)), name).toThrow(OtrError);
      }
      expect(errorOf(() => decode(concat(bytes, Uint8Array.of(0)))).code).toBe('trailing-bytes');
    }
  });

  it('pks:T-13 L may be an INT or a BYTE, and is not 0', () => {
    const int = decodeEnsembleRetrieval(sample('Ensemble Retrieval'));
    expect(decodeEnsembleRetrieval(sample('Ensemble Retrieval with one byte for L'))).toEqual(int);
    expect(decodeEnsembleRetrieval(withL(Uint8Array.of(2), 2)).ensembles).toHaveLength(2);
    expect(errorOf(() => decodeEnsembleRetrieval(withL(Uint8Array.of(0, 0, 0, 0)))).code).toBe(
      'bad-count',
    );
    expect(() => decodeEnsembleRetrieval(withL(Uint8Array.of(0)))).toThrow(OtrError);
    expect(() => decodeEnsembleRetrieval(withL(Uint8Array.of(0, 0, 0, 0), 0))).toThrow(OtrError);
  });

  it('L is bounded before anything is read: 31, 32 and 33', () => {
    const count = (l: number) =>
      decodeEnsembleRetrieval(withL(Uint8Array.of(0, 0, 0, l), l)).ensembles.length;
    expect(count(LIMITS.ensembles - 1)).toBe(31);
    expect(count(LIMITS.ensembles)).toBe(32);
    expect(errorOf(() => count(LIMITS.ensembles + 1)).code).toBe('too-many');
    const claim = withL(Uint8Array.of(0, 0xff, 0xff, 0xff));
    expect(errorOf(() => decodeEnsembleRetrieval(claim)).code).toBe('too-many');
  });

  it('refuses tags below 0x100 on either end', () => {
    const tagged = ['DAKE-1', 'DAKE-2', 'Storage Status', 'Ensemble Query'] as const;
    const decoders = [decodeDake1, decodeDake2, decodeStorageStatus, decodeEnsembleQuery];
    for (const [k, name] of tagged.entries()) {
      const bytes = sample(name);
      bytes.set([0, 0, 0, 0xff], 3);
      expect(errorOf(() => decoders[k]?.(bytes)).code, name).toBe('bad-tag');
    }
  });

  it('refuses other versions, higher ones too', () => {
    for (const version of [3, 5]) {
      const bytes = sample('DAKE-1');
      bytes[1] = version;
      expect(errorOf(() => decodeDake1(bytes)).code).toBe('wrong-version');
    }
    expect(errorOf(() => decodeSuccess(sample('Failure'))).code).toBe('wrong-type');
  });

  it('refuses a key of another type in front of H_s', () => {
    const bytes = sample('DAKE-2');
    const at = 3 + 4 + 4 + known.server.length;
    bytes.set([0x00, 0x10], at);
    expect(errorOf(() => decodeDake2(bytes)).code).toBe('bad-key-type');
  });

  it('refuses proofs whose v is q or dh_q, or above', () => {
    const bytes = sample('Prekey Publication');
    const { ecdh, dh, profile } = {
      ecdh: hexToBytes(known.proofs['messages, ECDH']),
      dh: hexToBytes(known.proofs['messages, DH']),
      profile: hexToBytes(known.proofs['profile, ECDH']),
    };
    const start = bytes.length - 64 - ecdh.length - dh.length - profile.length;
    const build = (e: Uint8Array, d: Uint8Array, p: Uint8Array): Uint8Array =>
      concat(bytes.subarray(0, start), e, d, p, new Uint8Array(64));
    expect(decodePublication(build(ecdh, dh, profile)).parts.count).toBe(2);
    const tooLarge = concat(ecdh.subarray(0, 64), GROUP_ORDER);
    expect(errorOf(() => decodePublication(build(tooLarge, dh, profile))).code).toBe('bad-scalar');
    expect(errorOf(() => decodePublication(build(ecdh, dh, tooLarge))).code).toBe('bad-scalar');
    const withV = (v: bigint) => concat(dh.subarray(0, 64), encodeMpi(v));
    expect(decodePublication(build(ecdh, withV(DH_ORDER - 1n), profile)).parts.count).toBe(2);
    const dhq = withV(DH_ORDER);
    expect(errorOf(() => decodePublication(build(ecdh, dhq, profile))).code).toBe('bad-scalar');
    const padded = concat(dh.subarray(0, 64), Uint8Array.of(0, 0, 0, 2, 0, 9));
    expect(errorOf(() => decodePublication(build(ecdh, padded, profile))).code).toBe('bad-mpi');
  });

  it('refuses flags other than 0 and 1, and proofs too few or too many', () => {
    const empty = { messages: undefined, profile: undefined };
    const none = toPublicationParts({
      prekeyMessages: [],
      clientProfile: undefined,
      prekeyProfile: undefined,
      proofs: empty,
    });
    const mac = new Uint8Array(64);
    const bytes = encodePublication(none, mac);
    expect(decodePublication(bytes).proofs).toEqual(empty);
    for (const at of [4, 5]) {
      const flagged = bytes.slice();
      flagged[at] = 2;
      expect(errorOf(() => decodePublication(flagged)).code).toBe('bad-count');
    }
    const extra = encodePublication({ ...none, proofs: new Uint8Array(121) }, mac);
    expect(errorOf(() => decodePublication(extra)).code).toBe('trailing-bytes');
    const { prekeyProfile } = decodePublication(sample('Prekey Publication')).parts;
    const missing = encodePublication({ ...none, prekeyProfile }, mac);
    expect(errorOf(() => decodePublication(missing)).code).toBe('truncated');
  });

  it('counts at most 255 prekey messages', () => {
    const build = (n: number) =>
      toPublicationParts({
        prekeyMessages: Array.from({ length: n }, () => Uint8Array.of(1)),
        clientProfile: undefined,
        prekeyProfile: undefined,
        proofs: { messages: undefined, profile: undefined },
      });
    expect(build(254).count).toBe(254);
    expect(build(255).count).toBe(255);
    expect(() => build(256)).toThrow(RangeError);
  });

  it('takes version 4 as a digit or as a byte, beside versions nobody knows', () => {
    const asks = (versions: readonly number[]) =>
      asksForVersion4({ versions: Uint8Array.from(versions) });
    expect([[0x34], [0x34, 0x35], [0x35, 0x34], [0x04]].map(asks)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([[], [0x35], [0x33], [0x40]].map(asks)).toEqual([false, false, false, false]);
  });

  it('bounds identities, versions and texts before it reads them', () => {
    const query = (identity: number, versions: number) =>
      decodeEnsembleQuery(
        encodeEnsembleQuery({
          ...decodeEnsembleQuery(sample('Ensemble Query')),
          identity: new Uint8Array(identity),
          versions: new Uint8Array(versions),
        }),
      );
    const { jidBytes, profileVersionsChars, prekeyTextBytes } = LIMITS;
    expect(query(jidBytes - 1, profileVersionsChars - 1).identity).toHaveLength(jidBytes - 1);
    expect(query(jidBytes, profileVersionsChars).identity).toHaveLength(jidBytes);
    expect(errorOf(() => query(jidBytes + 1, 1)).code).toBe('too-large');
    expect(errorOf(() => query(1, profileVersionsChars + 1)).code).toBe('too-large');
    const none = (text: number) =>
      decodeNoEnsembles(
        encodeNoEnsembles({
          ...decodeNoEnsembles(sample('No Prekey Ensembles')),
          text: new Uint8Array(text),
        }),
      );
    expect(none(prekeyTextBytes - 1).text).toHaveLength(prekeyTextBytes - 1);
    expect(none(prekeyTextBytes).text).toHaveLength(prekeyTextBytes);
    expect(errorOf(() => none(prekeyTextBytes + 1)).code).toBe('too-large');
  });

  it('writes base64 and a full stop, and reads nothing else', () => {
    const text = formatPrekeyArmor(Uint8Array.of(0, 4, 0x35));
    expect(text).toBe('AAQ1.');
    expect(parsePrekeyArmor(text)).toEqual(Uint8Array.of(0, 4, 0x35));
    for (const other of ['AAQ1', '?OTR:AAQ1.', 'AAQ1. ', 'AA1.', 'AAQ1..', '', '.x']) {
      expect(() => parsePrekeyArmor(other), other).toThrow(OtrError);
    }
    expect(parsePrekeyArmor('.')).toHaveLength(0);
  });

  it('reads bodies and messages up to their limits', () => {
    const { prekeyMessageBytes, prekeyBodyChars } = LIMITS;
    const largest = Math.floor((prekeyBodyChars - 1) / 4) * 3;
    expect(largest).toBeLessThan(prekeyMessageBytes + 1);
    expect(parsePrekeyArmor(formatPrekeyArmor(new Uint8Array(largest)))).toHaveLength(largest);
    const tooLong = formatPrekeyArmor(new Uint8Array(largest + 1));
    expect(errorOf(() => parsePrekeyArmor(tooLong)).code).toBe('too-large');
    expect(utf8ToBytes(tooLong).length).toBeGreaterThan(prekeyBodyChars);
  });
});

const runs = 200;
describeDecoderLaws('DAKE-1', {
  decode: decodeDake1,
  encode: encodeDake1,
  samples: [sample('DAKE-1')],
  runs,
});
describeDecoderLaws('DAKE-2', {
  decode: decodeDake2,
  encode: encodeDake2,
  samples: [sample('DAKE-2')],
  runs,
});
describeDecoderLaws('DAKE-3', {
  decode: decodeDake3,
  encode: encodeDake3,
  samples: [sample('DAKE-3 with storage request')],
  runs,
});
describeDecoderLaws('Prekey Publication', {
  decode: decodePublication,
  encode: ({ parts, mac }) => encodePublication(parts, mac),
  samples: [sample('Prekey Publication')],
  runs,
});
describeDecoderLaws('Storage Information Request', {
  decode: decodeStorageRequest,
  encode: encodeStorageRequest,
  samples: [sample('Storage Information Request')],
  runs,
});
describeDecoderLaws('Storage Status', {
  decode: decodeStorageStatus,
  encode: encodeStorageStatus,
  samples: [sample('Storage Status')],
  runs,
});
describeDecoderLaws('Success', {
  decode: decodeSuccess,
  encode: encodeSuccess,
  samples: [sample('Success')],
  runs,
});
describeDecoderLaws('Failure', {
  decode: decodeFailure,
  encode: encodeFailure,
  samples: [sample('Failure')],
  runs,
});
describeDecoderLaws('Ensemble Query', {
  decode: decodeEnsembleQuery,
  encode: encodeEnsembleQuery,
  samples: [sample('Ensemble Query')],
  runs,
});
it('pks:T-13 one byte for L is the only other spelling of a retrieval', () => {
  const narrow = sample('Ensemble Retrieval with one byte for L');
  const written = encodeRetrieval(decodeEnsembleRetrieval(narrow));
  expect(written).toEqual(widenL(narrow));
  expect(written).toEqual(sample('Ensemble Retrieval'));
});
describeDecoderLaws('Ensemble Retrieval', {
  decode: decodeEnsembleRetrieval,
  encode: encodeRetrieval,
  samples: [sample('Ensemble Retrieval')],
  normalise: widenL,
  runs,
});
describeDecoderLaws('No Prekey Ensembles', {
  decode: decodeNoEnsembles,
  encode: encodeNoEnsembles,
  samples: [sample('No Prekey Ensembles')],
  runs,
});
