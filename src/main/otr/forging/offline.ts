// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts", "Non-Interactive DAKE Overview": a beginning that nobody made.

import { decodePrekeyMessage } from '../codec/prekey-message.ts';
import { generateEphemerals } from '../dake/ephemerals.ts';
import { agreeAsRetriever } from '../dake/non-interactive.ts';
import type { EstablishedOffline } from '../dake/non-interactive.ts';
import { deriveSession } from '../dake/offline-secret.ts';
import { authRRing } from '../dake/sides.ts';
import { ephemeralSecrets } from '../dake/state.ts';
import type { Env } from '../env.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import {
  createPrekeyMessage,
  prekeySecrets,
  validatePrekeyMessage,
} from '../profile/prekey-message.ts';
import type { ValidPrekeyMessage } from '../profile/prekey-message.ts';
import type { ValidPrekeyProfile } from '../profile/prekey-profile.ts';
import { agreeBraceKey } from '../ratchet/brace-key.ts';
import { startAsPublisher } from '../ratchet/offline-start.ts';
import { adopt } from '../session/establish.ts';
import { createSession, step } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { ForgedEnd } from './dake.ts';
import { chooseEphemeral, signerAmong } from './signer.ts';
import type { Stage } from './stage.ts';

/** One who is to have been away, as the public knows them: what they published. */
export interface ForgedPublisher {
  readonly clientProfile: ValidClientProfile;
  readonly prekeyProfile: ValidPrekeyProfile;
  /** One of theirs. Without it the forger makes one up: no key of anybody signs it. */
  readonly prekeyMessage?: ValidPrekeyMessage | undefined;
  /** Bare address. */
  readonly jid: string;
}

/** Who is to have written to whom, and what the forger has to show for it. */
export interface OfflineConversation {
  /** Retrieved the ensemble and sent the Non-Interactive-Auth message: Alice. */
  readonly initiator: ForgedEnd;
  /** Published it, and was away: Bob. */
  readonly responder: ForgedPublisher;
  /**
   * As {@link ForgedConversation.keys}. The ring is {F_b, H_a, Y}: Alice's long-term key fits, and
   * Bob's forging key. A prekey message that the forger made up needs neither, for Y is theirs.
   */
  readonly keys: readonly LongTermKey[];
}

/** A forged beginning: what was retrieved, and a session of either end that goes on from it. */
export interface OfflineStage {
  readonly ensemble: ValidEnsemble;
  readonly stage: Stage;
}

/**
 * "Forge DAKE and Session Keys" for the non-interactive DAKE. Alice's end is an honest engine. Bob's
 * holds what Bob would have: tmp_k can be had from Alice's secrets as well as from his, and nothing
 * that he sends afterwards needs the secrets of what he published.
 *
 * @param env  the initiator's; what it draws is what an honest initiator would have drawn
 * @param peer the responder's; a prekey message that is made up is drawn from it
 * @throws {RangeError} when no key is a member of the ring, or it does not lead to a session: a
 *                      profile has expired by `env`, or both ends have one instance tag or one key
 * @see OTRv4 "Forging Transcripts"
 */
export function forgeOfflineDake(
  { initiator, responder, keys }: OfflineConversation,
  env: Env,
  peer: Env = env,
): OfflineStage {
  using y = chooseEphemeral(peer);
  const ensemble = toEnsemble(responder, y.plantedIn(peer));
  const { clientProfile, prekeyMessage } = ensemble;
  const ring = authRRing(clientProfile, initiator.profile, prekeyMessage.ecdhPublic);
  const longTermKey = signerAmong([...keys, y.key], ring);
  if (longTermKey === undefined) throw new RangeError('no key of the ring');
  const drawn: Uint8Array[] = [];
  const begun = step(
    begin(longTermKey, initiator.profile, [initiator.jid, responder.jid]),
    { tag: 'start-offline', ensemble },
    recording(env, drawn),
  );
  if (begun.next.messages.tag !== 'encrypted') throw new RangeError('no session');
  const established = mirror(initiator, ensemble, longTermKey, {
    ...env,
    random: replaying(drawn),
  });
  for (const bytes of drawn) bytes.fill(0);
  const away = begin(longTermKey, clientProfile, [responder.jid, initiator.jid]);
  const answering = adopt(away, { ...established, replaced: undefined }, peer);
  const bodies = begun.effects.flatMap((effect) =>
    effect.tag === 'transmit' ? effect.bodies : [],
  );
  const stage: Stage = {
    initiator: { state: begun.next, env },
    responder: { state: answering.next, env: peer },
    said: bodies.map((body) => ({ sender: 'initiator', body })),
  };
  return { ensemble, stage };
}

function begin(
  longTermKey: LongTermKey,
  profile: ValidClientProfile,
  [ourJid, theirJid]: readonly [string, string],
): SessionState {
  return createSession({ own: { longTermKey, profile }, ourJid, theirJid });
}

/** A prekey message that is made up is made as any other; its secrets are not needed after Y signed. */
function toEnsemble(
  { clientProfile, prekeyProfile, prekeyMessage }: ForgedPublisher,
  peer: Env,
): ValidEnsemble {
  const { ownerTag } = clientProfile;
  if (prekeyMessage !== undefined) {
    return { ownerTag, clientProfile, prekeyProfile, prekeyMessage };
  }
  const { pair, raw } = createPrekeyMessage({ ownerTag, mode: 'standalone' }, peer);
  for (const secret of prekeySecrets(pair)) secret.wipe();
  const madeUp = validatePrekeyMessage(decodePrekeyMessage(raw), ownerTag);
  return { ownerTag, clientProfile, prekeyProfile, prekeyMessage: madeUp };
}

/** The responder's end of what the initiator began, from the initiator's secrets. */
function mirror(
  { profile }: ForgedEnd,
  ensemble: ValidEnsemble,
  longTermKey: LongTermKey,
  again: Env,
): EstablishedOffline {
  const ours = generateEphemerals(again);
  const { clientProfile, prekeyMessage } = ensemble;
  const braceKey = agreeBraceKey(ours.dh.secret, prekeyMessage.dhPublic, again);
  using temporary = agreeAsRetriever(ours, ensemble, braceKey);
  const { mixed, ssid } = deriveSession(temporary);
  const ratchet = startAsPublisher(
    { mixed, braceKey },
    {
      ourEcdh: prekeyMessage.ecdhPublic,
      ourDh: prekeyMessage.dhPublic,
      theirEcdh: ours.firstEcdh.public,
      theirDh: ours.firstDh.public,
    },
  );
  for (const secret of [mixed, ...ephemeralSecrets(ours)]) secret.wipe();
  return {
    role: 'publisher',
    ratchet,
    ssid,
    own: { longTermKey, profile: clientProfile },
    theirs: { senderTag: profile.ownerTag, profile },
  };
}

function recording(env: Env, drawn: Uint8Array[]): Env {
  return {
    ...env,
    random(length) {
      const bytes = env.random(length);
      drawn.push(bytes.slice());
      return bytes;
    },
  };
}

/** Whoever draws the same makes the same. */
function replaying(drawn: readonly Uint8Array[]): Env['random'] {
  const left = drawn.values();
  return () => {
    const next = left.next();
    // Stryker disable next-line ConditionalExpression,CallExpression: both ends draw the same four pairs
    if (next.done === true) throw new RangeError('another draw');
    return next.value;
  };
}
