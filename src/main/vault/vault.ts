// SPDX-License-Identifier: GPL-3.0-or-later
import { join } from 'node:path';
import { err, ok, type Result } from '#shared/std/result.ts';
import { loadAttempts, retryAt, saveAttempts } from './attempts.ts';
import { type FileSteps, replaceDurably, stagingPath } from './durable-files.ts';
import { KEY_LENGTH } from './kdf.ts';
import { formatKeyFile, type KeyFile, parseKeyFile, type PassphraseSlot } from './key-file.ts';
import { isTrustworthy } from './keyring.ts';
import { draw, makeSlot, openKeyringSlot, openPassphraseSlot, type SlotTools } from './slots.ts';
import type { VaultFailure } from './vault-failure.ts';

/** What opens the store. The receiver wipes `key` as soon as the store is open. */
export interface StoreKey {
  /** 16 bytes, not secret. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export type VaultState =
  | { readonly tag: 'new'; readonly passphrase: 'required' | 'optional' }
  /** `retryAt`: before that no passphrase is looked at. */
  | { readonly tag: 'passphrase'; readonly retryAt: number | undefined }
  | { readonly tag: 'keyring' }
  | { readonly tag: 'broken'; readonly failure: VaultFailure };

export interface VaultTools extends SlotTools {
  /** Where `keyfile.json` lives, next to the store. */
  readonly folder: string;
  readonly files: FileSteps;
  readonly now: () => number;
}

const ID_LENGTH = 16;

/**
 * Keeps the key of the store in an envelope that a passphrase or the system's key store opens. The
 * key itself is random and never changes; a new passphrase is a new envelope. Passphrases handed in
 * are wiped, whatever comes of it.
 */
export class Vault {
  readonly #tools;
  readonly #path;
  readonly #attemptsPath;
  /** One thing at a time: two guesses in parallel would share one delay. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(tools: VaultTools) {
    this.#tools = tools;
    this.#path = join(tools.folder, 'keyfile.json');
    this.#attemptsPath = join(tools.folder, 'attempts.json');
  }

  /** What stands in the way, without opening anything. */
  async state(): Promise<VaultState> {
    const file = this.#load();
    if (!file.ok) {
      if (file.error.reason !== 'missing' || this.#isInUse()) {
        return { tag: 'broken', failure: file.error };
      }
      const optional = await isTrustworthy(this.#tools.keyring);
      return { tag: 'new', passphrase: optional ? 'optional' : 'required' };
    }
    const byKeyring = file.value.slots.some(({ type }) => type === 'keyring');
    return byKeyring ? { tag: 'keyring' } : { tag: 'passphrase', retryAt: this.#retryAt() };
  }

  /** Makes a new key. Refuses where a key file is, in whatever state. */
  create(passphrase: Uint8Array | undefined): Promise<Result<StoreKey, VaultFailure>> {
    return this.#alone([passphrase], async () => {
      if (this.#read() !== undefined) return err({ reason: 'exists' });
      const { random, now } = this.#tools;
      const head = { id: draw(random, ID_LENGTH), createdAt: now() };
      const key = draw(random, KEY_LENGTH);
      const slot = await makeSlot(this.#tools, head, key, passphrase);
      const saved = slot.ok ? this.#save({ ...head, slots: [slot.value] }) : slot;
      if (saved.ok) return ok({ id: head.id, key });
      key.fill(0);
      return saved;
    });
  }

  unlock(passphrase: Uint8Array | undefined): Promise<Result<StoreKey, VaultFailure>> {
    return this.#alone([passphrase], async () => {
      const file = this.#load();
      if (!file.ok) return file;
      const key = await this.#open(file.value, passphrase);
      return key.ok ? ok({ id: file.value.id, key: key.value }) : key;
    });
  }

  /**
   * Puts a new envelope in place of the old one: another passphrase, or with `next` undefined the
   * system's key store. The old passphrase opens nothing afterwards; the store is not touched.
   */
  change(
    current: Uint8Array | undefined,
    next: Uint8Array | undefined,
  ): Promise<Result<undefined, VaultFailure>> {
    return this.#alone([current, next], async () => {
      const file = this.#load();
      if (!file.ok) return file;
      const key = await this.#open(file.value, current);
      if (!key.ok) return key;
      try {
        const slot = await makeSlot(this.#tools, file.value, key.value, next);
        return slot.ok ? this.#save({ ...file.value, slots: [slot.value] }) : slot;
      } finally {
        key.value.fill(0);
      }
    });
  }

  /** A folder with a store and no key file is not a new profile: there is something to lose. */
  #isInUse(): boolean {
    return this.#tools.files.list(this.#tools.folder).length > 0;
  }

  async #open(
    file: KeyFile,
    passphrase: Uint8Array | undefined,
  ): Promise<Result<Uint8Array, VaultFailure>> {
    // What a crash left half written; the key file itself is whole.
    this.#tidy();
    const keyringSlot = file.slots.find((slot) => slot.type === 'keyring');
    const passphraseSlot = file.slots.find((slot) => slot.type === 'passphrase');
    if (passphraseSlot !== undefined && passphrase !== undefined) {
      return this.#openByPassphrase(file, passphraseSlot, passphrase);
    }
    if (keyringSlot === undefined) return err({ reason: 'passphrase-needed' });
    const opened = await openKeyringSlot(this.#tools.keyring, file, keyringSlot);
    if (!opened.ok) return opened;
    const { storeKey, sealAgain } = opened.value;
    if (sealAgain) await this.#sealAgain(file, storeKey);
    return ok(storeKey);
  }

  async #openByPassphrase(
    file: KeyFile,
    slot: PassphraseSlot,
    passphrase: Uint8Array,
  ): Promise<Result<Uint8Array, VaultFailure>> {
    const { files, deriveKey, now } = this.#tools;
    const before = loadAttempts(files, this.#attemptsPath);
    const wait = retryAt(before, now());
    if (wait !== undefined) return err({ reason: 'wait', retryAt: wait });
    // Counted before it is looked at, so that killing the process does not undo it.
    this.#count({ failed: before.failed + 1, lastAt: now() });
    const key = await openPassphraseSlot(deriveKey, file, slot, passphrase);
    if (key === undefined) return err({ reason: 'passphrase-wrong', retryAt: this.#retryAt() });
    this.#forget(this.#attemptsPath);
    return ok(key);
  }

  /** A folder that cannot be written must not keep the right passphrase out. */
  #count(attempts: Parameters<typeof saveAttempts>[2]): void {
    try {
      saveAttempts(this.#tools.files, this.#attemptsPath, attempts);
    } catch {
      this.#tidy();
    }
  }

  #retryAt(): number | undefined {
    const { files, now } = this.#tools;
    return retryAt(loadAttempts(files, this.#attemptsPath), now());
  }

  /** The system renewed its own key. If this fails the old envelope still opens. */
  async #sealAgain(file: KeyFile, storeKey: Uint8Array): Promise<void> {
    const slot = await makeSlot(this.#tools, file, storeKey, undefined);
    if (!slot.ok) return;
    const others = file.slots.filter(({ type }) => type !== 'keyring');
    this.#save({ ...file, slots: [...others, slot.value] });
  }

  #load(): Result<KeyFile, VaultFailure> {
    const bytes = this.#read();
    if (bytes === undefined) return err({ reason: 'missing' });
    const parsed = parseKeyFile(bytes);
    return parsed.ok ? parsed : err({ reason: parsed.error });
  }

  /** A directory or an unreadable file in its place is not "missing": nothing may be made there. */
  #read(): Uint8Array | undefined {
    try {
      return this.#tools.files.read(this.#path);
    } catch {
      return new Uint8Array();
    }
  }

  #save(file: KeyFile): Result<undefined, VaultFailure> {
    const bytes = formatKeyFile(file);
    try {
      replaceDurably(this.#tools.files, this.#path, bytes);
      return ok(undefined);
    } catch {
      this.#tidy();
      // It may have failed after the rename, and then the new envelope is the one that counts.
      const took = this.#read();
      return took !== undefined && Buffer.from(took).equals(bytes)
        ? ok(undefined)
        : err({ reason: 'not-writable' });
    }
  }

  #tidy(): void {
    for (const path of [this.#path, this.#attemptsPath]) this.#forget(stagingPath(path));
  }

  /** Where it fails, the folder cannot be written, which must not keep the right one out. */
  #forget(path: string): void {
    try {
      this.#tools.files.remove(path);
    } catch {
      // What stays is harmless: a counter, or a staging file that the next writing removes first.
    }
  }

  /** After everything begun earlier; wipes `secrets` at the end. */
  #alone<T>(secrets: readonly (Uint8Array | undefined)[], work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work).finally(() => {
      for (const secret of secrets) secret?.fill(0);
    });
    this.#last = run.catch(() => undefined);
    return run;
  }
}
