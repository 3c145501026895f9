// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationState, ConversationView } from '#shared/model/conversation.ts';

/** Where the person stands: off the record, the whole pane is one step lower in light. */
const below: ReadonlySet<ConversationState> = new Set<ConversationState>([
  'not-started',
  'waiting',
  'starting',
  'unverified',
  'verified',
  'mixed',
  'offline-verified',
  'offline-unverified',
  'interrupted',
  'key-changed',
]);

const withoutSession: ReadonlySet<ConversationState> = new Set<ConversationState>([
  'plain',
  'plain-available',
  'not-started',
  'waiting',
  'ended-by-peer',
  'expired',
  'cannot-encrypt',
]);

/** After these, nothing goes on by itself: screen readers are told at once. */
const alarming: ReadonlySet<ConversationState> = new Set<ConversationState>([
  'ended-by-peer',
  'expired',
  'interrupted',
  'key-changed',
  'cannot-encrypt',
]);

export const isBelowTheLine = (state: ConversationState): boolean => below.has(state);

export const isAlarming = (state: ConversationState): boolean => alarming.has(state);

export const isPlain = (state: ConversationState): boolean =>
  state === 'plain' || state === 'plain-available';

/** No session and none under way; what is typed waits where it may not go in clear. */
export const isIdle = (state: ConversationState): boolean =>
  isPlain(state) || state === 'not-started' || state === 'waiting';

/** What is held goes no further by itself: the user has to say how. */
export const waitsForChoice = ({ state, composer }: ConversationView): boolean =>
  composer === 'locked' || (isIdle(state) && state !== 'waiting');

const offTheRecord: ReadonlySet<ConversationState> = new Set<ConversationState>([
  'unverified',
  'verified',
  'mixed',
  'offline-verified',
  'offline-unverified',
]);

export const isOffTheRecord = (state: ConversationState): boolean => offTheRecord.has(state);

/** What is written is kept for them until they are back. */
export const isKept = (state: ConversationState): boolean =>
  state === 'offline-verified' || state === 'offline-unverified';

/** Ended by the other side or by time, and the user has not chosen yet. */
export const isEnded = (state: ConversationState): boolean =>
  state === 'ended-by-peer' || state === 'expired';

const canStart = (state: ConversationState): boolean => withoutSession.has(state);

/** Where off the record is switched off, nothing offers to start it (guide R-02). */
export const mayStart = ({ state, rules }: ConversationView): boolean =>
  canStart(state) && rules.otr !== 'never';

/** Also where what is written waits for somebody who went: the chat with them is not over. */
export const canEnd = ({ state, devices }: ConversationView): boolean =>
  isOffTheRecord(state) ||
  state === 'interrupted' ||
  state === 'key-changed' ||
  (state === 'waiting' && devices.some(({ inChat }) => inChat));

/**
 * From when on the contact has been off the record with us. An open padlock tells something only
 * from there on, and messages before it never change their look.
 */
export const firstOffTheRecordAt = ({ devices }: ConversationView): number =>
  Math.min(Infinity, ...devices.map(({ firstSeenAt }) => firstSeenAt));

/** Never sends in clear, so nothing offers to. */
export const isAlwaysOffTheRecord = (view: ConversationView): boolean =>
  view.rules.otr === 'always';
