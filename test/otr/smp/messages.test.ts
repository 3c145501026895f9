// SPDX-License-Identifier: GPL-3.0-or-later
import { ed448 } from '@noble/curves/ed448.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';

import { concat, decodeUtf8, encodeData, encodeUtf8 } from '#otr/bytes.ts';
import { randomScalar } from '#otr/crypto/ed448.ts';
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
import { acceptSmp1, answerSmp1, answerSmp2, answerSmp3, beginSmp } from '#otr/smp/run.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const env = seededEnv('smp-messages');
const smp1 = beginSmp(randomScalar(env), 'wer?', env);
const smp2 = answerSmp1(acceptSmp1(smp1.value), randomScalar(env), env);
const smp3 = answerSmp2(smp1.run, smp2.value, env);
const smp4 = answerSmp3(smp2.run, smp3.value, env);

/** Parts of 57 bytes; every one that is no point is reduced mod q, as a receiver does. */
function reduceScalars(parts: Uint8Array, points: readonly number[]): Uint8Array {
  const reduced = parts.slice();
  for (let part = 0; part * 57 < parts.length; part += 1) {
    if (points.includes(part)) continue;
    const value = bytesToNumberLE(parts.subarray(57 * part, 57 * part + 57));
    reduced.set(numberToBytesLE(value % ed448.Point.Fn.ORDER, 57), 57 * part);
  }
  return reduced;
}

/** A question that is no UTF-8 is repaired, too. */
function normaliseSmp1(input: Uint8Array): Uint8Array {
  const end = input.length - 6 * 57;
  const question = encodeData(encodeUtf8(decodeUtf8(input.subarray(4, end))));
  return concat(question, reduceScalars(input.subarray(end), [0, 3]));
}

describeDecoderLaws('SMP message 1', {
  decode: decodeSmp1,
  encode: encodeSmp1,
  samples: [smp1.value, beginSmp(randomScalar(env), undefined, env).value],
  normalise: normaliseSmp1,
  runs: 60,
});
describeDecoderLaws('SMP message 2', {
  decode: decodeSmp2,
  encode: encodeSmp2,
  samples: [smp2.value],
  normalise: (input) => reduceScalars(input, [0, 3, 6, 7]),
  runs: 60,
});
describeDecoderLaws('SMP message 3', {
  decode: decodeSmp3,
  encode: encodeSmp3,
  samples: [smp3.value],
  normalise: (input) => reduceScalars(input, [0, 1, 5]),
  runs: 60,
});
describeDecoderLaws('SMP message 4', {
  decode: decodeSmp4,
  encode: encodeSmp4,
  samples: [smp4.value],
  normalise: (input) => reduceScalars(input, [0]),
  runs: 60,
});
