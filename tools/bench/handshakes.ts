// SPDX-License-Identifier: GPL-3.0-or-later

import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodeNonInteractiveAuth } from '#otr/codec/non-interactive-auth.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { acceptOffline, beginOffline } from '#otr/dake/non-interactive.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import { createPrekeyMessage } from '#otr/profile/prekey-message.ts';
import { createPrekeyProfile } from '#otr/profile/prekey-profile.ts';
import { SMP_IDLE, stepSmp, type SmpEffect, type SmpInput } from '#otr/smp/machine.ts';
import { env, makeIdentity } from './parties.ts';

/** Bob has published; Alice writes while he is away. Each call does one side, once. */
export function prepareOffline() {
  const [alice, bob] = [makeIdentity(0x1000), makeIdentity(0x2000)];
  const common = { dialect: 'spec', transitional: 'pass-over' } as const;
  const ours = { own: alice, ourJid: 'alice@localhost', theirJid: 'bob@localhost', ...common };
  const theirs = { own: bob, ourJid: 'bob@localhost', theirJid: 'alice@localhost', ...common };
  const { ownerTag } = bob.profile;
  const owner = { ownerTag, mode: 'standalone', longTermKey: bob.longTermKey } as const;
  const { profile: prekeyProfile, sharedPrekey } = createPrekeyProfile(owner, env);
  const published = [{ profile: bob.profile, prekeyProfile, sharedPrekey }];
  let prekey = createPrekeyMessage(owner, env);
  let sent = new Uint8Array(0);
  return {
    publish: () => {
      prekey = createPrekeyMessage(owner, env);
    },
    send: () => {
      const ensemble = {
        clientProfile: decodeClientProfile(bob.profile.raw),
        prekeyProfile: decodePrekeyProfile(prekeyProfile.raw),
        prekeyMessage: decodePrekeyMessage(prekey.raw),
      };
      sent = new Uint8Array(beginOffline(validateEnsemble(ensemble, env.nowMs()), ours, env).bytes);
    },
    receive: () => {
      const message = decodeNonInteractiveAuth(sent);
      const received = { message, theirs: validateOffer(message, env) };
      const established = acceptOffline(received, { pair: prekey.pair, published }, theirs, env);
      if (established === undefined) throw new Error('the offline message was refused');
    },
  };
}

/** The comparison alone, without the data messages that carry it. */
export class Comparison {
  readonly #alice = { own: makeIdentity(0x1000), state: SMP_IDLE };
  readonly #bob = { own: makeIdentity(0x2000), state: SMP_IDLE };
  readonly #ssid = new Uint8Array(8);
  #value: Uint8Array = new Uint8Array(0);
  #type = 0;
  #matches = 0;

  /** The five steps in order: who takes them, and what comes in. */
  readonly steps: readonly (() => void)[] = [
    () => {
      this.#take('alice', { tag: 'start', secret: 'lisbon' });
    },
    () => {
      this.#receive('bob');
      this.#take('bob', { tag: 'answer', secret: 'lisbon' });
    },
    () => {
      this.#receive('alice');
    },
    () => {
      this.#receive('bob');
    },
    () => {
      this.#receive('alice');
    },
  ];

  run(): void {
    const before = this.#matches;
    for (const take of this.steps) take();
    if (this.#matches !== before + 2) throw new Error('the comparison did not finish');
  }

  #receive(by: 'alice' | 'bob'): void {
    this.#take(by, { tag: 'receive', tlv: { type: this.#type, value: this.#value } });
  }

  #take(by: 'alice' | 'bob', input: SmpInput): void {
    const [us, them] = by === 'alice' ? [this.#alice, this.#bob] : [this.#bob, this.#alice];
    const context = {
      ourFingerprint: us.own.profile.fingerprint,
      theirFingerprint: them.own.profile.fingerprint,
      ssid: this.#ssid,
    };
    const { next, effects } = stepSmp(us.state, input, context, env);
    us.state = next;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: SmpEffect): void {
    if (effect.tag === 'send') ({ type: this.#type, value: this.#value } = effect.tlv);
    if (effect.tag === 'result' && effect.matched) this.#matches += 1;
    if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
  }
}
