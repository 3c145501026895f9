// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { Reader } from '#otr/codec/reader.ts';
import {
  decodePrekeyMessage,
  encodePrekeyMessage,
  readPrekeyMessage,
} from '#otr/codec/prekey-message.ts';
import { OtrError } from '#otr/errors.ts';
import {
  createPrekeyMessage,
  openPrekeyPair,
  prekeySecrets,
  validatePrekeyMessage,
} from '#otr/profile/prekey-message.ts';

import { badPoints } from '../../support/bad-points.ts';
import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { KNOWN_PREKEY_ID, knownPublication } from '../../support/known-prekeys.ts';
import { digest } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import known from '../../vectors/appendix-a/non-interactive-dake.json';

const { prekeyMessage } = knownPublication();
const owner = { ownerTag: KNOWN_TAGS.bob, mode: 'compatible' } as const;

function codeOf(bytes: Uint8Array, tag = KNOWN_TAGS.bob): OtrError['code'] | 'valid' {
  try {
    validatePrekeyMessage(decodePrekeyMessage(bytes), tag);
  } catch (error) {
    if (error instanceof OtrError) return error.code;
    throw error;
  }
  return 'valid';
}

describe('own prekey message', () => {
  it('is, byte for byte, the known one', () => {
    expect(prekeyMessage).toHaveLength(known['Prekey message'].length);
    expect(digest(prekeyMessage)).toBe(known['Prekey message'].digest);
    const { id, ownerTag } = decodePrekeyMessage(prekeyMessage);
    expect([id, ownerTag]).toEqual([KNOWN_PREKEY_ID, KNOWN_TAGS.bob]);
  });

  it('is made of fresh keys, and its pair can be opened again from what is stored', () => {
    const env = seededEnv('prekeys');
    const { pair, raw } = createPrekeyMessage(owner, env);
    const other = createPrekeyMessage(owner, env);
    expect(other.pair.id).not.toBe(pair.id);
    expect(other.pair.ecdh.public).not.toEqual(pair.ecdh.public);
    expect(codeOf(raw)).toBe('valid');
    const [y, b] = prekeySecrets(pair);
    const opened = openPrekeyPair(raw, { ecdh: y, dh: b });
    expect(opened).toEqual(pair);
  });

  it('takes no id that is taken', () => {
    const first = createPrekeyMessage(owner, seededEnv('same')).pair.id;
    const { pair } = createPrekeyMessage(owner, seededEnv('same'), new Set([first]));
    expect(pair.id).not.toBe(first);
  });

  it('mode:I-07 is never made where both must be online', () => {
    const env = {
      ...seededEnv('none'),
      random: () => {
        throw new Error('randomness was drawn');
      },
    };
    const none = { ...owner, mode: 'interactive-only' } as const;
    expect(() => createPrekeyMessage(none, env)).toThrow(RangeError);
  });
});

describe("a peer's prekey message", () => {
  const fields = decodePrekeyMessage(prekeyMessage);

  it('is valid for its owner alone', () => {
    expect(codeOf(prekeyMessage)).toBe('valid');
    expect(codeOf(prekeyMessage, KNOWN_TAGS.alice)).toBe('bad-tag');
  });

  it('otr:T-087 is refused when Y is none of the points a key may be', () => {
    for (const ecdhPublic of badPoints().slice(0, 12)) {
      expect(codeOf(encodePrekeyMessage({ ...fields, ecdhPublic }))).toBe('bad-point');
    }
  });

  it('otr:T-087 is refused when B is outside the group', () => {
    for (const dhPublic of [0n, 1n, (1n << 3072n) - 1n]) {
      expect(codeOf(encodePrekeyMessage({ ...fields, dhPublic }))).toBe('bad-dh-element');
    }
  });

  it('is refused with another version or type, and with an owner below 0x100', () => {
    const altered = (at: number, value: number) => {
      const copy = prekeyMessage.slice();
      copy[at] = value;
      return codeOf(copy);
    };
    expect(altered(1, 3)).toBe('wrong-version');
    expect(altered(2, 0x55)).toBe('wrong-type');
    const small = encodePrekeyMessage(fields);
    new DataView(small.buffer).setUint32(7, 0xff);
    expect(codeOf(small)).toBe('bad-tag');
  });

  it('may have any id', () => {
    for (const id of [0, 0xffffffff]) {
      expect(decodePrekeyMessage(encodePrekeyMessage({ ...fields, id })).id).toBe(id);
    }
  });

  it('is read out of a list, one after the other', () => {
    const read = new Reader(Uint8Array.from([...prekeyMessage, ...prekeyMessage]));
    expect(readPrekeyMessage(read)).toEqual(readPrekeyMessage(read));
    expect(read.remaining).toBe(0);
  });
});

describeDecoderLaws('Prekey message', {
  decode: decodePrekeyMessage,
  encode: encodePrekeyMessage,
  samples: [prekeyMessage],
});
