// SPDX-License-Identifier: GPL-3.0-or-later
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { host } from './host.ts';

type Backend = ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>;

const prefix = Buffer.from('v11');
const nonceLength = 12;
const tagLength = 16;
/** Chromium's own fallback where no keyring is to be had: everybody knows it. */
const basicTextSecret = 'peanuts';
const keyrings: readonly Backend[] = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'];

/**
 * `safeStorage` with a keyring in a file. ELECTRON_DOUBLE_SAFE_STORAGE says which backend the
 * system has: gnome_libsecret (default), kwallet, kwallet5, kwallet6, basic_text, none, or
 * `locked`: a keyring that is there and does not answer yet. It is read at each call, so that a
 * test can change it. A text that one backend sealed does not open with another.
 * ELECTRON_DOUBLE_KEYRING moves the keyring out of the profile.
 */
export class SafeStorage implements Electron.SafeStorage {
  #plainText = false;

  isEncryptionAvailable(): boolean {
    return this.#hasKey();
  }

  #hasKey(): boolean {
    if (!host().app.isReady()) return false;
    const backend = this.#backend();
    return keyrings.includes(backend) || (backend === 'basic_text' && this.#plainText);
  }

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    await host().app.whenReady();
    return !['none', 'locked'].includes(setting());
  }

  getSelectedStorageBackend(): Backend {
    return host().app.isReady() ? this.#backend() : 'unknown';
  }

  setUsePlainTextEncryption(usePlainText: boolean): void {
    this.#plainText = usePlainText;
  }

  encryptString(plainText: string): Buffer {
    if (!this.#hasKey()) {
      throw new Error(
        'Error while encrypting the text provided to safeStorage.encryptString. Encryption is not available.',
      );
    }
    return this.#seal(plainText);
  }

  decryptString(encrypted: Buffer): string {
    if (!this.#hasKey()) {
      throw new Error(
        'Error while decrypting the ciphertext provided to safeStorage.decryptString. Decryption is not available.',
      );
    }
    return this.#open(encrypted);
  }

  async encryptStringAsync(plainText: string): Promise<Buffer> {
    if (!(await this.isAsyncEncryptionAvailable())) {
      throw new Error('safeStorage.encryptStringAsync: encryption is not available');
    }
    return this.#seal(plainText);
  }

  async decryptStringAsync(encrypted: Buffer): Promise<Electron.DecryptStringAsyncReturnValue> {
    if (!(await this.isAsyncEncryptionAvailable())) {
      throw new Error('safeStorage.decryptStringAsync: decryption is not available');
    }
    return { result: this.#open(encrypted), shouldReEncrypt: false };
  }

  #backend(): Backend {
    const wanted = setting();
    if (wanted === 'none') return 'basic_text';
    return (
      [...keyrings, 'basic_text' as const].find((each) => each === wanted) ?? 'gnome_libsecret'
    );
  }

  #seal(plainText: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key(), nonce);
    const sealed = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
    return Buffer.concat([prefix, nonce, sealed, cipher.getAuthTag()]);
  }

  #open(encrypted: Buffer): string {
    try {
      const start = prefix.length + nonceLength;
      const nonce = encrypted.subarray(prefix.length, start);
      const decipher = createDecipheriv('aes-256-gcm', this.#key(), nonce);
      decipher.setAuthTag(encrypted.subarray(-tagLength));
      const opened = decipher.update(encrypted.subarray(start, -tagLength));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.');
    }
  }

  #key(): Buffer {
    const backend = this.#backend();
    const secret = backend === 'basic_text' ? basicTextSecret : keyringSecret();
    return Buffer.from(hkdfSync('sha256', secret, '', backend, 32));
  }
}

function setting(): string {
  return process.env.ELECTRON_DOUBLE_SAFE_STORAGE ?? 'gnome_libsecret';
}

function keyringSecret(): Buffer {
  const inProfile = join(host().app.getPath('userData'), '.electron-double-keyring');
  const path = process.env.ELECTRON_DOUBLE_KEYRING ?? inProfile;
  if (existsSync(path)) return readFileSync(path);
  mkdirSync(dirname(path), { recursive: true });
  const secret = randomBytes(32);
  writeFileSync(path, secret, { mode: 0o600 });
  return secret;
}
