// SPDX-License-Identifier: GPL-3.0-or-later

import { decodeUtf8, encodeUtf8, formatHex } from '#otr/bytes.ts';
import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import {
  decodeClientProfile,
  encodeClientProfile,
  encodeProfileFields,
  type ClientProfile,
} from '#otr/codec/client-profile.ts';
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
} from '#otr/codec/data-message.ts';
import { peekHeader, writeHeader } from '#otr/codec/header.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { validateInstanceTag, validateReceiverTag } from '#otr/codec/instance-tag.ts';
import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import { decodePrekeyMessage, encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import {
  decodePrekeyProfile,
  encodePrekeyProfile,
  encodePrekeyProfileFields,
} from '#otr/codec/prekey-profile.ts';
import { decodePlaintext, encodePlaintext, type Tlv } from '#otr/codec/tlv.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { LIMITS } from '#otr/limits.ts';
import { ALICE, bytesOf, realMessages } from '../messages.ts';
import { offlineMessages } from '../offline.ts';
import { asBytes, expectThat, refusal, type TargetPlan } from '../target.ts';
import { hostileValues } from '../hostile-values.ts';

export interface Codec<T> {
  readonly name: string;
  readonly tries: readonly string[];
  readonly decode: (bytes: Uint8Array) => T;
  readonly encode: (value: T) => Uint8Array;
  readonly seeds: () => readonly Uint8Array[];
  /** Bits that a receiver ignores. */
  readonly normalise?: (bytes: Uint8Array) => Uint8Array;
}

/** What is accepted has one spelling, and what was read does not hang on the buffer it came in. */
export function codecTarget<T>(codec: Codec<T>): TargetPlan {
  const { name, tries, decode, encode, seeds, normalise = unchanged } = codec;
  return {
    name,
    tries,
    boundMs: 25,
    batch: 2000,
    make: () => ({
      seeds: seeds(),
      dictionary: hostileValues(),
      attempt: (input) => {
        const bytes = asBytes(input).slice();
        try {
          const value = decode(bytes);
          const expected = normalise(bytes.slice());
          bytes.fill(0xaa);
          expectThat(equalBytes(encode(value), expected), 'two-spellings', 'written otherwise');
          return 'read';
        } catch (cause) {
          return refusal(cause);
        }
      },
    }),
  };
}

const unchanged = (bytes: Uint8Array): Uint8Array => bytes;

const FLAGS_AT = 11;

/** A profile for version 4 alone, in order, is what our own encoder writes. */
function encodeProfile(profile: ClientProfile): Uint8Array {
  const isPlain = profile.dsaKey === undefined && profile.transitionalSignature === undefined;
  const isAscii = Array.from(profile.versions).every((digit) => digit.charCodeAt(0) < 0x80);
  const inOrder = equalBytes(profile.raw.subarray(4, 4 + profile.signed.length), profile.signed);
  if (!isPlain || !isAscii || !inOrder) return profile.raw;
  return encodeClientProfile(encodeProfileFields(profile), profile.signature);
}

export const CODEC_TARGETS: readonly TargetPlan[] = [
  codecTarget({
    name: 'identity',
    tries: ['decodeIdentity', 'readClientProfile'],
    decode: decodeIdentity,
    encode: encodeIdentity,
    seeds: () => bytesOf(realMessages().identities),
  }),
  codecTarget({
    name: 'auth-r',
    tries: ['decodeAuthR'],
    decode: decodeAuthR,
    encode: encodeAuthR,
    seeds: () => bytesOf([realMessages().authR]),
  }),
  codecTarget({
    name: 'auth-i',
    tries: ['decodeAuthI'],
    decode: decodeAuthI,
    encode: encodeAuthI,
    seeds: () => bytesOf([realMessages().authI]),
  }),
  codecTarget({
    name: 'data-message',
    tries: ['decodeDataMessage'],
    decode: (bytes) => decodeDataMessage(bytes).message,
    encode: (message) =>
      encodeDataMessage(encodeDataSections(message), message.authenticator, [
        message.revealedMacKeys,
      ]),
    seeds: () => bytesOf(realMessages().data),
    normalise: (bytes) => bytes.with(FLAGS_AT, (bytes[FLAGS_AT] ?? 0) & 1),
  }),
  codecTarget({
    name: 'non-interactive-auth',
    tries: ['decodeNonInteractiveAuth'],
    decode: decodeNonInteractiveAuth,
    encode: encodeNonInteractiveAuth,
    seeds: () => [offlineMessages().auth],
  }),
  codecTarget({
    name: 'prekey-message',
    tries: ['decodePrekeyMessage', 'readPrekeyMessage'],
    decode: decodePrekeyMessage,
    encode: encodePrekeyMessage,
    seeds: () => [offlineMessages().prekeyMessage],
  }),
  codecTarget({
    name: 'prekey-profile',
    tries: ['decodePrekeyProfile', 'readPrekeyProfile', 'readExpiration', 'readTypedKey'],
    decode: decodePrekeyProfile,
    encode: (profile) => encodePrekeyProfile(encodePrekeyProfileFields(profile), profile.signature),
    seeds: () => [offlineMessages().prekeyProfile],
  }),
  codecTarget({
    name: 'client-profile',
    tries: ['decodeClientProfile'],
    decode: decodeClientProfile,
    encode: encodeProfile,
    seeds: () => [ALICE.raw],
  }),
  {
    name: 'header',
    tries: ['peekHeader', 'readHeader', 'readAddressedHeader'],
    boundMs: 25,
    batch: 4000,
    make: () => ({
      seeds: bytesOf([...realMessages().identities, realMessages().authI]).map((bytes) =>
        bytes.slice(0, 12),
      ),
      attempt: (input) => {
        try {
          const header = peekHeader(asBytes(input));
          const again = writeHeader(header).finish();
          expectThat(
            equalBytes(again, asBytes(input).subarray(0, again.length)),
            'two-spellings',
            'header',
          );
          return `type ${header.type.toString()}`;
        } catch (cause) {
          return refusal(cause);
        }
      },
    }),
  },
  {
    name: 'instance-tag',
    tries: ['validateInstanceTag', 'validateReceiverTag'],
    boundMs: 25,
    batch: 4000,
    make: () => ({
      seeds: [Uint8Array.of(0, 0, 1, 0), Uint8Array.of(0xff, 0xff, 0xff, 0xff), new Uint8Array(8)],
      attempt: (input) => {
        const padded = new Uint8Array(8);
        padded.set(asBytes(input).subarray(0, 8));
        const view = new DataView(padded.buffer);
        const values = [view.getUint32(0), view.getFloat64(0), view.getInt32(4)];
        return values.map((value) => tagVerdict(value)).join(', ');
      },
    }),
  },
  {
    name: 'tlv',
    tries: ['decodePlaintext', 'decodeUtf8'],
    boundMs: 25,
    batch: 2000,
    make: () => ({
      seeds: [
        encodePlaintext({ text: 'text', tlvs: [] }),
        encodePlaintext({ text: 'padded', tlvs: [] }, 256),
        encodePlaintext({ text: '', tlvs: [{ type: 1, value: new Uint8Array(0) }] }),
        encodePlaintext({
          text: 'ü',
          tlvs: [2, 3, 4, 5, 6, 7, 0xffff].map((type) => ({
            type,
            value: new Uint8Array(type % 9),
          })),
        }),
        Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0),
      ],
      attempt: (input) => {
        const { text, tlvs } = decodePlaintext(asBytes(input));
        expectThat(tlvs.length <= LIMITS.tlvs, 'growth', 'more TLVs than allowed');
        expectThat(!text.includes('\0'), 'two-spellings', 'NUL in the text');
        const again = decodePlaintext(encodePlaintext({ text, tlvs }));
        const isSame = again.text === text && told(again.tlvs) === told(tlvs);
        expectThat(isSame, 'two-spellings', 'text or records change when written and read again');
        expectThat(decodeUtf8(encodeUtf8(text)) === text, 'two-spellings', 'text');
        return `${tlvs.length.toString()} of ${[...new Set(tlvs.map(({ type }) => Math.min(type, 9)))].join()}`;
      },
    }),
  },
];

function told(tlvs: readonly Tlv[]): string {
  return tlvs.map(({ type, value }) => `${type.toString()} ${formatHex(value)}`).join();
}

function tagVerdict(value: number): string {
  return [validateInstanceTag, validateReceiverTag]
    .map((validate) => {
      try {
        const tag = validate(value, 'tag');
        const isTag = Number.isInteger(tag) && tag < 2 ** 32 && (tag >= 0x100 || tag === 0);
        expectThat(isTag && tag === value, 'forgery', `tag ${value.toString()}`);
        return 'tag';
      } catch (cause) {
        return refusal(cause);
      }
    })
    .join(' ');
}
