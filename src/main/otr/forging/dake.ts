// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": a key exchange between two who did not talk.

import type { Env } from '../env.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import type { OwnIdentity } from '../session/params.ts';
import { createSession } from '../session/session.ts';
import { chooseEphemeral, signerAmong } from './signer.ts';
import { speak } from './stage.ts';
import type { Stage } from './stage.ts';

/** One end of a forged conversation, as the public knows it. */
export interface ForgedEnd {
  readonly profile: ValidClientProfile;
  /** Bare address. */
  readonly jid: string;
}

/** Who is to have talked with whom, and what the forger has to show for it. */
export interface ForgedConversation {
  /** Sends the Identity message. */
  readonly initiator: ForgedEnd;
  readonly responder: ForgedEnd;
  /**
   * Long-term keys and forging keys, of either end, that the forger signs with where they fit.
   *
   * The specification asks for the long-term key of one participant. Whoever makes both halves of a
   * key exchange knows Y and X as well, and each ring has one of them, so that none is needed.
   */
  readonly keys: readonly LongTermKey[];
}

/**
 * "Forge DAKE and Session Keys": a key exchange between two ends, at least one of which knows
 * nothing of it, in the very functions that an honest one runs through. Who signed cannot be told.
 *
 * @param env  the initiator's; what it draws is what an honest initiator would have drawn
 * @param peer the responder's, where the two are to be told apart
 * @returns three bodies, and the session of either end with its keys, for {@link speak} or `step`
 * @throws {RangeError} when it does not lead to a session: a profile has expired by `env`, or both
 *                      ends have one instance tag
 * @see OTRv4 "Forging Transcripts"
 */
export function forgeDake(
  { initiator, responder, keys }: ForgedConversation,
  env: Env,
  peer: Env = env,
): Stage {
  using y = chooseEphemeral(env);
  using x = chooseEphemeral(peer);
  const [bob, alice] = [initiator.profile, responder.profile];
  // {F_b, H_a, Y} signs Auth-R, {H_b, F_a, X} signs Auth-I.
  const authR = signerAmong(keys, [bob.forgingKey, alice.publicKey]) ?? y.key;
  const authI = signerAmong(keys, [bob.publicKey, alice.forgingKey]) ?? x.key;
  const stage = speak(
    {
      initiator: {
        state: begin({ longTermKey: authI, profile: bob }, initiator, responder),
        env: y.plantedIn(env),
      },
      responder: {
        state: begin({ longTermKey: authR, profile: alice }, responder, initiator),
        env: x.plantedIn(peer),
      },
      said: [],
    },
    'initiator',
    { tag: 'start' },
  );
  if (stage.responder.state.messages.tag === 'encrypted') return stage;
  for (const role of ['initiator', 'responder'] as const) speak(stage, role, { tag: 'end' });
  throw new RangeError('no session');
}

function begin(own: OwnIdentity, us: ForgedEnd, them: ForgedEnd) {
  const policy = { invitations: 'accept' } as const;
  return createSession({ own, ourJid: us.jid, theirJid: them.jid, policy });
}
