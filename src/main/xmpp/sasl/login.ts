// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConnectionFailure } from '../wire.ts';

export type ScramMechanism = 'SCRAM-SHA-512' | 'SCRAM-SHA-256' | 'SCRAM-SHA-1';
export type BoundMechanism = `${ScramMechanism}-PLUS`;
export type LoginMechanism = ScramMechanism | BoundMechanism | 'PLAIN';

/**
 * What we say about channel binding (RFC 5802, section 6): `p` we bind; `y` we would, but the server does not
 * offer it, and it had better not see this if it does; `n` there is nothing that both sides could bind to.
 */
export type BindingFlag = 'p' | 'y' | 'n';

/** Strongest first. */
const SCRAM: readonly ScramMechanism[] = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'];
const HASHES: readonly (ScramMechanism | 'PLAIN')[] = [...SCRAM, 'PLAIN'];
const TLS_EXPORTER = 'tls-exporter';

const isBound = (name: LoginMechanism): name is BoundMechanism => name.endsWith('-PLUS');

export function hashOf(name: LoginMechanism): ScramMechanism | 'PLAIN' {
  return HASHES.find((hash) => name === hash || name === `${hash}-PLUS`) ?? 'PLAIN';
}

/** What has served a login with this server before; anything weaker is a downgrade. */
export class LoginFloor {
  #hash: ScramMechanism | 'PLAIN' = 'PLAIN';
  /** A proxy on one way may end TLS where another way has none, so this is about each by itself. */
  readonly #boundWays = new Set<string>();

  raise(mechanism: LoginMechanism, way: string): void {
    this.#hash = hashOf(mechanism);
    if (isBound(mechanism)) this.#boundWays.add(way);
  }

  admits(mechanism: LoginMechanism, way: string): boolean {
    const strongEnough = HASHES.indexOf(hashOf(mechanism)) <= HASHES.indexOf(this.#hash);
    return strongEnough && (isBound(mechanism) || !this.#boundWays.has(way));
  }
}

export interface LoginOffer {
  readonly mechanisms: readonly string[];
  /** Types of channel binding (XEP-0440). */
  readonly bindings: readonly string[];
}

export interface LoginPolicy {
  readonly allowPlain: boolean;
  /** Does the line have an exporter that is unique to it? */
  readonly canBind: boolean;
  readonly floor: LoginFloor;
  readonly way: string;
}

export interface LoginChoice {
  readonly mechanism: LoginMechanism;
  readonly flag: BindingFlag;
}

const isScramPlus = (name: string): boolean => name.startsWith('SCRAM-') && name.endsWith('-PLUS');

/**
 * The strongest mechanism that both sides know, bound to the line if that can be. PLAIN shows the password to
 * the server, so it takes the user's leave, and a server that offers nothing of the SCRAM family.
 */
export function chooseLogin(offer: LoginOffer, policy: LoginPolicy): LoginChoice | undefined {
  const { mechanisms, bindings } = offer;
  const bindable = policy.canBind && bindings.includes(TLS_EXPORTER);
  const bound = bindable ? SCRAM.map((hash): BoundMechanism => `${hash}-PLUS`) : [];
  const plain = policy.allowPlain && !mechanisms.some((name) => name.startsWith('SCRAM-'));
  const ranked: readonly LoginMechanism[] = [
    ...bound,
    ...SCRAM,
    ...(plain ? (['PLAIN'] as const) : []),
  ];
  const mechanism = ranked.find(
    (name) => mechanisms.includes(name) && policy.floor.admits(name, policy.way),
  );
  if (mechanism === undefined) return undefined;
  if (isBound(mechanism)) return { mechanism, flag: 'p' };
  const isMissed = policy.canBind && !mechanisms.some(isScramPlus);
  return { mechanism, flag: isMissed ? 'y' : 'n' };
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
