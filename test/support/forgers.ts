// SPDX-License-Identifier: GPL-3.0-or-later
import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Env } from '#otr/env.ts';
import type { ForgedEnd } from '#otr/forging/dake.ts';
import type { ForgedLine } from '#otr/forging/transcript.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { createSession } from '#otr/session/session.ts';

import type { Exhibit } from '../../tools/forge/exhibits.ts';
import { Clock, clockedEnv, Party } from './two-parties.ts';

/** Somebody who kept every secret there is. */
export interface Keeper extends ForgedEnd {
  readonly longTermKey: LongTermKey;
  readonly forgingKey: LongTermKey;
}

const keepers = new Map<string, Keeper>();

export function keeperOf(name: string): Keeper {
  const known = keepers.get(name);
  if (known !== undefined) return known;
  const clock = new Clock();
  const env = clockedEnv(`keeper/${name}`, clock);
  const [longTermKey, forgingKey] = [createLongTermKey(env), createLongTermKey(env)];
  const profile = signClientProfile(
    { ownerTag: createInstanceTag(env), longTermKey, forgingKey: forgingKey.public },
    clock.nowMs + 30 * 86_400_000,
  );
  const made = { longTermKey, forgingKey, profile, jid: `${name}@xmpp.example` };
  keepers.set(name, made);
  return made;
}

/** Gives what `env` gives, and writes down what it drew. */
export function recording(env: Env, drawn: Uint8Array[]): Env {
  return {
    random(length) {
      const bytes = env.random(length);
      drawn.push(bytes.slice());
      return bytes;
    },
    nowMs: () => env.nowMs(),
    monotonicMs: () => env.monotonicMs(),
  };
}

/** Draws again what was drawn before. */
export function replaying(env: Env, drawn: readonly Uint8Array[]): Env {
  const left = [...drawn];
  return {
    random(length) {
      const bytes = left.shift();
      if (bytes?.length !== length) throw new RangeError('another draw than was recorded');
      return bytes.slice();
    },
    nowMs: () => env.nowMs(),
    monotonicMs: () => env.monotonicMs(),
  };
}

/** A live party that is `own` to everybody, whoever it is. */
export function liveParty(own: ForgedEnd, longTermKey: LongTermKey, peer: ForgedEnd, env: Env) {
  const state = createSession({
    own: { longTermKey, profile: own.profile },
    ourJid: own.jid,
    theirJid: peer.jid,
    policy: { invitations: 'accept' },
  });
  return new Party(own.jid, state, env);
}

/** A conversation that was had: Bob, the initiator, and Alice each with their own key. */
export function realTranscript(
  lines: readonly ForgedLine[],
  bobsDraws: Uint8Array[] = [],
): readonly Exhibit[] {
  const [bob, alice] = [keeperOf('bob'), keeperOf('alice')];
  const clock = new Clock();
  const bobsEnv = recording(clockedEnv('real/bob', clock), bobsDraws);
  const initiator = liveParty(bob, bob.longTermKey, alice, bobsEnv);
  const responder = liveParty(alice, alice.longTermKey, bob, clockedEnv('real/alice', clock));
  const exhibits: Exhibit[] = [];
  const act = (who: Party, input: SessionInput): void => {
    who.do(input);
    for (const body of who.takeOutbox()) {
      exhibits.push({ from: who.name, body });
      act(who === initiator ? responder : initiator, { tag: 'receive', body });
    }
  };
  act(initiator, { tag: 'start' });
  for (const { sender, text } of lines) {
    act(sender === 'initiator' ? initiator : responder, { tag: 'send', ref: text, text });
  }
  act(initiator, { tag: 'end' });
  return exhibits;
}
