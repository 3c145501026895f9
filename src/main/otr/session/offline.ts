// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Sending a Data Message to an offline participant", "Receiving a Non-Interactive-Auth Message".

import { decodeNonInteractiveAuth } from '../codec/non-interactive-auth.ts';
import type { NonInteractiveAuthMessage } from '../codec/non-interactive-auth.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { acceptOffline, beginOffline } from '../dake/non-interactive.ts';
import type { EstablishedOffline, OwnPrekeys } from '../dake/non-interactive.ts';
import { holdsKeyOf } from '../dake/sides.ts';
import { validateOffer } from '../dake/validate.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { ensembleExpiresAt } from '../profile/ensemble.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';
import { prekeySecrets } from '../profile/prekey-message.ts';
import { ratchetSecrets } from '../ratchet/ratchet.ts';
import type { IgnoredWhy, OfflineRefusedWhy } from './effect.ts';
import { abandonDake, leave } from './ending.ts';
import { adopt, liveSession } from './establish.ts';
import type { ReceiveInput } from './input.ts';
import { permitsOffline } from '../mode.ts';
import { ourTag } from './state.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { andThen, ignore, retire, transmit } from './step-parts.ts';
import { admitIdentity, isUsedIdentity, rememberIdentity } from './throttle.ts';

/**
 * Begins a session while the peer is away. A live one is left with Disconnected first, a key exchange
 * under way is given up, and what was held is sent. One that began offline and was never answered is
 * just replaced: the peer will read all of it, and then this one.
 *
 * @see OTRv4 "Sending a Data Message to an offline participant"
 */
export function startOffline(state: SessionState, ensemble: ValidEnsemble, env: Env): SessionStep {
  const why = whyRefused(state, ensemble, env);
  if (why !== undefined) return { next: state, effects: [{ tag: 'offline-refused', why }] };
  const replaced = liveSession(state);
  const left = andThen(abandonDake(state), (at) =>
    replaced === undefined || isUnanswered(replaced)
      ? { next: at, effects: [] }
      : leave(at, replaced, env),
  );
  const { bytes, established } = beginOffline(ensemble, state.context, env);
  const message = { kind: 'dake', bytes, receiverTag: ensemble.ownerTag } as const;
  const sent: SessionStep = {
    next: left.next,
    effects: [...left.effects, transmit(left.next, message, env)],
  };
  return andThen(sent, (at) => adopt(at, { ...established, replaced }, env));
}

/** Nobody has seen it live, and who reads Disconnected first ignores what comes after it. */
function isUnanswered({ role, ratchet }: Encrypted): boolean {
  return role === 'retriever' && ratchet.receivingId === -1;
}

/** Decided before anything is computed, the mode of the account first. */
function whyRefused(
  { policy, context, messages, announcedTag }: SessionState,
  ensemble: ValidEnsemble,
  env: Env,
): OfflineRefusedWhy | undefined {
  if (!permitsOffline(policy.mode)) return 'not-allowed';
  const { own } = context;
  const { ownerTag, clientProfile, prekeyMessage } = ensemble;
  const isOwn =
    ownerTag === own.profile.ownerTag ||
    equalBytes(clientProfile.publicKey, own.longTermKey.public) ||
    holdsKeyOf({ profile: clientProfile, ecdhPublic: prekeyMessage.ecdhPublic }, own);
  if (isOwn) return 'own-key';
  const theirTag = messages.tag === 'encrypted' ? messages.theirTag : announcedTag;
  if (theirTag !== undefined && theirTag !== ownerTag) return 'foreign-tag';
  return ensembleExpiresAt(ensemble) <= env.nowMs() ? 'expired' : undefined;
}

/**
 * A Non-Interactive-Auth message takes two steps, since prekeys are in a store: the first asks for the
 * prekey that the message names, the second comes with it, checks everything, and only then touches
 * what stands. Where the mode forbids it the message is not even read.
 *
 * @throws {OtrError} when it is malformed or invalid
 * @see OTRv4 "Receiving a Non-Interactive-Auth Message"
 */
export function receiveOffline(
  state: SessionState,
  bytes: Uint8Array,
  input: ReceiveInput,
  env: Env,
): SessionStep {
  if (!permitsOffline(state.policy.mode)) return ignore(state, 'not-allowed');
  if (state.messages.tag === 'finished') return ignore(state, 'unexpected');
  const message = decodeNonInteractiveAuth(bytes);
  const stray = whyStray(state, message);
  if (stray !== undefined) return ignore(state, stray);
  const received = { body: input.body.trim(), accepted: input.accepted === true };
  return input.prekey === undefined
    ? askForPrekey(state, message, received, env)
    : receiveWithPrekey(state, { ...received, message }, input.prekey, env);
}

function whyStray(
  state: SessionState,
  { senderTag, receiverTag, ecdhPublic }: NonInteractiveAuthMessage,
): IgnoredWhy | undefined {
  if (senderTag === ourTag(state)) return 'reflected';
  if (receiverTag !== ourTag(state)) return 'not-for-us';
  return isUsedIdentity(state.throttle, ecdhPublic) ? 'duplicate' : undefined;
}

interface ReceivedBody {
  readonly body: string;
  readonly accepted: boolean;
}

/** What the user agreed to was counted when it was asked. */
function askForPrekey(
  state: SessionState,
  { prekeyId, senderTag }: NonInteractiveAuthMessage,
  received: ReceivedBody,
  env: Env,
): SessionStep {
  const throttle = received.accepted
    ? state.throttle
    : admitIdentity(state.throttle, env.monotonicMs());
  if (throttle === undefined) return ignore(state, 'rate-limited');
  return {
    next: { ...state, throttle, awaited: awaitFrom(senderTag, env) },
    effects: [{ tag: 'prekey-wanted', prekeyId, ...received }],
  };
}

function awaitFrom(theirTag: NonInteractiveAuthMessage['senderTag'], env: Env) {
  return { theirTag, until: env.monotonicMs() + LIMITS.earlyLifetimeMs };
}

interface ReceivedMessage extends ReceivedBody {
  readonly message: NonInteractiveAuthMessage;
}

function receiveWithPrekey(
  state: SessionState,
  { message, body, accepted }: ReceivedMessage,
  prekeys: OwnPrekeys,
  env: Env,
): SessionStep {
  if (prekeys.pair.id !== message.prekeyId) return ignore(state, 'invalid');
  const theirs = validateOffer(message, env, state.context.transitional);
  if (holdsKeyOf(theirs, state.context.own)) return ignore(state, 'invalid');
  const established = acceptOffline({ message, theirs }, prekeys, state.context, env);
  if (established === undefined) return ignore(state, 'invalid');
  if (!accepted && mustAsk(state, established)) {
    return invite(state, established, body, env);
  }
  const throttle = rememberIdentity(state.throttle, theirs.ecdhPublic);
  const { early } = state;
  const ready = andThen(abandonDake({ ...state, throttle }), (at) => ({
    next: { ...at, early },
    effects: [
      { tag: 'prekey-used', prekeyId: message.prekeyId },
      ...retire(prekeySecrets(prekeys.pair)),
    ],
  }));
  const begun = { ...established, replaced: liveSession(state) };
  return andThen(ready, (at) => adopt(at, begun, env));
}

/**
 * Whether the user is to be asked before the session stands: when the policy says so, and always when
 * somebody with another key would take the place of a live session. Who is starting has agreed.
 */
function mustAsk(
  { dake, messages, policy }: SessionState,
  { theirs }: EstablishedOffline,
): boolean {
  const isStranger =
    messages.tag === 'encrypted' &&
    !equalBytes(messages.theirFingerprint, theirs.profile.fingerprint);
  if (isStranger) return true;
  return dake.tag !== 'waiting-auth-r' && policy.invitations === 'ask';
}

/** The message is genuine; what was derived for it goes, the prekey and what stands remain. */
function invite(
  state: SessionState,
  { ratchet, ssid, theirs }: EstablishedOffline,
  body: string,
  env: Env,
): SessionStep {
  const { senderTag, profile } = theirs;
  const claimed = { theirTag: senderTag, claimedFingerprint: profile.fingerprint };
  for (const secret of [...ratchetSecrets(ratchet), ssid]) secret.wipe();
  return {
    next: { ...state, awaited: awaitFrom(senderTag, env) },
    effects: [{ tag: 'invitation', body, ...claimed }],
  };
}
