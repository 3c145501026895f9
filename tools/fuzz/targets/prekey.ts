// SPDX-License-Identifier: GPL-3.0-or-later

import { concat, parseHex } from '#otr/bytes.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { addPrekeyFragment, parsePrekeyFragment } from '#otr/prekey/fragment.ts';
import { NO_FRAGMENTS, type Reassembly } from '#otr/codec/reassembly.ts';
import { LIMITS } from '#otr/limits.ts';
import { decodeDake1, encodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { decodeDake2, encodeDake2 } from '#otr/prekey/message/dake-2.ts';
import { decodeDake3, encodeDake3 } from '#otr/prekey/message/dake-3.ts';
import { decodeEnsembleQuery, encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import {
  decodeEnsembleRetrieval,
  encodeEnsembleRetrieval,
} from '#otr/prekey/message/ensemble-retrieval.ts';
import { decodeNoEnsembles, encodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import {
  decodeFailure,
  decodeSuccess,
  encodeFailure,
  encodeSuccess,
} from '#otr/prekey/message/outcome.ts';
import { decodePublication, encodePublication } from '#otr/prekey/message/publication.ts';
import { decodeStorageRequest, encodeStorageRequest } from '#otr/prekey/message/storage-request.ts';
import { decodeStorageStatus, encodeStorageStatus } from '#otr/prekey/message/storage-status.ts';
import { formatServerFingerprint, parseServerFingerprint } from '#otr/prekey/server-identity.ts';
import known from '../../../test/vectors/prekey/exchange.json' with { type: 'json' };
import { BODY_SEPARATOR } from '../mutate-text.ts';
import { asText, expectThat, refusal, type Input, type TargetPlan } from '../target.ts';
import { codecTarget } from './codec.ts';

type Name = keyof typeof known.messages;

export function knownMessage(name: Name): Uint8Array {
  return parseHex(known.messages[name]);
}

const COUNT_AFTER_IDENTITY = 7;

/** L in one byte, as others write it, is the one second spelling that is read. */
function withCountAsInt(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = COUNT_AFTER_IDENTITY + 4 + view.getUint32(COUNT_AFTER_IDENTITY);
  if (bytes[at] === 0) return bytes;
  return concat(bytes.subarray(0, at), new Uint8Array(3), bytes.subarray(at));
}

const retrieval = codecTarget({
  name: 'prekey-ensemble-retrieval',
  tries: ['decodeEnsembleRetrieval'],
  decode: decodeEnsembleRetrieval,
  encode: ({ receiverTag, identity, ensembles }) => {
    const raw = ensembles.map(({ clientProfile, prekeyProfile, prekeyMessage }) => ({
      clientProfile: clientProfile.raw,
      prekeyProfile: prekeyProfile.raw,
      prekeyMessage: prekeyMessage.raw,
    }));
    return encodeEnsembleRetrieval({ receiverTag, identity, ensembles: raw });
  },
  seeds: () => [
    knownMessage('Ensemble Retrieval'),
    knownMessage('Ensemble Retrieval with one byte for L'),
  ],
  normalise: withCountAsInt,
});

const PREKEY_CODECS: readonly TargetPlan[] = [
  codecTarget({
    name: 'prekey-dake-1',
    tries: ['decodeDake1', 'readTaggedHeader', 'readPrekeyHeader'],
    decode: decodeDake1,
    encode: encodeDake1,
    seeds: () => [knownMessage('DAKE-1')],
  }),
  codecTarget({
    name: 'prekey-dake-2',
    tries: ['decodeDake2', 'readCompositeIdentity'],
    decode: decodeDake2,
    encode: encodeDake2,
    seeds: () => [knownMessage('DAKE-2')],
  }),
  codecTarget({
    name: 'prekey-dake-3',
    tries: ['decodeDake3'],
    decode: decodeDake3,
    encode: encodeDake3,
    seeds: () => [
      knownMessage('DAKE-3 with publication'),
      knownMessage('DAKE-3 with storage request'),
    ],
  }),
  codecTarget({
    name: 'prekey-publication',
    tries: ['decodePublication', 'readEcdhProof', 'readDhProof', 'validateScalar'],
    decode: decodePublication,
    encode: ({ parts, mac }) => encodePublication(parts, mac),
    seeds: () => [knownMessage('Prekey Publication')],
  }),
  codecTarget({
    name: 'prekey-storage-request',
    tries: ['decodeStorageRequest'],
    decode: decodeStorageRequest,
    encode: encodeStorageRequest,
    seeds: () => [knownMessage('Storage Information Request')],
  }),
  codecTarget({
    name: 'prekey-storage-status',
    tries: ['decodeStorageStatus'],
    decode: decodeStorageStatus,
    encode: encodeStorageStatus,
    seeds: () => [knownMessage('Storage Status')],
  }),
  codecTarget({
    name: 'prekey-success',
    tries: ['decodeSuccess'],
    decode: decodeSuccess,
    encode: encodeSuccess,
    seeds: () => [knownMessage('Success')],
  }),
  codecTarget({
    name: 'prekey-failure',
    tries: ['decodeFailure'],
    decode: decodeFailure,
    encode: encodeFailure,
    seeds: () => [knownMessage('Failure')],
  }),
  codecTarget({
    name: 'prekey-ensemble-query',
    tries: ['decodeEnsembleQuery'],
    decode: decodeEnsembleQuery,
    encode: encodeEnsembleQuery,
    seeds: () => [knownMessage('Ensemble Query')],
  }),
  retrieval,
  codecTarget({
    name: 'prekey-no-ensembles',
    tries: ['decodeNoEnsembles'],
    decode: decodeNoEnsembles,
    encode: encodeNoEnsembles,
    seeds: () => [knownMessage('No Prekey Ensembles')],
  }),
];

function tryArmor(input: Input): string {
  const text = asText(input);
  try {
    const bytes = parsePrekeyArmor(text);
    expectThat(formatPrekeyArmor(bytes) === text, 'two-spellings', 'armour');
    expectThat(bytes.length <= LIMITS.prekeyMessageBytes, 'growth', 'armour');
    return 'read';
  } catch (cause) {
    return refusal(cause);
  }
}

/** Fragments one after the other, as one full address might send them. */
function tryFragments(input: Input): string {
  let state: Reassembly = NO_FRAGMENTS;
  const tags = new Set<string>();
  for (const [at, body] of asText(input).split(BODY_SEPARATOR).entries()) {
    try {
      const fragment = parsePrekeyFragment(body);
      const isPlaced = fragment.index >= 1 && fragment.index <= fragment.total;
      expectThat(isPlaced, 'forgery', 'index');
      const step = addPrekeyFragment(state, fragment, at);
      tags.add(step.tag);
      state = step.next;
    } catch (cause) {
      tags.add(refusal(cause));
    }
    const chars = state.buffers.reduce((sum, buffer) => sum + buffer.chars, 0);
    expectThat(state.buffers.length <= LIMITS.prekeyFragmentBuffers, 'growth', 'buffers');
    expectThat(chars <= LIMITS.prekeyBodyChars, 'growth', 'characters');
  }
  return [...tags].sort().join(' ');
}

/** The specification makes no fragments of these messages; others do. */
export function prekeyFragments(bytes: Uint8Array, total: number): readonly string[] {
  const text = formatPrekeyArmor(bytes);
  const size = Math.ceil(text.length / total);
  return Array.from({ length: total }, (_, k) => {
    const piece = text.slice(k * size, (k + 1) * size);
    return `?OTRP|5a73a599|0|101,${(k + 1).toString()},${total.toString()},${piece},`;
  });
}

function tryFingerprint(input: Input): string {
  const text = asText(input);
  const fingerprint = parseServerFingerprint(text);
  if (fingerprint === undefined) return 'refused';
  const again = parseServerFingerprint(formatServerFingerprint(fingerprint));
  const isSame = again !== undefined && equalBytes(again, fingerprint);
  expectThat(isSame, 'two-spellings', 'fingerprint');
  return 'read';
}

const TEXT = { boundMs: 25, batch: 1000 } as const;

export const PREKEY_TARGETS: readonly TargetPlan[] = [
  ...PREKEY_CODECS,
  {
    ...TEXT,
    name: 'prekey-armor',
    tries: ['parsePrekeyArmor', 'parseBase64'],
    make: () => ({
      seeds: [knownMessage('DAKE-1'), knownMessage('DAKE-2')].map(formatPrekeyArmor),
      attempt: tryArmor,
    }),
  },
  {
    ...TEXT,
    name: 'prekey-fragment',
    tries: ['parsePrekeyFragment'],
    make: () => {
      const pieces = prekeyFragments(knownMessage('DAKE-1'), 4);
      return {
        seeds: [...pieces, pieces.join(BODY_SEPARATOR), pieces.toReversed().join(BODY_SEPARATOR)],
        attempt: tryFragments,
        isSequence: true,
      };
    },
  },
  {
    ...TEXT,
    name: 'prekey-fingerprint',
    tries: ['parseServerFingerprint'],
    make: () => ({ seeds: [known['server fingerprint']], attempt: tryFingerprint }),
  },
];
