// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": what a session holds.

import type { Fingerprint, InstanceTag } from '../bytes.ts';
import type { Reassembly } from '../codec/reassembly.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Ssid } from '../dake/shared-secret.ts';
import type { DakeContext, DakeState } from '../dake/state.ts';
import { LIMITS } from '../limits.ts';
import { ratchetSecrets } from '../ratchet/ratchet.ts';
import type { Ratchet, RatchetLimits } from '../ratchet/ratchet.ts';
import { secretsOf } from '../smp/machine.ts';
import type { SmpState } from '../smp/machine.ts';
import type { SessionEffect, SessionRole } from './effect.ts';
import type { MessageRef } from './input.ts';
import type { SessionPolicy } from './policy.ts';
import type { Throttle } from './throttle.ts';

/**
 * One session with one device of the peer. Immutable; a step returns the next one.
 *
 * The key exchange stands beside the message state: only an authenticated one replaces a live
 * session, so nobody can end one by sending an Identity message.
 */
export interface SessionState {
  readonly context: DakeContext;
  readonly policy: SessionPolicy;
  /** Announced by the device; undefined when nothing is known. */
  readonly announcedTag: InstanceTag | undefined;
  readonly messages: MessageState;
  readonly dake: DakeState;
  /** Our texts that wait for the key exchange. */
  readonly held: readonly HeldText[];
  /** Monotonic clock, ms: since when they wait for an answer to our Query message, if to that. */
  readonly queriedAt: number | undefined;
  /** What became of offers in our text: a peer who answers one in clear is not offered more. */
  readonly tagging: 'untold' | 'offered' | 'declined';
  /** A session was established: an offer of less than version 4 is no honest one any more. */
  readonly hasSpokenVersion4: boolean;
  /** Data messages of the peer that overtook the end of the key exchange, oldest first. */
  readonly early: readonly EarlyMessage[];
  /** A session the peer began offline, whose prekey or whose user's consent is waited for. */
  readonly awaited: AwaitedOffline | undefined;
  readonly fragments: Reassembly;
  readonly throttle: Throttle;
}

export interface SessionStep {
  /** The very same object when the input was ignored. */
  readonly next: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** @see OTRv4 "Protocol States" */
export type MessageState =
  | { readonly tag: 'plaintext' }
  | Encrypted
  | { readonly tag: 'finished'; readonly by: 'peer' | 'expired' };

export interface Encrypted {
  readonly tag: 'encrypted';
  readonly role: SessionRole;
  readonly ratchet: Ratchet;
  readonly ssid: Ssid;
  readonly theirTag: InstanceTag;
  readonly theirFingerprint: Fingerprint;
  readonly ourFingerprint: Fingerprint;
  readonly smp: SmpState;
  /** Wall clock, milliseconds: for the eye only. */
  readonly establishedAt: number;
  /** Monotonic clock, milliseconds: when our newest ECDH key was made or its use began. */
  readonly renewedAt: number;
  /** Monotonic clock, milliseconds. */
  readonly lastSentAt: number;
  /** Authenticators of the last messages read: the network may deliver one twice. */
  readonly readBefore: readonly Uint8Array[];
}

export interface EarlyMessage {
  readonly bytes: Uint8Array;
  /** Monotonic clock, milliseconds. */
  readonly arrivedAt: number;
}

/** Who sent a Non-Interactive-Auth message, and how long its first data messages are kept for it. */
export interface AwaitedOffline {
  readonly theirTag: InstanceTag;
  /** Monotonic clock, milliseconds. */
  readonly until: number;
}

export interface HeldText {
  readonly ref: MessageRef;
  readonly text: string;
}

const MAC_KEY_LENGTH = 64;

export const RATCHET_LIMITS: RatchetLimits = {
  skipPerRatchet: LIMITS.skipPerRatchet,
  skippedKeys: LIMITS.skippedKeys,
  skippedChains: LIMITS.skippedChains,
  macKeysToReveal: LIMITS.oldMacKeysBytes / MAC_KEY_LENGTH,
};

export function ourTag({ context }: SessionState): InstanceTag {
  return context.own.profile.ownerTag;
}

/** Whether one end began the session while the other was away. It outlives the network session. */
export function beganOffline({ role }: Pick<Encrypted, 'role'>): boolean {
  return role === 'retriever' || role === 'publisher';
}

/** Everything secret that belongs to a live session and to nothing else. */
export function encryptedSecrets({ ratchet, ssid, smp }: Encrypted): readonly Secret[] {
  return [...ratchetSecrets(ratchet), ssid, ...secretsOf(smp)];
}
