// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Protocol States": a session as the user interface may see it.

import { showSsid } from './establish.ts';
import type { Encrypted, SessionState } from './state.ts';
import type { EncryptedView, SessionView, StartingView } from './view.ts';

/** What the user interface may know: nothing in it is secret. */
export function describe(state: SessionState): SessionView {
  const starting = describeStart(state);
  const { messages } = state;
  switch (messages.tag) {
    case 'plaintext':
      return starting ?? { tag: 'plaintext' };
    case 'finished':
      return { ...messages, ...(starting === undefined ? {} : { starting }) };
    case 'encrypted':
      return {
        ...describeSession(messages),
        ...(starting === undefined ? {} : { refreshing: starting }),
      };
  }
}

function describeStart({ dake, held }: SessionState): StartingView | undefined {
  if (dake.tag === 'start') return undefined;
  return {
    tag: 'starting',
    ...(dake.tag === 'waiting-auth-r'
      ? { role: 'initiator', theirTag: dake.receiverTag === 0 ? undefined : dake.receiverTag }
      : { role: 'responder', theirTag: dake.theirs.senderTag }),
    since: dake.since,
    heldCount: held.length,
  };
}

function describeSession(session: Encrypted): EncryptedView {
  const { role, theirFingerprint, theirTag, establishedAt, ratchet } = session;
  return {
    tag: 'encrypted',
    role,
    theirFingerprint,
    theirTag,
    ssid: showSsid(session),
    establishedAt,
    ratchetId: ratchet.rotations,
    skippedKeys: ratchet.skipped.length,
    smp: describeSmp(session),
  };
}

function describeSmp({ smp }: Encrypted): EncryptedView['smp'] {
  switch (smp.tag) {
    case 'expect1':
      return 'idle';
    case 'asked':
      return 'asked';
    default:
      return 'running';
  }
}
