// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving Fragments": what one session holds of messages that are not complete.

import { NO_FRAGMENTS } from '../codec/reassembly.ts';
import type { SessionState } from './state.ts';

export interface Unfinished {
  readonly messages: number;
  /** Characters of all pieces together; each takes one byte. */
  readonly chars: number;
}

/** For whoever holds many sessions, and bounds all of them together. */
export function unfinishedOf({ fragments }: SessionState): Unfinished {
  const chars = fragments.buffers.reduce((sum, buffer) => sum + buffer.chars, 0);
  return { messages: fragments.buffers.length, chars };
}

/** The same session without them; the same object when there are none. */
export function forgetUnfinished(state: SessionState): SessionState {
  return state.fragments.buffers.length === 0 ? state : { ...state, fragments: NO_FRAGMENTS };
}
