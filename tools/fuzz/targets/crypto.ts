// SPDX-License-Identifier: GPL-3.0-or-later

import { ed448 } from '@noble/curves/ed448.js';
import { concat, decodeUtf8, encodeData, encodeUtf8, formatHex } from '#otr/bytes.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { DH_LENGTH, validateDhElement } from '#otr/crypto/dh3072.ts';
import { generateEcdh, toScalar, validatePoint } from '#otr/crypto/ed448.ts';
import { decodeBigEndian, decodeLittleEndian, encodeUnsigned } from '#otr/crypto/integer.ts';
import { signRing, verifyRing, type Ring } from '#otr/crypto/ring-signature.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { validatePublishedProfile } from '#otr/profile/client-profile.ts';
import {
  decodeSmp1,
  decodeSmp2,
  decodeSmp3,
  decodeSmp4,
  encodeSmp1,
  encodeSmp2,
  encodeSmp3,
  encodeSmp4,
} from '#otr/smp/messages.ts';
import { Clock, clockedEnv, renewedIdentityOf } from '../../../test/support/two-parties.ts';
import { DH_PRIME, hostileValues } from '../hostile-values.ts';
import { reduced, SMP_SCALARS } from '../scalars.ts';
import { ALICE, BOB, bytesOf, isWellFormed, realMessages } from '../messages.ts';
import { realSmpRecords } from '../insider.ts';
import { asBytes, expectThat, refusal, type Input, type TargetPlan } from '../target.ts';
import { OFFLINE_TARGETS } from './offline.ts';

const { Point } = ed448;
const ORDER = Point.Fn.ORDER;
const NOW = new Clock();

/** By the letter: decodes, is not the identity, times q is the identity, one spelling. */
function isSoundPoint(bytes: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(bytes);
    return !point.is0() && point.isTorsionFree() && equalBytes(point.toBytes(), bytes);
  } catch {
    return false;
  }
}

function tryPoint(input: Input): string {
  const bytes = asBytes(input);
  const expected = isSoundPoint(bytes);
  try {
    const point = validatePoint(bytes, 'point');
    expectThat(expected, 'forgery', 'a point that is none');
    expectThat(equalBytes(point, bytes), 'two-spellings', 'point');
    return 'sound';
  } catch (cause) {
    const said = refusal(cause);
    expectThat(!expected, 'two-spellings', 'a sound point was refused');
    return said;
  }
}

/** q and above is accepted, and read as what it is modulo q (C-22). */
function tryScalar(input: Input): string {
  const bytes = new Uint8Array(57);
  bytes.set(asBytes(input).subarray(0, 57));
  const scalar = toScalar(bytes);
  const isReduced = decodeLittleEndian(bytes) < ORDER;
  expectThat(equalBytes(scalar, reduced(bytes)), 'two-spellings', 'scalar');
  expectThat(isReduced === equalBytes(scalar, bytes), 'two-spellings', 'scalar');
  return isReduced ? 'scalar' : 'reduced';
}

/** As long as an MPI may be at most, and a little longer: no reader lets more through. */
function tryDhElement(input: Input): string {
  const value = decodeBigEndian(asBytes(input).subarray(0, DH_LENGTH + 16));
  const again = decodeBigEndian(encodeUnsigned(value));
  expectThat(again === value, 'two-spellings', 'integer');
  try {
    validateDhElement(value, 'dh');
    expectThat(value >= 2n && value <= DH_PRIME - 2n, 'forgery', 'out of range');
    return 'element';
  } catch (cause) {
    return refusal(cause);
  }
}

const SIGNED = [ALICE, BOB, renewedIdentityOf('alice').profile].map(({ raw }) =>
  formatHex(decodeClientProfile(raw).signed),
);

function expectGenuineProfile(bytes: Uint8Array): void {
  const isGenuine = SIGNED.includes(formatHex(decodeClientProfile(bytes).signed));
  expectThat(isGenuine, 'forgery', 'a profile that nobody signed');
}

function tryProfile(input: Input): string {
  try {
    const valid = validatePublishedProfile(asBytes(input), ALICE.ownerTag, NOW.nowMs);
    expectGenuineProfile(valid.raw);
    return 'valid';
  } catch (cause) {
    return refusal(cause);
  }
}

function tryOffer(input: Input): string {
  const bytes = asBytes(input);
  const env = clockedEnv('offer', NOW);
  try {
    const message = isWellFormed(decodeIdentity, bytes)
      ? decodeIdentity(bytes)
      : decodeAuthR(bytes);
    const offer = validateOffer(message, env);
    expectGenuineProfile(offer.profile.raw);
    const isSound = isSoundPoint(offer.ecdhPublic) && isSoundPoint(offer.firstEcdh);
    expectThat(isSound, 'forgery', 'an unsound key');
    return 'valid';
  } catch (cause) {
    return refusal(cause);
  }
}

/** A ring signature, and what it was made over. */
function signed(): {
  readonly ring: Ring;
  readonly message: Uint8Array;
  readonly sigma: Uint8Array;
} {
  const env = clockedEnv('ring', NOW);
  const signer = generateEcdh(env);
  const ring: Ring = [BOB.publicKey, BOB.forgingKey, signer.public];
  const message = new Uint8Array(100).fill(3);
  const sigma = signRing(signer, ring, message, env);
  return { ring, message, sigma };
}

const SMP_CODECS = [
  [decodeSmp1, encodeSmp1],
  [decodeSmp2, encodeSmp2],
  [decodeSmp3, encodeSmp3],
  [decodeSmp4, encodeSmp4],
] as const;

const NONE = new Uint8Array(0);

/** A question is text: what is no UTF-8 in it is read as U+FFFD, for which no proof stands. */
function splitQuestion(value: Uint8Array) {
  const length = new DataView(value.buffer, value.byteOffset).getUint32(0);
  const question = encodeUtf8(decodeUtf8(value.subarray(4, 4 + length)));
  return { head: encodeData(question), body: value.subarray(4 + length) };
}

function smpTarget(number: 1 | 2 | 3 | 4): TargetPlan {
  const [decode, encode] = SMP_CODECS[number - 1] as readonly [
    (value: Uint8Array) => unknown,
    (value: never) => Uint8Array,
  ];
  return {
    name: `smp-${number.toString()}`,
    tries: [`decodeSmp${number.toString()}`],
    boundMs: 60,
    batch: 200,
    make: () => ({
      seeds: realSmpRecords()
        .filter(({ type }) => type === number + 1)
        .map(({ value }) => value),
      dictionary: hostileValues(),
      attempt: (input) => {
        const bytes = asBytes(input);
        try {
          const again = encode(decode(bytes) as never);
          const { head, body } = number === 1 ? splitQuestion(bytes) : { head: NONE, body: bytes };
          const expected = concat(head, reduced(body, SMP_SCALARS[number]));
          expectThat(equalBytes(again, expected), 'two-spellings', 'SMP record');
          return 'read';
        } catch (cause) {
          return refusal(cause);
        }
      },
    }),
  };
}

const CRYPTO = { boundMs: 250, batch: 50 } as const;

export const CRYPTO_TARGETS: readonly TargetPlan[] = [
  {
    ...CRYPTO,
    name: 'point',
    tries: ['validatePoint'],
    make: () => ({
      seeds: [
        ALICE.publicKey,
        BOB.forgingKey,
        ...hostileValues().filter(({ length }) => length === 57),
      ],
      attempt: tryPoint,
    }),
  },
  {
    ...CRYPTO,
    batch: 2000,
    name: 'scalar',
    tries: ['toScalar', 'decodeLittleEndian'],
    make: () => ({
      seeds: hostileValues().filter(({ length }) => length === 57),
      attempt: tryScalar,
    }),
  },
  {
    ...CRYPTO,
    name: 'dh-element',
    tries: ['validateDhElement', 'decodeBigEndian'],
    make: () => ({
      seeds: hostileValues().filter(({ length }) => length !== 57),
      attempt: tryDhElement,
    }),
  },
  {
    ...CRYPTO,
    name: 'profile-validation',
    tries: ['validatePublishedProfile', 'validateClientProfile', 'validateExpiration', 'verify'],
    make: () => ({
      seeds: [ALICE.raw, BOB.raw, renewedIdentityOf('alice').profile.raw],
      dictionary: hostileValues(),
      attempt: tryProfile,
    }),
  },
  {
    ...CRYPTO,
    name: 'offer-validation',
    tries: ['validateOffer'],
    make: () => ({
      seeds: bytesOf([...realMessages().identities, realMessages().authR]),
      dictionary: hostileValues(),
      attempt: tryOffer,
    }),
  },
  {
    ...CRYPTO,
    batch: 20,
    name: 'ring-signature',
    tries: ['verifyRing'],
    make: () => {
      const { ring, message, sigma } = signed();
      return {
        seeds: [sigma],
        dictionary: hostileValues(),
        attempt: (input) => {
          const bytes = asBytes(input);
          try {
            const isAccepted = verifyRing(ring, bytes, message);
            const isGenuine = bytes.length === 342 && equalBytes(reduced(bytes), sigma);
            expectThat(isAccepted === isGenuine, 'forgery', 'ring signature');
            return isAccepted ? 'genuine' : 'false';
          } catch (cause) {
            return refusal(cause);
          }
        },
      };
    },
  },
  ...([1, 2, 3, 4] as const).map(smpTarget),
  ...OFFLINE_TARGETS,
];
