// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays that hold something secret for a moment, and belong to nobody's state: seen where they pass
// from one module to another, or through the methods they are read with.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { randomDhNonce } from '#otr/crypto/dh-batch.ts';
import { dhShared, generateDh, powerInDhGroup } from '#otr/crypto/dh3072.ts';
import { randomNonce } from '#otr/crypto/ed448.ts';
import { decodeLittleEndian, encodeUnsigned } from '#otr/crypto/integer.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { forgeDataMessage, readDataMessage } from '#otr/forging/data-message.ts';
import { openSnapshot, sealSnapshot } from '#otr/session/snapshot.ts';
import { deriveComparedSecret } from '#otr/smp/compared-secret.ts';

import { OfflineParties } from '../../support/offline-parties.ts';
import { ratchetPair } from '../../support/ratchet-pair.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { identityOf } from '../../support/two-parties.ts';

interface Seen {
  readonly bytes: Uint8Array;
  /** As it was when it passed by. */
  readonly held: string;
}

/** What went into a function, or came out of it. */
const passed = vi.hoisted(() => {
  const all: Seen[] = [];
  const keep = (bytes: Uint8Array): void => {
    all.push({ bytes, held: String.fromCharCode(...bytes) });
  };
  return { all, keep };
});

vi.mock(import('#otr/crypto/cipher.ts'), async (original) => {
  const { cipher } = await original();
  return {
    cipher(key, bytes) {
      const result = cipher(key, bytes);
      for (const each of [bytes, result]) passed.keep(each);
      return result;
    },
  };
});

vi.mock(import('#otr/crypto/aead.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    sealAead(context, plaintext) {
      passed.keep(plaintext);
      return real.sealAead(context, plaintext);
    },
    openAead(context, ciphertext) {
      const plaintext = real.openAead(context, ciphertext);
      if (plaintext !== undefined) passed.keep(plaintext);
      return plaintext;
    },
  };
});

vi.mock(import('#otr/crypto/kdf.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    kdf(usage, values, size) {
      for (const value of values) if (value instanceof Uint8Array) passed.keep(value);
      return real.kdf(usage, values, size);
    },
  };
});

beforeEach(() => {
  passed.all.splice(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Of every array that said `text` when it passed: whether nothing is left in it. */
function cleared(text: string): readonly boolean[] {
  return passed.all.filter(({ held }) => held.includes(text)).map(({ bytes }) => isZero(bytes));
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((octet) => octet === 0);

describe('plaintext', () => {
  it('otr:§7 is wiped once it is encrypted, and once it is read', () => {
    const { alice, bob } = ratchetPair();
    const bytes = alice.say('the words');
    expect(cleared('the words')).toEqual([true]);
    expect(bob.hear(bytes)).toBe('the words');
    expect(cleared('the words')).toEqual([true, true]);
  });

  it('otr:§7 is wiped when it was forged, the old and the new', () => {
    const { alice } = ratchetPair();
    const chainKey = alice.ratchet.sending?.copy();
    if (chainKey === undefined) throw new RangeError('Alice cannot send');
    const bytes = alice.say('the words');
    expect(readDataMessage(bytes, chainKey)?.text).toBe('the words');
    expect(cleared('the words')).toEqual([true, true]);
    forgeDataMessage(bytes, chainKey, 'others');
    expect(cleared('the words')).toEqual([true, true, true]);
    expect(cleared('others')).toEqual([true]);
  });

  it('otr:§7 of a snapshot is wiped when it is sealed, opened, or malformed', () => {
    const { alice } = OfflineParties.begunByAlice();
    const key = Secret.own(new Uint8Array(32).fill(7), 32);
    const { ourJid, theirJid, own } = alice.state.context;
    const params = { ourJid, theirJid, own };
    passed.all.splice(0);
    const bytes = sealSnapshot(alice.state, key, alice.env) ?? new Uint8Array();
    const whole = (): readonly Seen[] => passed.all.filter(({ held }) => held.length > 500);
    expect(whole().map((each) => isZero(each.bytes))).toEqual([true]);
    expect(openSnapshot(bytes, key, params, alice.env).ok).toBe(true);
    expect(whole().map((each) => isZero(each.bytes))).toEqual([true, true]);
  });
});

describe('what was typed to be compared', () => {
  it('otr:§7 is wiped once its hash is made', () => {
    const { fingerprint } = identityOf('alice').profile;
    const context = {
      ourFingerprint: fingerprint,
      theirFingerprint: fingerprint,
      ssid: new Uint8Array(8),
    };
    deriveComparedSecret('the blue house', 'asker', context).wipe();
    expect(cleared('the blue house')).toEqual([true]);
  });
});

describe('numbers on their way to bytes and back', () => {
  it('otr:§7 leave no reversed and no padded copy', () => {
    const reversed = vi.spyOn(Uint8Array.prototype, 'toReversed');
    expect(decodeLittleEndian(Uint8Array.of(1, 2, 3))).toBe(0x030201n);
    expect(reversed.mock.results.map(({ value }) => [...(value as Uint8Array)])).toEqual([
      [0, 0, 0],
    ]);
    const sliced = vi.spyOn(Uint8Array.prototype, 'slice');
    expect(encodeUnsigned(0x0102n)).toEqual(Uint8Array.of(1, 2));
    expect(sliced.mock.contexts.map((padded) => isZero(padded as Uint8Array))).toEqual([true]);
  });
});

describe('what the world gives', () => {
  it('otr:§7 is wiped: a shared DH secret that native code computed', () => {
    const ours = generateDh(seededEnv('ours')).secret;
    const given: Uint8Array[] = [];
    const dhPower = (base: Uint8Array, exponent: Uint8Array): Uint8Array => {
      const power = powerInDhGroup(base, exponent);
      given.push(power);
      return power;
    };
    dhShared(ours, generateDh(seededEnv('theirs')).public, { dhPower }).wipe();
    expect(given.map(isZero)).toEqual([true]);
  });

  it('otr:§7 is wiped: what a nonce was made of, and what was no nonce', () => {
    const drawn: Uint8Array[] = [];
    const env = {
      ...seededEnv('nonces'),
      random(length: number) {
        // Above dh_q, so that it is drawn again; then below.
        const bytes = new Uint8Array(length).fill(drawn.length === 0 ? 0xff : 0x11);
        drawn.push(bytes);
        return bytes;
      },
    };
    const nonce = randomDhNonce(env);
    expect(drawn.map(isZero)).toEqual([true, false]);
    nonce.wipe();
    expect(drawn.map(isZero)).toEqual([true, true]);
    randomNonce(env).wipe();
    expect(drawn.map(isZero)).toEqual([true, true, true]);
  });
});
