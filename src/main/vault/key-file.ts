// SPDX-License-Identifier: GPL-3.0-or-later
import * as v from 'valibot';
import { err, ok, type Result } from '#shared/std/result.ts';
import { KDF_BOUNDS, type KdfParams } from './kdf.ts';

/** The version this program writes, and the newest it reads. */
export const KEY_FILE_VERSION = 1;
/** Bytes; a real one has less than a tenth. */
const MAX_LENGTH = 16_384;

/** The store's key, sealed with XChaCha20-Poly1305 under the slot's own key. */
export interface Box {
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** 32 bytes and the tag of 16. */
  readonly sealed: Uint8Array;
}

export interface PassphraseSlot extends Box {
  readonly type: 'passphrase';
  readonly kdf: KdfParams;
}

export interface KeyringSlot extends Box {
  readonly type: 'keyring';
  /** Who wrapped it. Another one cannot open it, and must not try. */
  readonly backend: string;
  /** The slot's key, as the system sealed it. */
  readonly wrapped: Uint8Array;
}

export type Slot = PassphraseSlot | KeyringSlot;

export interface KeyFile {
  /** 16 bytes: the id of the store this opens. */
  readonly id: Uint8Array;
  readonly createdAt: number;
  /** At least one; no two of a type. Each alone opens the store. */
  readonly slots: readonly Slot[];
}

export type KeyFileError = 'damaged' | 'newer';

const hex = (length: number): v.GenericSchema<string, Uint8Array> =>
  v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(2 * length), v.transform(fromHex));
const between = ({ min, max }: { readonly min: number; readonly max: number }) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const box = { nonce: hex(24), sealed: hex(48) };
const PassphraseSlotSchema = v.strictObject({
  type: v.literal('passphrase'),
  kdf: v.strictObject({
    name: v.literal('argon2id'),
    memoryKiB: between(KDF_BOUNDS.memoryKiB),
    passes: between(KDF_BOUNDS.passes),
    lanes: between(KDF_BOUNDS.lanes),
    salt: hex(16),
  }),
  ...box,
});
const KeyringSlotSchema = v.strictObject({
  type: v.literal('keyring'),
  backend: v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,32}$/)),
  wrapped: v.pipe(
    v.string(),
    v.regex(/^(?:[0-9a-f]{2})+$/),
    v.maxLength(8192),
    v.transform(fromHex),
  ),
  ...box,
});
const KeyFileSchema = v.strictObject({
  v: v.literal(KEY_FILE_VERSION),
  id: hex(16),
  createdAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  slots: v.pipe(
    v.array(v.variant('type', [PassphraseSlotSchema, KeyringSlotSchema])),
    v.minLength(1),
    v.maxLength(2),
    v.check((slots) => new Set(slots.map(({ type }) => type)).size === slots.length),
  ),
});
const Versioned = v.looseObject({ v: v.pipe(v.number(), v.integer()) });

/**
 * Reads a key file. There is exactly one spelling of each: a file that does not come out the same
 * when written again is damaged.
 */
export function parseKeyFile(bytes: Uint8Array): Result<KeyFile, KeyFileError> {
  if (bytes.length > MAX_LENGTH) return err('damaged');
  const json = parseJson(bytes);
  const versioned = v.safeParse(Versioned, json);
  if (versioned.success && versioned.output.v > KEY_FILE_VERSION) return err('newer');
  const parsed = v.safeParse(KeyFileSchema, json);
  if (!parsed.success) return err('damaged');
  const { id, createdAt, slots } = parsed.output;
  const file: KeyFile = { id, createdAt, slots };
  return Buffer.from(formatKeyFile(file)).equals(bytes) ? ok(file) : err('damaged');
}

export function formatKeyFile({ id, createdAt, slots }: KeyFile): Uint8Array {
  const file = { v: KEY_FILE_VERSION, id: toHex(id), createdAt, slots: slots.map(toJson) };
  return Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`);
}

/**
 * Everything a slot's box is bound to: whose it is and how its key is made. A box moved to another
 * file, or next to other parameters, does not open.
 */
export function associatedData(
  file: Pick<KeyFile, 'id' | 'createdAt'>,
  slot: Omit<PassphraseSlot, keyof Box> | Omit<KeyringSlot, keyof Box>,
): Uint8Array {
  return Buffer.from(
    JSON.stringify([
      'Sotto key file',
      KEY_FILE_VERSION,
      toHex(file.id),
      file.createdAt,
      head(slot),
    ]),
  );
}

function head(slot: Omit<PassphraseSlot, keyof Box> | Omit<KeyringSlot, keyof Box>): object {
  if (slot.type === 'keyring') {
    return { type: slot.type, backend: slot.backend, wrapped: toHex(slot.wrapped) };
  }
  const { memoryKiB, passes, lanes, salt } = slot.kdf;
  return {
    type: slot.type,
    kdf: { name: 'argon2id', memoryKiB, passes, lanes, salt: toHex(salt) },
  };
}

const toJson = (slot: Slot): object => ({
  ...head(slot),
  nonce: toHex(slot.nonce),
  sealed: toHex(slot.sealed),
});

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

// Nothing in this file is a secret in clear: ids, salts, nonces, ciphertexts.
function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
