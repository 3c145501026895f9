// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';
import { createDispatch } from '#main/ipc/dispatch.ts';
import { createHandlers } from '#main/ipc/handlers.ts';
import type { ProfileServices, Services } from '#main/ipc/services.ts';
import { contract } from '#shared/ipc/contract.ts';

const secret = (): Uint8Array => new TextEncoder().encode('correct horse');
const isWiped = (bytes: Uint8Array): boolean => bytes.every((octet) => octet === 0);

function build(profile?: unknown) {
  const door = {
    view: () => ({
      phase: { tag: 'locked' },
      platform: 'linux',
      version: '1',
      locale: 'en',
      retryAt: undefined,
    }),
    create: vi.fn(() => Promise.resolve()),
    unlock: vi.fn(() => Promise.resolve()),
    changePassphrase: vi.fn(() => Promise.reject(new TypeError('no'))),
    lock: vi.fn(),
  };
  const clipboard = {
    copyText: vi.fn(() => Promise.resolve()),
    copyForAMinute: vi.fn(() => Promise.resolve()),
  };
  const services = {
    door,
    clipboard,
    profile: () => profile as ProfileServices | undefined,
  } as unknown as Services;
  const dispatch = createDispatch(contract, createHandlers(services), () => undefined);
  return { dispatch, door, clipboard };
}

describe('the handlers', () => {
  it('answer every request of the contract, and nothing else', () => {
    const requests = Object.entries(contract)
      .filter(([, channel]) => channel.kind === 'request')
      .map(([name]) => name);
    const handlers = createHandlers({} as Services);
    expect(Object.keys(handlers).toSorted()).toEqual(requests.toSorted());
  });

  it('sec:T-E wipe what was typed as a secret, also when it comes to nothing', async () => {
    const { dispatch } = build();
    for (const [name, field, more] of [
      ['vault.create', 'passphrase', {}],
      ['vault.unlock', 'passphrase', {}],
      ['vault.change-passphrase', 'next', {}],
      ['verification.answer', 'answer', { id: 1 }],
      ['verification.ask', 'answer', { id: 1, question: 'q' }],
      ['verification.ask-secret', 'secret', { id: 1 }],
      ['account.set-password', 'password', {}],
    ] as const) {
      const bytes = secret();
      await dispatch(name, { ...more, [field]: bytes });
      expect([name, isWiped(bytes)]).toEqual([name, true]);
    }
  });

  it('sec:T-E wipe password and passphrase of a new account', async () => {
    const add = vi.fn(() => Promise.reject(new TypeError('no server')));
    const { dispatch } = build({ account: { add } });
    const [password, passphrase] = [secret(), secret()];
    await dispatch('account.add', {
      jid: 'a@b.c',
      password,
      createOnServer: false,
      allowPlain: false,
      deviceLabel: 'Desktop',
      mode: 'standalone',
      leavesKeys: true,
      forgingKey: { choice: 'keep', passphrase },
    });
    expect(add).toHaveBeenCalledOnce();
    expect(add).toHaveBeenCalledWith(expect.objectContaining({ mode: 'standalone' }));
    expect([isWiped(password), isWiped(passphrase)]).toEqual([true, true]);
  });

  it('guide:R-04 say that the profile is locked, and that there is no account', async () => {
    const locked = build();
    const start = { id: 1 };
    expect(await locked.dispatch('conversation.start', start)).toMatchObject({
      error: { code: 'vault-passphrase-needed' },
    });
    expect(await locked.dispatch('contact.list', {})).toEqual({ ok: true, value: [] });
    expect(await locked.dispatch('account.view', {})).toEqual({ ok: true, value: undefined });
    const empty = build({ forAccount: () => undefined });
    expect(await empty.dispatch('conversation.start', start)).toMatchObject({
      error: { code: 'account-unknown' },
    });
  });

  it('put our own code on the clipboard for a minute', async () => {
    const keys = { tag: 'ready', code: { hex: 'AB', words: [] } };
    const { dispatch, clipboard } = build({ account: { view: () => ({ keys }) } });
    await dispatch('clipboard.copy-code', { of: { whose: 'ours' } });
    expect(clipboard.copyForAMinute).toHaveBeenCalledWith('AB');
    expect(clipboard.copyText).not.toHaveBeenCalled();
  });

  it('lock by leaving the process', async () => {
    const { dispatch, door } = build();
    await dispatch('vault.lock', {});
    expect(door.lock).toHaveBeenCalledOnce();
  });
});
