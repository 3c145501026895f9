// SPDX-License-Identifier: GPL-3.0-or-later
import { err, ok, type Result } from '#shared/std/result.ts';
import { openKey, sealKey } from './envelope.ts';
import { type DeriveKey, KDF_COST, KEY_LENGTH, SALT_LENGTH } from './kdf.ts';
import {
  associatedData,
  type KeyFile,
  type KeyringSlot,
  type PassphraseSlot,
  type Slot,
} from './key-file.ts';
import { isTrustworthy, type Keyring } from './keyring.ts';
import type { VaultFailure } from './vault-failure.ts';

export interface SlotTools {
  readonly random: (length: number) => Uint8Array;
  readonly deriveKey: DeriveKey;
  readonly keyring: Keyring;
}

type FileHead = Pick<KeyFile, 'id' | 'createdAt'>;

const NONCE_LENGTH = 24;

/** Random bytes, or a bug: a short or empty answer must stop everything before it is used. */
export function draw(random: SlotTools['random'], length: number): Uint8Array {
  const bytes = random(length);
  if (bytes.length !== length || bytes.every((octet) => octet === 0)) {
    throw new TypeError('the source of randomness failed');
  }
  return bytes;
}

/** A slot for `storeKey`: under the passphrase, or without one under the system's key store. */
export function makeSlot(
  tools: SlotTools,
  file: FileHead,
  storeKey: Uint8Array,
  passphrase: Uint8Array | undefined,
): Promise<Result<Slot, VaultFailure>> {
  return passphrase === undefined
    ? makeKeyringSlot(tools, file, storeKey)
    : makePassphraseSlot(tools, file, storeKey, passphrase);
}

async function makePassphraseSlot(
  { random, deriveKey }: SlotTools,
  file: FileHead,
  storeKey: Uint8Array,
  passphrase: Uint8Array,
): Promise<Result<Slot, VaultFailure>> {
  if (passphrase.length === 0) return err({ reason: 'passphrase-needed' });
  const slot = {
    type: 'passphrase',
    kdf: { ...KDF_COST, salt: draw(random, SALT_LENGTH) },
  } as const;
  const nonce = draw(random, NONCE_LENGTH);
  const slotKey = await deriveKey(passphrase, slot.kdf);
  try {
    return ok({ ...slot, ...sealKey(slotKey, nonce, associatedData(file, slot), storeKey) });
  } finally {
    slotKey.fill(0);
  }
}

async function makeKeyringSlot(
  { random, keyring }: SlotTools,
  file: FileHead,
  storeKey: Uint8Array,
): Promise<Result<Slot, VaultFailure>> {
  if (!(await isTrustworthy(keyring))) return err({ reason: 'keyring-unavailable' });
  const slotKey = draw(random, KEY_LENGTH);
  const nonce = draw(random, NONCE_LENGTH);
  try {
    const wrapped = await keyring.seal(slotKey);
    const slot = { type: 'keyring', backend: keyring.backend(), wrapped } as const;
    const made = { ...slot, ...sealKey(slotKey, nonce, associatedData(file, slot), storeKey) };
    // A key store that takes a secret and does not give it back would cost the whole history.
    const opened = await openKeyringSlot(keyring, file, made);
    if (!opened.ok) return opened;
    opened.value.storeKey.fill(0);
    return ok(made);
  } catch {
    return err({ reason: 'keyring-refused' });
  } finally {
    slotKey.fill(0);
  }
}

/** The store's key, or `undefined`. */
export async function openPassphraseSlot(
  deriveKey: DeriveKey,
  file: FileHead,
  slot: PassphraseSlot,
  passphrase: Uint8Array,
): Promise<Uint8Array | undefined> {
  const slotKey = await deriveKey(passphrase, slot.kdf);
  try {
    return openKey(slotKey, associatedData(file, slot), slot);
  } finally {
    slotKey.fill(0);
  }
}

export interface OpenedByKeyring {
  readonly storeKey: Uint8Array;
  readonly sealAgain: boolean;
}

export async function openKeyringSlot(
  keyring: Keyring,
  file: FileHead,
  slot: KeyringSlot,
): Promise<Result<OpenedByKeyring, VaultFailure>> {
  if (!(await keyring.isAvailable())) return err({ reason: 'keyring-unavailable' });
  const is = keyring.backend();
  if (is !== slot.backend) return err({ reason: 'backend-changed', was: slot.backend, is });
  const answer = await ask(keyring, slot.wrapped);
  if (answer.tag === 'temporarily-unavailable') return err({ reason: 'keyring-unavailable' });
  if (answer.tag === 'refused') return err({ reason: 'keyring-refused' });
  try {
    if (answer.bytes.length !== KEY_LENGTH) return err({ reason: 'damaged' });
    const storeKey = openKey(answer.bytes, associatedData(file, slot), slot);
    if (storeKey === undefined) return err({ reason: 'damaged' });
    return ok({ storeKey, sealAgain: answer.sealAgain });
  } finally {
    answer.bytes.fill(0);
  }
}

async function ask(keyring: Keyring, wrapped: Uint8Array): ReturnType<Keyring['open']> {
  try {
    return await keyring.open(wrapped);
  } catch {
    return { tag: 'refused' };
  }
}
