// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { concat, encodeUtf8, formatHex, parseHex } from '#otr/bytes.ts';
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
} from '#otr/codec/data-message.ts';
import type { Ciphertext, DataMessage, DataSections } from '#otr/codec/data-message.ts';
import { encodePlaintext, TLV_TYPE } from '#otr/codec/tlv.ts';
import { cipher } from '#otr/crypto/cipher.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import { deriveSecret, kdf, USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';

import { describeDecoderLaws } from '../../support/decoder-laws.ts';
import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { digest, labelled, labelledEnv } from '../../support/labelled-random.ts';
import known from '../../vectors/appendix-a/ratchet.json';

function encode(message: DataMessage): Uint8Array {
  const keys = message.revealedMacKeys.length === 0 ? [] : [message.revealedMacKeys];
  return encodeDataMessage(encodeDataSections(message), message.authenticator, keys);
}

function authenticate(sections: Uint8Array, chainKey: string): string {
  const messageKey = deriveSecret(USAGE.messageKey, [parseHex(chainKey)], 64);
  const macKey = deriveSecret(USAGE.macKey, [messageKey], 64);
  return formatHex(kdf(USAGE.authenticator, [macKey, sections], 64));
}

const bobSections: DataSections = {
  senderTag: KNOWN_TAGS.bob,
  receiverTag: KNOWN_TAGS.alice,
  ignoreUnreadable: false,
  previousChainLength: 0,
  ratchetId: 0,
  messageId: 0,
  ecdhPublic: generateEcdh(labelledEnv('bob/ecdh1')).public,
  dhPublic: generateDh(labelledEnv('bob/dh1')).public,
  ciphertext: parseHex(known['Bob msg0 ct']) as Ciphertext,
};
const bobMessage = encodeDataMessage(
  encodeDataSections(bobSections),
  parseHex(known['Bob msg0 authenticator']),
  [],
);
const withoutDh = encodeDataMessage(
  encodeDataSections({
    ...bobSections,
    ignoreUnreadable: true,
    ratchetId: 1,
    dhPublic: undefined,
    ciphertext: new Uint8Array(0) as Ciphertext,
  }),
  labelled('mac', 64),
  [labelled('old', 64), labelled('older', 64)],
);
const flagsAt = 11;

describe('data message', () => {
  it('otr:T-100 is, byte for byte, the known first one of Bob', () => {
    expect(bobMessage).toHaveLength(known['Bob msg0'].length);
    expect(digest(bobMessage)).toBe(known['Bob msg0'].digest);
    const chainKey = known['Bob chain_key[0] (ratchet 0)'];
    expect(authenticate(encodeDataSections(bobSections), chainKey)).toBe(
      known['Bob msg0 authenticator'],
    );
  });

  it('otr:T-100 is, byte for byte, the known first one of Alice, with padding', () => {
    const chainKey = known['Alice chain_key[0] (ratchet 0)'];
    const key = deriveSecret(USAGE.messageKey, [parseHex(chainKey)], 64);
    const plaintext = encodePlaintext({
      text: 'hi',
      tlvs: [{ type: TLV_TYPE.padding, value: new Uint8Array(2) }],
    });
    const sections = encodeDataSections({
      ...bobSections,
      senderTag: KNOWN_TAGS.alice,
      receiverTag: KNOWN_TAGS.bob,
      ecdhPublic: generateEcdh(labelledEnv('alice/ecdh0')).public,
      dhPublic: generateDh(labelledEnv('alice/dh0')).public,
      ciphertext: cipher(key, plaintext) as Ciphertext,
    });
    expect(formatHex(cipher(key, plaintext))).toBe(known['Alice msg0 ct']);
    expect(authenticate(sections, chainKey)).toBe(known['Alice msg0 authenticator']);
    const message = encodeDataMessage(sections, parseHex(known['Alice msg0 authenticator']), []);
    expect(message).toHaveLength(known['Alice msg0'].length);
    expect(digest(message)).toBe(known['Alice msg0'].digest);
  });

  it('reports exactly the bytes the authenticator covers', () => {
    expect(decodeDataMessage(bobMessage).authenticated).toEqual(encodeDataSections(bobSections));
    const { authenticated, message } = decodeDataMessage(withoutDh);
    expect(concat(authenticated, message.authenticator)).toEqual(
      withoutDh.subarray(0, authenticated.length + 64),
    );
    expect(message.revealedMacKeys).toHaveLength(128);
  });

  it('tells an absent DH key from a present one', () => {
    expect(decodeDataMessage(withoutDh).message.dhPublic).toBeUndefined();
    expect(decodeDataMessage(bobMessage).message.dhPublic).toBe(bobSections.dhPublic);
  });

  it('passes over flags it does not know', () => {
    const flagged = bobMessage.slice();
    flagged[flagsAt] = 0xfe;
    expect(decodeDataMessage(flagged).message.ignoreUnreadable).toBe(false);
    flagged[flagsAt] = 0xff;
    expect(decodeDataMessage(flagged).message.ignoreUnreadable).toBe(true);
  });

  it('refuses old MAC keys that are not whole, or beyond 64 KiB', () => {
    const sections = encodeDataSections(bobSections);
    const mac = labelled('mac', 64);
    const decode = (length: number) =>
      decodeDataMessage(encodeDataMessage(sections, mac, [new Uint8Array(length)]));
    expect(() => decode(63)).toThrow(OtrError);
    expect(decode(65_472).message.revealedMacKeys).toHaveLength(65_472);
    expect(decode(65_536).message.revealedMacKeys).toHaveLength(65_536);
    expect(() => decode(65_600)).toThrow(OtrError);
  });

  it('decrypts with nothing but the key', () => {
    const key = Secret.own(parseHex(known.MKenc), 64);
    const { ciphertext } = decodeDataMessage(bobMessage).message;
    expect(cipher(key, ciphertext)).toEqual(encodeUtf8('hello'));
  });
});

describeDecoderLaws('data message', {
  decode: (bytes) => decodeDataMessage(bytes).message,
  encode,
  samples: [bobMessage, withoutDh],
  normalise: (bytes) => {
    const copy = bytes.slice();
    copy[flagsAt] = (copy[flagsAt] ?? 0) & 0x01;
    return copy;
  },
});
