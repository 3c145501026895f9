// SPDX-License-Identifier: GPL-3.0-or-later

import type { Env } from '#otr/env.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import type { SecurityCode } from '#shared/model/security-code.ts';
import type { Store } from '#main/store/store.ts';
import type { RegisterAccount, ServerConfig, XmppClient, XmppConfig } from '#main/xmpp/client.ts';

export interface Clock {
  readonly now: () => number;
  readonly monotonicNow: () => number;
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** What the account needs from the rest of the house. */
export interface AccountDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly env: Env;
  readonly publish: Publish<AppContract>;
  readonly createClient: (config: XmppConfig) => XmppClient;
  readonly register: (
    config: ServerConfig,
    password: Uint8Array,
    token: string | undefined,
  ) => ReturnType<RegisterAccount>;
  readonly extraCertificates: readonly string[];
  readonly language: string;
  readonly toSecurityCode: (fingerprint: Uint8Array) => SecurityCode;
  /** Seals the forging key under a passphrase, and puts it where the user says. False: cancelled. */
  readonly exportForgingKey: (seed: Uint8Array, passphrase: Uint8Array) => Promise<boolean>;
  readonly note: (event: 'account-failed', cause: unknown) => void;
}
