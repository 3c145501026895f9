// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FileSteps, nodeFiles } from '../../src/main/vault/durable-files.ts';
import type { DeriveKey } from '../../src/main/vault/kdf.ts';
import type { Keyring, KeyringAnswer } from '../../src/main/vault/keyring.ts';
import { Vault, type VaultTools } from '../../src/main/vault/vault.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-vault-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A passphrase as it arrives: bytes that nobody else holds. */
export const passphrase = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

/** Fast where the cost is not what is tested; as sensitive to every input as the real one. */
export const quickDerivation: DeriveKey = (secret, { memoryKiB, passes, lanes, salt }) =>
  Promise.resolve(
    Uint8Array.from(
      createHash('sha256')
        .update(JSON.stringify([[...secret], memoryKiB, passes, lanes, [...salt]]))
        .digest(),
    ),
  );

/** The system's key store: it gives back what it sealed, unless told otherwise. */
export class FakeKeyring implements Keyring {
  available = true;
  name = 'gnome_libsecret';
  answer: ((bytes: Uint8Array) => KeyringAnswer) | undefined;
  sealed = 0;
  readonly #secrets = new Map<string, Uint8Array>();

  isAvailable = (): Promise<boolean> => Promise.resolve(this.available);
  backend = (): string => this.name;
  seal = (bytes: Uint8Array): Promise<Uint8Array> => {
    const handle = randomBytes(40);
    this.sealed += 1;
    this.#secrets.set(handle.toString('hex'), Uint8Array.from(bytes));
    return Promise.resolve(handle);
  };
  open = (sealed: Uint8Array): Promise<KeyringAnswer> => {
    const bytes = this.#secrets.get(Buffer.from(sealed).toString('hex'));
    if (bytes === undefined) return Promise.resolve({ tag: 'refused' });
    const copy = Uint8Array.from(bytes);
    return Promise.resolve(
      this.answer === undefined
        ? { tag: 'opened', bytes: copy, sealAgain: false }
        : this.answer(copy),
    );
  };
}

export interface Bench {
  readonly vault: Vault;
  readonly keyring: FakeKeyring;
  readonly folder: string;
  readonly clock: { now: number };
  readonly path: string;
  /** Another process with the same files. */
  readonly again: (overrides?: Partial<VaultTools>) => Vault;
}

export function newBench(files: FileSteps = nodeFiles): Bench {
  const folder = temporaryFolder();
  const keyring = new FakeKeyring();
  const clock = { now: 1_700_000_000_000 };
  const again = (overrides: Partial<VaultTools> = {}): Vault =>
    new Vault({
      folder,
      files,
      keyring,
      deriveKey: quickDerivation,
      random: (length) => Uint8Array.from(randomBytes(length)),
      now: () => clock.now,
      ...overrides,
    });
  return { vault: again(), keyring, folder, clock, path: join(folder, 'keyfile.json'), again };
}
