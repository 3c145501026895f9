// SPDX-License-Identifier: GPL-3.0-or-later

import { type App, inject, type InjectionKey } from 'vue';
import type { Client } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';

const key: InjectionKey<Client<AppContract>> = Symbol('client');

export function provideClient(app: App, client: Client<AppContract>): void {
  app.provide(key, client);
}

/** Main's side of the contract. For stores only. */
export function useClient(): Client<AppContract> {
  const client = inject(key);
  if (client === undefined) throw new TypeError('no client was provided');
  return client;
}
