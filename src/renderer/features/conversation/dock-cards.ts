// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationView } from '#shared/model/conversation.ts';
import { isEnded, isIdle } from '../../stores/conversation-state.ts';

export type DockCard =
  | 'key-changed'
  | 'ended'
  | 'cannot-encrypt'
  | 'verified-only'
  | 'invitation'
  | 'question'
  | 'start-failed'
  | 'no-answer-yet'
  | 'new-device';

/** From here on a start without an answer gets a card. Nothing runs out: it only asks (WCAG 2.2.1). */
const NO_ANSWER_YET_MS = 30_000;

export interface DockSituation {
  readonly now: number;
  /** The contact's question was put off. */
  readonly questionPutOff: boolean;
  /** Cards the user put away, by their key (`cardKey`). */
  readonly dismissed: ReadonlySet<string>;
}

/** A card put away comes back when it is about something new. */
export function cardKey(card: DockCard, view: ConversationView): string {
  switch (card) {
    case 'start-failed':
      return `${card}/${view.starting?.lastFailure ?? ''}/${view.noKeys ?? ''}/${String(view.heldCount)}`;
    case 'no-answer-yet':
      return `${card}/${String(view.starting?.since ?? 0)}`;
    default:
      return `${card}/${view.stateToken}`;
  }
}

/** The cards above the composer, the most urgent first. One is shown; the others wait behind it. */
export function toDockCards(
  view: ConversationView,
  { now, questionPutOff, dismissed }: DockSituation,
): readonly DockCard[] {
  const { state, starting, composer, verification } = view;
  const isStarting = state === 'starting';
  const wanted: readonly (readonly [DockCard, boolean])[] = [
    ['key-changed', state === 'key-changed'],
    // Somebody waits for it, and it leads out of the two below.
    ['invitation', view.invitation !== undefined],
    ['ended', isEnded(state)],
    ['cannot-encrypt', state === 'cannot-encrypt'],
    // Answering can be the way out of the next one.
    ['question', verification.tag === 'asked' && !questionPutOff],
    ['verified-only', isUnverified(state) && composer === 'locked'],
    ['start-failed', isHeldWithoutStart(view)],
    [
      'no-answer-yet',
      isStarting && starting?.by === 'us' && now - starting.since >= NO_ANSWER_YET_MS,
    ],
    ['new-device', view.newDevices.length > 0],
  ];
  return wanted
    .filter(([card, isWanted]) => isWanted && !dismissed.has(cardKey(card, view)))
    .map(([card]) => card);
}

const isUnverified = (state: ConversationView['state']): boolean =>
  state === 'unverified' || state === 'offline-unverified';

/**
 * Where the chat goes on by itself as soon as the contact is there, nothing has to be decided; that there
 * is no other way until then is said.
 */
const isHeldWithoutStart = ({ state, heldCount, noKeys }: ConversationView): boolean =>
  heldCount > 0 && isIdle(state) && (state !== 'waiting' || noKeys !== undefined);
