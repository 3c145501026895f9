// SPDX-License-Identifier: GPL-3.0-or-later

import { knownBeginning } from '../../test/support/known-offline.ts';
import { knownParty } from '../../test/support/known-parties.ts';
import { knownPublication } from '../../test/support/known-prekeys.ts';
import { KNOWN_NOW_MS } from '../../test/support/labelled-random.ts';

/** What is published, handed out and sent for a session that one end begins alone. */
export function offlineMessages() {
  const { bob, prekeyProfile, prekeyMessage } = knownPublication();
  return {
    clientProfile: bob.profile.raw,
    prekeyProfile: prekeyProfile.raw,
    prekeyMessage,
    auth: knownBeginning().bytes,
    /** Of Alice, who sends it. */
    sender: knownParty('alice').profile,
  };
}

export const OFFLINE_NOW_MS = KNOWN_NOW_MS;
