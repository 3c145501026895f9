// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": two honest engines, played by one person.

import type { Env } from '../env.ts';
import type { SessionInput } from '../session/input.ts';
import { step } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';

export type Role = 'initiator' | 'responder';

/** One end that a forger plays, and what it steps with. */
export interface Player {
  readonly state: SessionState;
  readonly env: Env;
}

/** One body, exactly as it would have been on the wire. */
export interface ForgedBody {
  readonly sender: Role;
  readonly body: string;
}

/** A conversation that one person plays with two honest engines. */
export interface Stage {
  readonly initiator: Player;
  readonly responder: Player;
  /** Oldest first. */
  readonly said: readonly ForgedBody[];
}

/**
 * Lets one end do something, and delivers what it sends, and what is answered, until all is said.
 * Wipes what the sessions retire, as every caller of the engine does.
 */
export function speak(stage: Stage, who: Role, input: SessionInput): Stage {
  const { state, env } = stage[who];
  const { next, effects } = step(state, input, env);
  const bodies = effects.flatMap((effect) => (effect.tag === 'transmit' ? effect.bodies : []));
  const moved: Stage = { ...stage, [who]: { state: next, env } };
  for (const effect of effects) {
    if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
  }
  return bodies.reduce(
    (before, body) =>
      speak({ ...before, said: [...before.said, { sender: who, body }] }, other(who), {
        tag: 'receive',
        body,
      }),
    moved,
  );
}

export function other(who: Role): Role {
  return who === 'initiator' ? 'responder' : 'initiator';
}
