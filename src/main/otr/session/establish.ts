// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving an Auth-R Message", "Receiving an Auth-I Message": a session takes its place.

import type { Fingerprint } from '../bytes.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { EstablishedDake } from '../dake/state.ts';
import type { Env } from '../env.ts';
import { formatSsid } from '../profile/ssid.ts';
import type { SsidHalves } from '../profile/ssid.ts';
import { startAsInitiator, startAsResponder } from '../ratchet/ratchet.ts';
import { SMP_IDLE } from '../smp/machine.ts';
import type { EstablishedEffect, RefusedWhy, SessionEffect } from './effect.ts';
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
  const session = toSession(dake, env);
  const replaced = state.messages.tag === 'encrypted' ? state.messages : undefined;
  const event: EstablishedEffect = {
    tag: 'established',
    role: dake.role,
    ssid: showSsid(session),
    theirFingerprint: session.theirFingerprint,
    theirTag: session.theirTag,
    theirProfileExpiresAt: dake.theirs.profile.expiresAt,
    replaced: replaced !== undefined,
    keyChanged:
      replaced !== undefined && !equalBytes(replaced.theirFingerprint, session.theirFingerprint),
  };
  const retired: readonly SessionEffect[] = [
    ...retire([dake.mixed]),
    ...(replaced === undefined ? [] : [...endSmp(replaced), ...retire(encryptedSecrets(replaced))]),
  ];
  const now = env.monotonicMs();
  const used = rememberIdentity(state.throttle, dake.theirs.ecdhPublic);
  const throttle = { ...(dake.role === 'responder' ? used : state.throttle), lastQueryAt: now };
  const standing: SessionStep = {
    next: { ...state, messages: session, throttle, tagging: 'untold', hasSpokenVersion4: true },
    effects: [event, ...retired],
  };
  const read = andThen(standing, (at) => receiveEarly(at, env));
  return andThen(read, (at) => releaseHeld(at, env, whyKeepBack(at, event)));
}

function toSession(dake: EstablishedDake, env: Env): Encrypted {
  const { role, mixed, firstKeys, own, theirs, ssid } = dake;
  const now = env.monotonicMs();
  return {
    tag: 'encrypted',
    role,
    ratchet: (role === 'initiator' ? startAsInitiator : startAsResponder)(mixed, firstKeys),
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

/** The two halves of the session id; ours is the one we read aloud. */
export function showSsid({ ssid, role }: Encrypted): SsidHalves {
  return ssid.lend((bytes) => formatSsid(bytes, role === 'initiator' ? 'auth-i' : 'auth-r'));
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
