// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';
import { Door, type DoorDeps } from '#main/account/door.ts';
import type { OpenFailure } from '#main/store/open-failure.ts';
import type { Store } from '#main/store/store.ts';
import type { VaultFailure } from '#main/vault/vault-failure.ts';
import type { VaultState } from '#main/vault/vault.ts';
import type { AppView } from '#shared/model/app.ts';
import { err, ok } from '#shared/std/result.ts';

const storeKey = () => ({ id: new Uint8Array(16), key: new Uint8Array(32).fill(9) });

function build(
  state: VaultState,
  outcomes: {
    readonly unlock?: VaultFailure;
    readonly open?: OpenFailure;
    readonly hasStore?: boolean;
  } = {},
) {
  const views: AppView[] = [];
  const key = storeKey();
  const close = vi.fn();
  const stop = vi.fn(() => Promise.resolve());
  const createProfile = vi.fn(() => Promise.resolve(ok(key)));
  const relaunch = vi.fn();
  let hasAccount = false;
  const deps: DoorDeps = {
    vault: {
      state: () => Promise.resolve(state),
      unlock: () => Promise.resolve(outcomes.unlock === undefined ? ok(key) : err(outcomes.unlock)),
      change: () => Promise.resolve(ok(undefined)),
    },
    createProfile,
    openStore: () =>
      outcomes.open === undefined ? ok({ close } as unknown as Store) : err(outcomes.open),
    hasStore: () => outcomes.hasStore ?? false,
    openProfile: () => ({ hasAccount: () => hasAccount, stop }),
    publish: (view) => views.push(view),
    about: () => ({ platform: 'linux', version: '0.1.0', locale: 'en' }),
    relaunch,
  };
  const door = new Door(deps);
  return {
    door,
    views,
    key,
    close,
    stop,
    createProfile,
    relaunch,
    addAccount: () => {
      hasAccount = true;
      door.accountChanged();
    },
  };
}

const phaseOf = (door: Door) => door.view().phase;

describe('the door of the profile', () => {
  it('loads, then asks for a passphrase where nothing else can keep the key', async () => {
    const { door, views, createProfile, addAccount } = build({
      tag: 'new',
      passphrase: 'required',
    });
    expect(phaseOf(door)).toEqual({ tag: 'loading' });
    await door.start();
    expect(phaseOf(door)).toEqual({ tag: 'new', passphrase: 'required' });
    await door.create(new Uint8Array([1]));
    expect(createProfile).toHaveBeenCalledOnce();
    expect(phaseOf(door)).toEqual({ tag: 'no-account' });
    addAccount();
    expect(views.map(({ phase }) => phase.tag)).toEqual(['new', 'no-account', 'ready']);
  });

  it('ux:1 makes a profile without a question where the system keeps the key', async () => {
    const { door, createProfile } = build({ tag: 'new', passphrase: 'optional' });
    await door.start();
    expect(createProfile).toHaveBeenCalledExactlyOnceWith(undefined);
    expect(phaseOf(door)).toEqual({ tag: 'no-account' });
  });

  it('sec:T-K-OPEN makes nothing new beside a store whose key is missing', async () => {
    const { door, createProfile } = build(
      { tag: 'new', passphrase: 'optional' },
      { hasStore: true },
    );
    await door.start();
    expect(phaseOf(door)).toEqual({ tag: 'broken', code: 'vault-damaged' });
    await expect(door.create(undefined)).rejects.toMatchObject({ code: 'vault-damaged' });
    expect(createProfile).not.toHaveBeenCalled();
  });

  it('opens by itself where the system keeps the key', async () => {
    const { door, key } = build({ tag: 'keyring' });
    await door.start();
    expect(phaseOf(door)).toEqual({ tag: 'no-account' });
    expect(key.key.every((octet) => octet === 0)).toBe(true);
  });

  it.each([
    ['keyring-unavailable', 'vault-keyring-unavailable'],
    ['keyring-refused', 'vault-keyring-unavailable'],
    ['damaged', 'vault-damaged'],
  ] as const)('sec:T-K-SS says why the system did not give it: %s', async (reason, code) => {
    const { door } = build({ tag: 'keyring' }, { unlock: { reason } });
    await door.start();
    expect(phaseOf(door)).toEqual({ tag: 'broken', code });
  });

  it('is locked until the passphrase is right', async () => {
    const locked = { tag: 'passphrase', retryAt: undefined } as const;
    const { door } = build(locked);
    await door.start();
    expect(phaseOf(door)).toEqual({ tag: 'locked' });
    await door.unlock(new Uint8Array([1]));
    expect(phaseOf(door)).toEqual({ tag: 'no-account' });
    await expect(door.unlock(new Uint8Array([1]))).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('stays locked after a wrong one, and says when the next is looked at', async () => {
    const unlock = { reason: 'passphrase-wrong', retryAt: 77 } as const;
    const { door, views } = build({ tag: 'passphrase', retryAt: undefined }, { unlock });
    await door.start();
    await expect(door.unlock(new Uint8Array([1]))).rejects.toMatchObject({
      code: 'vault-passphrase-wrong',
      params: { retryAt: 77 },
    });
    expect(phaseOf(door)).toEqual({ tag: 'locked' });
    expect(views.at(-1)?.retryAt).toBe(77);
  });

  it.each([
    ['missing', 'store-missing'],
    ['damaged', 'store-damaged'],
    ['key-refused', 'store-damaged'],
    ['newer', 'store-newer'],
    ['read-only', 'store-read-only'],
    ['in-use', 'store-locked-elsewhere'],
  ] as const)(
    'sec:T-K-OPEN is broken where the store is %s, and changes nothing',
    async (open, code) => {
      const { door, createProfile } = build({ tag: 'keyring' }, { open });
      await door.start();
      expect(phaseOf(door)).toEqual({ tag: 'broken', code });
      expect(createProfile).not.toHaveBeenCalled();
    },
  );

  it('lets everyone say goodbye before it closes the store', async () => {
    const { door, stop, close } = build({ tag: 'keyring' });
    await door.start();
    stop.mockImplementation(() => {
      expect(close).not.toHaveBeenCalled();
      return Promise.resolve();
    });
    await door.stop();
    expect(close).toHaveBeenCalledOnce();
    await door.stop();
    expect(stop).toHaveBeenCalledOnce();
  });

  it('locks by ending the process that held the keys', async () => {
    const { door, relaunch } = build({ tag: 'passphrase', retryAt: undefined });
    await door.start();
    await door.unlock(new Uint8Array([1]));
    door.lock();
    expect(relaunch).toHaveBeenCalledOnce();
  });

  it.each([
    ['opens', { tag: 'keyring' }],
    ['made', { tag: 'new', passphrase: 'optional' }],
  ] as const)('refuses to lock what the key store %s by itself', async (_how, state) => {
    const { door, relaunch } = build(state);
    await door.start();
    expect(() => {
      door.lock();
    }).toThrow(expect.objectContaining({ code: 'lock-needs-passphrase' }));
    expect(relaunch).not.toHaveBeenCalled();
    await door.changePassphrase(undefined, new Uint8Array([1]));
    door.lock();
    expect(relaunch).toHaveBeenCalledOnce();
  });
});
