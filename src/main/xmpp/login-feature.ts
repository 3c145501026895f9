// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import type { PasswordProvider } from './client.ts';
import type { Random } from './ports.ts';
import { chooseMechanism, type Login, type LoginMechanism, type LoginStep } from './sasl/login.ts';
import { startPlain } from './sasl/plain.ts';
import { startScram } from './sasl/scram.ts';
import { toSaslFailure } from './transport/failure.ts';
import type { ConnectionFailure } from './wire.ts';

export interface LoginOptions {
  readonly username: string;
  readonly password: PasswordProvider;
  readonly allowPlain: boolean;
  readonly random: Random;
  readonly succeeded: (mechanism: LoginMechanism) => void;
  readonly failed: (reason: ConnectionFailure) => void;
}

const EMPTY = new Uint8Array();

function startLogin(
  mechanism: LoginMechanism,
  password: Uint8Array,
  { username, random }: LoginOptions,
): Login {
  const credentials = { username, password };
  return mechanism === 'PLAIN'
    ? startPlain(credentials)
    : startScram(mechanism, credentials, random);
}

function answer(login: Login, sasl: Stanzas.SASL): Promise<LoginStep> | LoginStep {
  switch (sasl.type) {
    case 'challenge':
      return login.challenge(sasl.value ?? EMPTY);
    case 'success':
      return login.success(sasl.value ?? EMPTY);
    case 'failure':
      return { tag: 'failed', reason: toSaslFailure(sasl.condition) };
    default:
      return { tag: 'failed', reason: 'not-xmpp' };
  }
}

/** Runs one login on the agent. Resolves with how it ended; the password is wiped by then. */
async function converse(
  agent: Agent,
  mechanism: LoginMechanism,
  options: LoginOptions,
): Promise<LoginStep> {
  const line = agent.transport;
  const password = await options.password();
  if (agent.transport !== line) {
    password.fill(0);
    return { tag: 'failed', reason: 'lost' };
  }
  const login = startLogin(mechanism, password, options);
  const { promise, resolve } = Promise.withResolvers<LoginStep>();
  const respond = async (sasl: Stanzas.SASL): Promise<void> => {
    const step = await answer(login, sasl);
    if (step.tag !== 'respond') resolve(step);
    else await agent.send('sasl', { type: 'response', value: Buffer.from(step.value) });
  };
  const onSasl = (sasl: Stanzas.SASL): void => {
    respond(sasl).catch(() => {
      resolve({ tag: 'failed', reason: 'server-not-proved' });
    });
  };
  const onGone = (): void => {
    resolve({ tag: 'failed', reason: 'lost' });
  };
  agent.on('sasl', onSasl);
  agent.once('--reset-stream-features', onGone);
  void agent.send('sasl', { type: 'auth', mechanism, value: Buffer.from(login.first) });
  const end = await promise;
  agent.off('sasl', onSasl);
  agent.off('--reset-stream-features', onGone);
  password.fill(0);
  return end;
}

/**
 * Takes the place of stanza's own SASL feature, which believes any server that says `success`. A
 * login that succeeded sets the floor for the next ones with the same agent.
 */
export function installLogin(agent: Agent, options: LoginOptions): void {
  let atLeast: LoginMechanism | undefined;
  const run = async (offered: readonly string[], restart: () => void): Promise<void> => {
    const line = agent.transport;
    const mechanism = chooseMechanism(offered, { allowPlain: options.allowPlain, atLeast });
    if (mechanism === undefined) {
      options.failed('no-mechanism');
      return;
    }
    const end = await converse(agent, mechanism, options);
    // What a former line ends with is no business of the present one.
    if (agent.transport !== line) return;
    if (end.tag !== 'done') {
      options.failed(end.tag === 'failed' ? end.reason : 'not-xmpp');
      return;
    }
    atLeast = mechanism;
    agent.features.negotiated.sasl = true;
    options.succeeded(mechanism);
    restart();
  };
  agent.features.handlers.sasl = (features, done) => {
    run(features.sasl?.mechanisms ?? [], () => {
      done('restart');
    }).catch(() => {
      // The password could not be had, such as from a locked store.
      options.failed('auth-failed');
    });
  };
  agent.on('--reset-stream-features', () => {
    agent.features.negotiated.sasl = false;
  });
}
