// SPDX-License-Identifier: GPL-3.0-or-later

import type { MessageItem } from '#shared/model/timeline.ts';
import { fateOf, isUnconfirmed } from './message-fate.ts';
import { FIRST_PART } from './message-text.ts';
import type { TimelineRow } from './timeline-row.ts';

const BUBBLE_PX = 44;
const LINE_PX = 22;
const CHARACTERS_A_LINE = 60;
const NOTE_PX = 28;
/** Its note is a longer one. */
const UNCONFIRMED_PX = 68;

const fixed = {
  day: 38,
  event: 36,
  events: 28,
  tombstone: 56,
  line: 54,
  waiting: 40,
} as const;

/** A guess at the height of a row, in px, until it has been on screen and was measured. */
export function estimateRow(row: TimelineRow | undefined): number {
  if (row === undefined) return BUBBLE_PX;
  if (row.kind !== 'message') return fixed[row.kind];
  const length = Math.min(row.item.text.length, FIRST_PART);
  const lines = Math.max(1, Math.ceil(length / CHARACTERS_A_LINE));
  return BUBBLE_PX + (lines - 1) * LINE_PX + (row.gap ? 10 : 0) + noteHeight(row.item);
}

function noteHeight(item: MessageItem): number {
  const fate = fateOf(item);
  if (fate === undefined) return 0;
  return isUnconfirmed(fate) ? UNCONFIRMED_PX : NOTE_PX;
}
