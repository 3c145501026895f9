// SPDX-License-Identifier: GPL-3.0-or-later

import { argon2Sync } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import * as v from 'valibot';
import { Secret } from '#otr/crypto/secret.ts';
import { type LongTermKey, openLongTermKey } from '#otr/profile/long-term-key.ts';
import { FORGING_FILE_KIND } from '../../src/main/account/forging-file.ts';
import { KDF_BOUNDS, KEY_LENGTH } from '../../src/main/vault/kdf.ts';
import { Complaint } from './complaint.ts';
import { readKeyBytes } from './files.ts';

const SEED_LENGTH = 57;
const SYMMETRIC_LENGTH = 64;

/** A MAC key, message key or chain key: 64 bytes, or 128 hexadecimal digits. */
export function readSymmetricKey(path: string): Secret<64> {
  return Secret.own(toKey(path, readKeyBytes(path), SYMMETRIC_LENGTH), SYMMETRIC_LENGTH);
}

/**
 * A long-term key or a forging key: 57 bytes, 114 hexadecimal digits, or the deniability key that
 * Sotto wrote at set-up.
 *
 * @param passphraseFile for the last of these
 */
export function readPair(path: string, passphraseFile: string | undefined): LongTermKey {
  const content = readKeyBytes(path);
  const seed = content[0] === 0x7b ? unseal(path, content, passphraseFile) : content;
  return openLongTermKey(Secret.own(toKey(path, seed, SEED_LENGTH), SEED_LENGTH));
}

function toKey(path: string, content: Uint8Array, length: number): Uint8Array {
  if (content.length === length) return content;
  const digits = new TextDecoder().decode(content).trim();
  if (digits.length !== 2 * length || !/^[0-9a-f]+$/i.test(digits)) {
    throw new Complaint(
      `${path} does not hold a key of the right kind.`,
      `It has to hold ${length} bytes, or the same as ${2 * length} hexadecimal digits.`,
    );
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

const base64 = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
);
const between = ({ min, max }: { readonly min: number; readonly max: number }) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** What `account/forging-file.ts` writes. */
const DeniabilityFile = v.strictObject({
  kind: v.literal(FORGING_FILE_KIND),
  kdf: v.strictObject({
    name: v.literal('argon2id'),
    memoryKiB: between(KDF_BOUNDS.memoryKiB),
    passes: between(KDF_BOUNDS.passes),
    lanes: between(KDF_BOUNDS.lanes),
    salt: base64,
  }),
  cipher: v.strictObject({
    name: v.literal('xchacha20-poly1305'),
    nonce: v.pipe(base64, v.length(24)),
  }),
  sealed: base64,
});

function unseal(path: string, content: Uint8Array, passphraseFile: string | undefined): Uint8Array {
  const parsed = v.safeParse(DeniabilityFile, parseJson(content));
  if (!parsed.success) {
    throw new Complaint(
      `${path} is not a deniability key of Sotto, or it is damaged.`,
      'Use the file as Sotto wrote it when the account was set up.',
    );
  }
  if (passphraseFile === undefined) {
    throw new Complaint(
      `${path} is sealed under a passphrase.`,
      'Write the passphrase into a file that only you can read, and name it: --passphrase-file FILE',
    );
  }
  const { kdf, cipher, sealed } = parsed.output;
  const passphrase = withoutLastNewline(readKeyBytes(passphraseFile));
  const key = argon2Sync('argon2id', {
    message: passphrase,
    nonce: kdf.salt,
    memory: kdf.memoryKiB,
    passes: kdf.passes,
    parallelism: kdf.lanes,
    tagLength: KEY_LENGTH,
  });
  passphrase.fill(0);
  const box = xchacha20poly1305(key, cipher.nonce, new TextEncoder().encode(FORGING_FILE_KIND));
  try {
    return box.decrypt(sealed);
  } catch {
    throw new Complaint(
      `The passphrase does not open ${path}, or the file is damaged.`,
      'Check the passphrase: it is the one you chose for this file, not the one of the account.',
    );
  } finally {
    key.fill(0);
  }
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}

function withoutLastNewline(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, end);
}
