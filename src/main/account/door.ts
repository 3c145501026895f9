// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '#shared/errors/app-error.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { AppPhase, AppView } from '#shared/model/app.ts';
import type { Result } from '#shared/std/result.ts';
import type { OpenFailure } from '#main/store/open-failure.ts';
import type { Store } from '#main/store/store.ts';
import type { VaultFailure } from '#main/vault/vault-failure.ts';
import type { StoreKey, Vault } from '#main/vault/vault.ts';

/** What lies behind the door. */
export interface OpenProfile {
  readonly hasAccount: () => boolean;
  /** Says goodbye, then forgets the keys. The store is closed by the door. */
  readonly stop: () => Promise<void>;
}

export interface DoorDeps {
  readonly vault: Pick<Vault, 'state' | 'unlock' | 'change'>;
  /** Key file and store together, or neither. */
  readonly createProfile: (
    passphrase: Uint8Array | undefined,
  ) => Promise<Result<StoreKey, VaultFailure>>;
  readonly openStore: (key: StoreKey) => Result<Store, OpenFailure>;
  /** Whether there is a store, whatever the key file says. */
  readonly hasStore: () => boolean;
  readonly openProfile: (store: Store) => OpenProfile;
  readonly publish: (view: AppView) => void;
  readonly about: () => Pick<AppView, 'platform' | 'version' | 'locale'>;
  readonly relaunch: () => void;
}

const VAULT_CODES: Readonly<Record<VaultFailure['reason'], AppErrorCode>> = {
  missing: 'vault-damaged',
  exists: 'vault-damaged',
  damaged: 'vault-damaged',
  newer: 'store-newer',
  'passphrase-needed': 'vault-passphrase-needed',
  'passphrase-wrong': 'vault-passphrase-wrong',
  wait: 'vault-wait',
  'keyring-unavailable': 'vault-keyring-unavailable',
  'keyring-refused': 'vault-keyring-unavailable',
  'backend-changed': 'vault-backend-changed',
  'not-writable': 'store-read-only',
};

const STORE_CODES: Readonly<Record<OpenFailure, AppErrorCode>> = {
  missing: 'store-missing',
  'not-a-file': 'store-damaged',
  truncated: 'store-damaged',
  'not-encrypted': 'store-damaged',
  foreign: 'store-damaged',
  'key-refused': 'store-damaged',
  damaged: 'store-damaged',
  newer: 'store-newer',
  'read-only': 'store-read-only',
  'in-use': 'store-locked-elsewhere',
  unreadable: 'store-read-only',
};

/**
 * The way into the profile: new, locked, broken, open. Whatever cannot be opened is left exactly as
 * it was found; a new profile is only made where there is none (security A13).
 */
export class Door {
  readonly #deps: DoorDeps;
  #phase: AppPhase = { tag: 'loading' };
  #retryAt: number | undefined;
  /** Who can open the profile: the key store by itself, or somebody with the passphrase. */
  #sealedBy: 'keyring' | 'passphrase' = 'passphrase';
  #looking = false;
  #open: { readonly store: Store; readonly profile: OpenProfile } | undefined;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  view(): AppView {
    return { phase: this.#phase, ...this.#deps.about(), retryAt: this.#retryAt };
  }

  /** Looks at what is there, and goes in where nobody has to be asked. */
  async start(): Promise<void> {
    const state = await this.#deps.vault.state();
    switch (state.tag) {
      case 'new':
        // A store without its key: nobody may take its place.
        if (this.#deps.hasStore()) this.#show({ tag: 'broken', code: 'vault-damaged' });
        else await this.#begin(state.passphrase);
        return;
      case 'passphrase':
        this.#retryAt = state.retryAt;
        this.#show({ tag: 'locked' });
        return;
      case 'keyring':
        this.#sealedBy = 'keyring';
        await this.#enterByKeyring();
        return;
      case 'broken':
        this.#show({ tag: 'broken', code: VAULT_CODES[state.failure.reason] });
        return;
    }
  }

  /** Looks again: the key store may have woken up, a file may be back in its place. */
  async retry(): Promise<void> {
    if (this.#phase.tag !== 'broken' || this.#looking) return;
    this.#looking = true;
    try {
      await this.start();
    } finally {
      this.#looking = false;
    }
  }

  async create(passphrase: Uint8Array | undefined): Promise<void> {
    if (this.#phase.tag !== 'new') throw new AppFailure('vault-damaged');
    const made = await this.#deps.createProfile(passphrase);
    if (!made.ok) throw toAppFailure(made.error);
    this.#sealedBy = passphrase === undefined ? 'keyring' : 'passphrase';
    this.#enter(made.value);
  }

  async unlock(passphrase: Uint8Array): Promise<void> {
    if (this.#phase.tag !== 'locked') throw new AppFailure('input-invalid');
    const key = await this.#deps.vault.unlock(passphrase);
    if (!key.ok) {
      this.#retryAt = 'retryAt' in key.error ? key.error.retryAt : undefined;
      this.#show(this.#phase);
      throw toAppFailure(key.error);
    }
    this.#retryAt = undefined;
    this.#enter(key.value);
  }

  async changePassphrase(
    current: Uint8Array | undefined,
    next: Uint8Array | undefined,
  ): Promise<void> {
    const changed = await this.#deps.vault.change(current, next);
    if (!changed.ok) throw toAppFailure(changed.error);
    this.#sealedBy = next === undefined ? 'keyring' : 'passphrase';
  }

  /**
   * The process that held the keys ends; another one begins, locked. Without a passphrase it would
   * only begin again, open.
   */
  lock(): void {
    if (this.#sealedBy === 'keyring') throw new AppFailure('lock-needs-passphrase');
    this.#deps.relaunch();
  }

  /** Something about the application changed, such as its language. */
  aboutChanged(): void {
    this.#deps.publish(this.view());
  }

  /** An account was added, or removed. */
  accountChanged(): void {
    if (this.#open === undefined) return;
    this.#show({ tag: this.#open.profile.hasAccount() ? 'ready' : 'no-account' });
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    try {
      await open.profile.stop();
    } finally {
      open.store.close();
    }
  }

  /**
   * Where the system can keep the key, nobody has to be asked: a passphrase can be added in the
   * settings. Where it cannot after all, one is needed.
   */
  async #begin(passphrase: 'required' | 'optional'): Promise<void> {
    const made = passphrase === 'optional' ? await this.#deps.createProfile(undefined) : undefined;
    if (made?.ok === true) {
      this.#sealedBy = 'keyring';
      this.#enter(made.value);
    } else {
      this.#show({ tag: 'new', passphrase: 'required' });
    }
  }

  async #enterByKeyring(): Promise<void> {
    const key = await this.#deps.vault.unlock(undefined);
    if (key.ok) this.#enter(key.value);
    else this.#show({ tag: 'broken', code: VAULT_CODES[key.error.reason] });
  }

  #enter(key: StoreKey): void {
    const opened = this.#deps.openStore(key);
    key.key.fill(0);
    if (!opened.ok) {
      this.#show({ tag: 'broken', code: STORE_CODES[opened.error] });
      return;
    }
    const store = opened.value;
    this.#open = { store, profile: this.#deps.openProfile(store) };
    this.accountChanged();
  }

  #show(phase: AppPhase): void {
    this.#phase = phase;
    this.#deps.publish(this.view());
  }
}

function toAppFailure(failure: VaultFailure): AppFailure {
  const code = VAULT_CODES[failure.reason];
  const retryAt = 'retryAt' in failure ? failure.retryAt : undefined;
  return new AppFailure(code, retryAt === undefined ? {} : { params: { retryAt } });
}
