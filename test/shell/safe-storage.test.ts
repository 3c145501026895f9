// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSafeStorageKeyring } from '#main/shell/safe-storage.ts';
import { isTrustworthy } from '#main/vault/keyring.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());
const safeStorage = vi.mocked(electron.safeStorage);
const keyring = createSafeStorageKeyring('linux');
const key = Uint8Array.from({ length: 32 }, (_each, index) => 255 - index);

beforeEach(() => {
  safeStorage.isAsyncEncryptionAvailable.mockResolvedValue(true);
  safeStorage.getSelectedStorageBackend.mockReturnValue('gnome_libsecret');
});

describe('the key ring over safeStorage', () => {
  it('sec:T-K-SS-1 gives back the bytes it sealed', async () => {
    const sealed = await keyring.seal(key);
    expect(sealed).toBeInstanceOf(Uint8Array);
    expect(await keyring.open(sealed)).toEqual({ tag: 'opened', bytes: key, sealAgain: false });
  });

  it('sec:T-K-SS-2 passes on that the system wants the key sealed again', async () => {
    const result = Buffer.from(key).toString('base64');
    safeStorage.decryptStringAsync.mockResolvedValueOnce({ result, shouldReEncrypt: true });
    const opened = await keyring.open(new Uint8Array(3));
    expect(opened).toEqual({ tag: 'opened', bytes: key, sealAgain: true });
  });

  it('sec:T-K-SS-3 tells a key store that is not there yet from one that refuses', async () => {
    safeStorage.isAsyncEncryptionAvailable.mockResolvedValueOnce(false);
    expect(await keyring.open(new Uint8Array(3))).toEqual({ tag: 'temporarily-unavailable' });
    safeStorage.isAsyncEncryptionAvailable.mockRejectedValueOnce(new Error('starting'));
    expect(await keyring.open(new Uint8Array(3))).toEqual({ tag: 'temporarily-unavailable' });
    safeStorage.decryptStringAsync.mockRejectedValueOnce(new Error('wrong key'));
    expect(await keyring.open(new Uint8Array(3))).toEqual({ tag: 'refused' });
  });

  it('sec:T-K-SS-4 does not hide that it could not seal', async () => {
    safeStorage.encryptStringAsync.mockRejectedValueOnce(new Error('no key store'));
    await expect(keyring.seal(key)).rejects.toThrow('no key store');
  });

  it.each([
    ['gnome_libsecret', true],
    ['kwallet', true],
    ['kwallet5', true],
    ['kwallet6', true],
    ['basic_text', false],
    ['unknown', false],
  ] as const)('sec:T-K-SS-5 is trusted with %s: %s', async (backend, expected) => {
    safeStorage.getSelectedStorageBackend.mockReturnValue(backend);
    expect(keyring.backend()).toBe(backend);
    expect(await isTrustworthy(keyring)).toBe(expected);
  });

  it('sec:T-K-SS-6 is not trusted while it is not available, or throws', async () => {
    safeStorage.isAsyncEncryptionAvailable.mockResolvedValueOnce(false);
    expect(await isTrustworthy(keyring)).toBe(false);
    safeStorage.isAsyncEncryptionAvailable.mockRejectedValueOnce(new Error('no'));
    expect(await isTrustworthy(keyring)).toBe(false);
  });

  it('sec:T-K-SS-7 names the key stores of macOS and Windows itself', async () => {
    expect(createSafeStorageKeyring('darwin').backend()).toBe('keychain');
    expect(createSafeStorageKeyring('win32').backend()).toBe('dpapi');
    expect(await isTrustworthy(createSafeStorageKeyring('win32'))).toBe(true);
  });

  it('sec:T-K-SS-8 never asks for plain-text encryption, nor uses the synchronous calls', () => {
    expect(Object.keys(safeStorage).toSorted()).toEqual([
      'decryptStringAsync',
      'encryptStringAsync',
      'getSelectedStorageBackend',
      'isAsyncEncryptionAvailable',
    ]);
  });
});
