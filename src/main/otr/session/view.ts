// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Protocol States": the shapes the user interface sees.

import type { Fingerprint, InstanceTag } from '../bytes.ts';
import type { SsidHalves } from '../profile/ssid.ts';
import type { DakeRole, SessionRole } from './effect.ts';

/** A session as the user interface may know it: nothing in it is secret. */
export type SessionView =
  | { readonly tag: 'plaintext' }
  | StartingView
  | EncryptedView
  /** No text may be sent, not even in clear, before a new start or an end. */
  | { readonly tag: 'finished'; readonly by: 'peer' | 'expired'; readonly starting?: StartingView };

/** A key exchange in progress. */
export interface StartingView {
  readonly tag: 'starting';
  readonly role: DakeRole;
  /** Claimed, not yet proven; undefined while any of the peer's clients may answer. */
  readonly theirTag: InstanceTag | undefined;
  /** Wall clock, in milliseconds. */
  readonly since: number;
  readonly heldCount: number;
}

export interface EncryptedView {
  readonly tag: 'encrypted';
  readonly role: SessionRole;
  readonly theirFingerprint: Fingerprint;
  readonly theirTag: InstanceTag;
  readonly ssid: SsidHalves;
  /** Wall clock, in milliseconds. */
  readonly establishedAt: number;
  /** Rotations so far, ours and theirs. */
  readonly ratchetId: number;
  /** Keys of messages that have not arrived yet. */
  readonly skippedKeys: number;
  readonly smp: 'idle' | 'asked' | 'running';
  /** A key exchange that would replace this session once it is authenticated. */
  readonly refreshing?: StartingView;
}
