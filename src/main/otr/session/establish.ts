// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving an Auth-R Message", "Receiving an Auth-I Message": a session takes its place.

import type { Fingerprint, InstanceTag } from '../bytes.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { Ssid } from '../dake/shared-secret.ts';
import type { DakeIdentity, EstablishedDake } from '../dake/state.ts';
import type { Env } from '../env.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import { formatSsid } from '../profile/ssid.ts';
import type { SsidHalves } from '../profile/ssid.ts';
import { startAsInitiator, startAsResponder } from '../ratchet/ratchet.ts';
import type { Ratchet } from '../ratchet/ratchet.ts';
import { SMP_IDLE } from '../smp/machine.ts';
import type { EstablishedEffect, RefusedWhy, SessionEffect, SessionRole } from './effect.ts';
import { endSmp } from './ending.ts';
import { receiveEarly } from './received-data.ts';
import { releaseHeld } from './sending.ts';
import { encryptedSecrets } from './state.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { andThen, retire } from './step-parts.ts';
import { rememberIdentity } from './throttle.ts';

/**
 * Puts an authenticated session in the place of whatever stood there, reads what arrived too early
 * for it and sends what was held.
 *
 * @see OTRv4 "Sending an Auth-I Message", "Receiving an Auth-I Message"
 */
export function establish(state: SessionState, dake: EstablishedDake, env: Env): SessionStep {
  const { mixed, firstKeys, role } = dake;
  const ratchet = (role === 'initiator' ? startAsInitiator : startAsResponder)(
    mixed,
    firstKeys,
    env,
  );
  // Our Auth-R answered a message that anyone may send again; our Identity message is answered once.
  const throttle =
    role === 'responder'
      ? rememberIdentity(state.throttle, dake.theirs.ecdhPublic)
      : state.throttle;
  const replaced = liveSession(state);
  const stands = adopt({ ...state, throttle }, { ...dake, ratchet, replaced }, env);
  return { next: stands.next, effects: [...stands.effects, ...retire([mixed])] };
}

export function liveSession({ messages }: SessionState): Encrypted | undefined {
  return messages.tag === 'encrypted' ? messages : undefined;
}

/** A session both ends of which are who they say, ready to stand. */
export interface Begun {
  readonly role: SessionRole;
  readonly ratchet: Ratchet;
  readonly ssid: Ssid;
  readonly own: DakeIdentity;
  readonly theirs: { readonly senderTag: InstanceTag; readonly profile: ValidClientProfile };
  /** What stands now, or stood until this very step. */
  readonly replaced: Encrypted | undefined;
}

/** {@link establish}, however the session began. */
export function adopt(state: SessionState, begun: Begun, env: Env): SessionStep {
  const { replaced } = begun;
  const session = toSession(begun, env);
  const live = liveSession(state);
  const event: EstablishedEffect = {
    tag: 'established',
    role: begun.role,
    ssid: showSsid(session),
    theirFingerprint: session.theirFingerprint,
    theirTag: session.theirTag,
    theirProfileExpiresAt: begun.theirs.profile.expiresAt,
    replaced: replaced !== undefined,
    keyChanged:
      replaced !== undefined && !equalBytes(replaced.theirFingerprint, session.theirFingerprint),
  };
  const retired: readonly SessionEffect[] =
    live === undefined ? [] : [...endSmp(live), ...retire(encryptedSecrets(live))];
  const throttle = { ...state.throttle, lastQueryAt: env.monotonicMs() };
  const standing: SessionStep = {
    next: {
      ...state,
      messages: session,
      awaited: undefined,
      throttle,
      tagging: 'untold',
      hasSpokenVersion4: true,
    },
    effects: [event, ...retired],
  };
  const read = andThen(standing, (at) => receiveEarly(at, env));
  return andThen(read, (at) => releaseHeld(at, env, whyKeepBack(at, event)));
}

function toSession({ role, ratchet, ssid, own, theirs }: Begun, env: Env): Encrypted {
  const now = env.monotonicMs();
  return {
    tag: 'encrypted',
    role,
    ratchet,
    ssid,
    theirTag: theirs.senderTag,
    theirFingerprint: theirs.profile.fingerprint,
    ourFingerprint: own.profile.fingerprint,
    smp: SMP_IDLE,
    establishedAt: env.nowMs(),
    renewedAt: now,
    lastSentAt: now,
    readBefore: [],
  };
}

/** What each of the two ends sends to complete a key exchange. */
const SENT_AS = {
  initiator: 'auth-i',
  responder: 'auth-r',
  retriever: 'non-interactive-auth',
  publisher: 'prekey-message',
} as const;

/** The two halves of the session id; ours is the one we read aloud. */
export function showSsid({ ssid, role }: Encrypted): SsidHalves {
  return ssid.lend((bytes) => formatSsid(bytes, SENT_AS[role]));
}

/** Held text was written for somebody: not for whoever turns up instead. */
function whyKeepBack(
  { policy }: SessionState,
  { keyChanged, theirFingerprint }: EstablishedEffect,
): RefusedWhy | undefined {
  const { heldTextGoesTo } = policy;
  const isMeant =
    heldTextGoesTo === 'any-key' ? !keyChanged : includes(heldTextGoesTo, theirFingerprint);
  return isMeant ? undefined : 'unexpected-key';
}

function includes(list: readonly Fingerprint[], wanted: Fingerprint): boolean {
  return list.some((fingerprint) => equalBytes(fingerprint, wanted));
}
