// SPDX-License-Identifier: GPL-3.0-or-later

import { safeStorage } from 'electron';
import type { Keyring } from '#main/vault/keyring.ts';

/** Electron says the name of the key store on Linux only; the other two have one each. */
const backends: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  darwin: 'keychain',
  win32: 'dpapi',
};

/**
 * The vault's key ring over Electron's asynchronous safeStorage. It takes strings, so the bytes
 * travel as base64. Plain-text encryption is never asked for.
 */
export function createSafeStorageKeyring(platform: NodeJS.Platform): Keyring {
  return {
    isAvailable: async () => {
      try {
        return await safeStorage.isAsyncEncryptionAvailable();
      } catch {
        return false;
      }
    },
    backend: () => backends[platform] ?? safeStorage.getSelectedStorageBackend(),
    seal: async (bytes) => {
      const sealed = await safeStorage.encryptStringAsync(Buffer.from(bytes).toString('base64'));
      return new Uint8Array(sealed);
    },
    open: async (sealed) => {
      // Something was sealed once, so a key store that says no has not woken up yet.
      try {
        if (!(await safeStorage.isAsyncEncryptionAvailable())) {
          return { tag: 'temporarily-unavailable' };
        }
      } catch {
        return { tag: 'temporarily-unavailable' };
      }
      try {
        const opened = await safeStorage.decryptStringAsync(Buffer.from(sealed));
        const bytes = new Uint8Array(Buffer.from(opened.result, 'base64'));
        return { tag: 'opened', bytes, sealAgain: opened.shouldReEncrypt };
      } catch {
        return { tag: 'refused' };
      }
    },
  };
}
