// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConnectionFailure } from '../wire.ts';

export type ScramMechanism = 'SCRAM-SHA-512' | 'SCRAM-SHA-256' | 'SCRAM-SHA-1';
export type LoginMechanism = ScramMechanism | 'PLAIN';

/** Strongest first. */
const SCRAM: readonly ScramMechanism[] = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'];
const STRENGTH: readonly LoginMechanism[] = [...SCRAM, 'PLAIN'];

export interface LoginPolicy {
  readonly allowPlain: boolean;
  /** What served the last login with this server; anything weaker is a downgrade. */
  readonly atLeast: LoginMechanism | undefined;
}

/**
 * The strongest mechanism that both sides know. PLAIN shows the password to the server, so it takes the
 * user's leave, and a server that offers nothing of the SCRAM family.
 */
export function chooseMechanism(
  offered: readonly string[],
  policy: LoginPolicy,
): LoginMechanism | undefined {
  const plain = policy.allowPlain && !offered.some((name) => name.startsWith('SCRAM-'));
  const usable = STRENGTH.filter((name) => offered.includes(name) && (name !== 'PLAIN' || plain));
  const chosen = usable[0];
  if (chosen === undefined || policy.atLeast === undefined) return chosen;
  return STRENGTH.indexOf(chosen) <= STRENGTH.indexOf(policy.atLeast) ? chosen : undefined;
}

export type LoginStep =
  | { readonly tag: 'respond'; readonly value: Uint8Array }
  | { readonly tag: 'done' }
  | { readonly tag: 'failed'; readonly reason: ConnectionFailure };

/** One login. `challenge` and `success` take what the server sent; after `failed` it is over. */
export interface Login {
  readonly mechanism: LoginMechanism;
  readonly first: Uint8Array;
  readonly challenge: (bytes: Uint8Array) => Promise<LoginStep>;
  readonly success: (bytes: Uint8Array) => LoginStep;
}

export interface Credentials {
  /** Local part of the address. */
  readonly username: string;
  /** UTF-8. Not wiped here. */
  readonly password: Uint8Array;
}
