// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import { type BareJid, localOf } from '#shared/model/jid.ts';
import type { PasswordProvider } from './client.ts';
import { type Heard, type LoginDialect, plainDialect, sasl2Dialect } from './login-dialect.ts';
import type { Random } from './ports.ts';
import {
  chooseLogin,
  type Login,
  type LoginChoice,
  LoginFloor,
  type LoginMechanism,
  type LoginStep,
} from './sasl/login.ts';
import { startPlain } from './sasl/plain.ts';
import { startScram } from './sasl/scram.ts';
import type { ConnectionFailure } from './wire.ts';

/** What a login needs to know of the line that it takes place on. */
export interface LoginLine {
  /** Which way it goes, as one text. */
  readonly way: string;
  /** `tls-exporter`; undefined where there is none. */
  readonly binding: Uint8Array | undefined;
}

export interface LoginOptions {
  readonly jid: BareJid;
  readonly password: PasswordProvider;
  readonly allowPlain: boolean;
  readonly random: Random;
  readonly line: () => LoginLine;
  /** Called while the server's proof is being looked at, before anything behind it is. */
  readonly succeeded: (mechanism: LoginMechanism) => void;
  readonly failed: (reason: ConnectionFailure) => void;
}

/** A feature of stanza's that ends with something it does not know just ends. */
const STAY = 'stay';
/** stanza's own SASL stands at 100. */
const BEFORE_SASL = 90;

function startLogin(
  { mechanism, flag }: LoginChoice,
  binding: Uint8Array | undefined,
  { password, jid, random }: { password: Uint8Array } & Pick<LoginOptions, 'jid' | 'random'>,
): Login {
  const credentials = { username: localOf(jid), password };
  return mechanism === 'PLAIN'
    ? startPlain(credentials)
    : startScram(mechanism, credentials, { random, flag, binding });
}

/** Success is judged at once, since what follows it may already be waiting. */
function conclude(login: Login, heard: Exclude<Heard, { tag: 'challenge' }>): LoginStep {
  return heard.tag === 'success' ? login.success(heard.bytes) : heard;
}

/** Runs one login on the agent. Resolves with how it ended. */
async function converse(
  agent: Agent,
  login: Login,
  { dialect, proved }: { readonly dialect: LoginDialect; readonly proved: () => void },
): Promise<LoginStep> {
  const { promise, resolve } = Promise.withResolvers<LoginStep>();
  const end = (step: LoginStep): void => {
    if (step.tag === 'respond') dialect.respond(step.value);
    else resolve(step);
  };
  const stopListening = dialect.listen((heard) => {
    if (heard.tag === 'challenge') {
      login.challenge(heard.bytes).then(end, () => {
        end({ tag: 'failed', reason: 'server-not-proved' });
      });
      return;
    }
    stopListening();
    const step = conclude(login, heard);
    if (step.tag === 'done') proved();
    end(step);
  });
  const onGone = (): void => {
    end({ tag: 'failed', reason: 'lost' });
  };
  agent.once('--reset-stream-features', onGone);
  dialect.begin(login.mechanism, login.first);
  const step = await promise;
  stopListening();
  agent.off('--reset-stream-features', onGone);
  return step;
}

/** The newer way where it is offered. */
function toOffer(features: Stanzas.StreamFeatures, agent: Agent, own: BareJid) {
  const bindings = features.channelBindings?.types ?? [];
  const newer = features.authentication?.mechanisms ?? [];
  return newer.length > 0
    ? { mechanisms: newer, bindings, dialect: sasl2Dialect(agent, own) }
    : {
        mechanisms: features.sasl?.mechanisms ?? [],
        bindings,
        dialect: plainDialect(agent),
      };
}

/**
 * Takes the place of stanza's own SASL feature, which believes any server that says `success`. A
 * login that succeeded sets the floor for the next ones with the same agent.
 */
export function installLogin(agent: Agent, options: LoginOptions): void {
  const floor = new LoginFloor();
  const { negotiated } = agent.features;

  const run = async (features: Stanzas.StreamFeatures): Promise<string | undefined> => {
    const { transport } = agent;
    const { way, binding } = options.line();
    const { dialect, ...offered } = toOffer(features, agent, options.jid);
    const { allowPlain } = options;
    const choice = chooseLogin(offered, { allowPlain, canBind: binding !== undefined, floor, way });
    if (choice === undefined) {
      options.failed('no-mechanism');
      return undefined;
    }
    const password = await options.password();
    // What a former line ends with is no business of the present one.
    const isOurs = (): boolean => agent.transport === transport;
    const proved = (): void => {
      if (!isOurs()) return;
      floor.raise(choice.mechanism, way);
      negotiated.sasl = true;
      negotiated.authentication = true;
      options.succeeded(choice.mechanism);
    };
    const step = isOurs()
      ? await converse(agent, startLogin(choice, binding, { ...options, password }), {
          dialect,
          proved,
        })
      : undefined;
    password.fill(0);
    if (!isOurs() || step === undefined) return undefined;
    if (step.tag === 'done') return dialect.afterwards === 'restart' ? 'restart' : STAY;
    options.failed(step.tag === 'failed' ? step.reason : 'not-xmpp');
    return undefined;
  };
  const handle = (features: Stanzas.StreamFeatures, done: (command?: string) => void): void => {
    run(features).then(
      (command) => {
        if (command !== undefined) done(command);
      },
      () => {
        // The password could not be had, such as from a locked store.
        options.failed('auth-failed');
      },
    );
  };
  agent.features.handlers.sasl = handle;
  agent.registerFeature('authentication', BEFORE_SASL, handle);
  agent.on('--reset-stream-features', () => {
    negotiated.sasl = false;
    negotiated.authentication = false;
  });
}
