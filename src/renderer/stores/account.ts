// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { AccountMode, AccountView } from '#shared/model/account.ts';
import { useClient } from '../bridge/use-client.ts';
import { type Failure, failureOf } from './failure-of.ts';
import { lendSecrets } from './secret-bytes.ts';

export interface NewAccount {
  readonly jid: string;
  readonly password: string;
  readonly createOnServer: boolean;
  /** Of an invitation to the server. */
  readonly token: string | undefined;
  readonly server:
    | { readonly host: string; readonly port: number; readonly tls: 'starttls' | 'direct' }
    | { readonly url: string; readonly tls: 'websocket' }
    | undefined;
  readonly allowPlain: boolean;
  readonly deviceLabel: string;
  readonly mode: AccountMode;
  readonly leavesKeys: boolean;
  /** Passphrase of the file that keeps the forging key; not set, the key is destroyed. */
  readonly keepForgingKey: string | undefined;
}

/** The one account of this profile: where its connection and its keys stand. */
export const useAccount = defineStore('account', () => {
  const client = useClient();
  const view = shallowRef<AccountView>();
  /** Neither sends nor reads anything unencrypted. */
  const isStrict = computed(() => view.value !== undefined && view.value.mode !== 'compatible');
  /** Something may begin while the other side is away. */
  const isOfflinePossible = computed(() => view.value?.mode !== 'interactive-only');

  onScopeDispose(
    client.on('account.changed', (next) => {
      view.value = next;
    }),
  );

  async function load(): Promise<Failure> {
    const answer = await client.request('account.view', {});
    if (answer.ok) view.value = answer.value;
    return failureOf(answer);
  }

  function add(account: NewAccount): Promise<Failure> {
    const { password, keepForgingKey, server, token, ...rest } = account;
    return lendSecrets({ password, passphrase: keepForgingKey ?? '' }, async (secrets) =>
      failureOf(
        await client.request('account.add', {
          ...rest,
          ...(server === undefined ? {} : { server }),
          ...(token === undefined ? {} : { token }),
          password: secrets.password,
          forgingKey:
            keepForgingKey === undefined
              ? { choice: 'destroy' }
              : { choice: 'keep', passphrase: secrets.passphrase },
        }),
      ),
    );
  }

  async function connect(): Promise<Failure> {
    return failureOf(await client.request('account.connect', {}));
  }

  async function disconnect(): Promise<Failure> {
    return failureOf(await client.request('account.disconnect', {}));
  }

  async function remove(): Promise<Failure> {
    return failureOf(await client.request('account.remove', {}));
  }

  async function setDeviceLabel(label: string): Promise<Failure> {
    return failureOf(await client.request('account.set-device-label', { label }));
  }

  async function setMode(mode: AccountMode): Promise<Failure> {
    return failureOf(await client.request('account.set-mode', { mode }));
  }

  /** The user knows this other device of theirs. */
  async function keepDevice(instanceTag: string): Promise<Failure> {
    return failureOf(await client.request('account.keep-device', { instanceTag }));
  }

  async function removeDevice(instanceTag: string): Promise<Failure> {
    return failureOf(await client.request('account.remove-device', { instanceTag }));
  }

  async function announceDevice(): Promise<Failure> {
    return failureOf(await client.request('account.announce-device', {}));
  }

  function setPassword(password: string): Promise<Failure> {
    return lendSecrets({ password }, async (secrets) =>
      failureOf(await client.request('account.set-password', secrets)),
    );
  }

  async function copyCode(): Promise<Failure> {
    return failureOf(await client.request('clipboard.copy-code', { of: { whose: 'ours' } }));
  }

  /** The own address with the code, for somebody who wants to verify this device. */
  async function copyLink(): Promise<Failure> {
    return failureOf(await client.request('clipboard.copy-link', { of: { whose: 'ours' } }));
  }

  return {
    view,
    isStrict,
    isOfflinePossible,
    load,
    add,
    connect,
    disconnect,
    remove,
    setDeviceLabel,
    setMode,
    keepDevice,
    removeDevice,
    announceDevice,
    setPassword,
    copyCode,
    copyLink,
  };
});
