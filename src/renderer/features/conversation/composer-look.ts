// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationView } from '#shared/model/conversation.ts';
import { isKept, isOffTheRecord } from '../../stores/conversation-state.ts';

/** Key of what stands in the empty composer, under `conversation`. */
export function toPlaceholder({ state, composer }: ConversationView): string {
  if (composer === 'locked') return 'hint--locked';
  if (composer === 'hold') {
    if (state === 'waiting') return 'hint--hold-waiting';
    return state === 'interrupted' ? 'hint--hold-interrupted' : 'hint--hold';
  }
  if (state === 'mixed') return 'hint--mixed';
  if (isKept(state)) return 'hint--kept';
  return isOffTheRecord(state) ? 'hint--off-the-record' : 'hint--plain';
}

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'isComposing' | 'keyCode' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'
>;

/** What an input method sends for keys that it takes itself. */
const KEY_OF_INPUT_METHOD = 229;

/** Enter sends, unless an input method is still composing; Shift+Enter is always a new line. */
export function isSendKey(event: Pressed, enterSends: boolean): boolean {
  if (event.key !== 'Enter') return false;
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Safari's and some Linux input methods
  if (event.isComposing || event.keyCode === KEY_OF_INPUT_METHOD) return false;
  if (event.shiftKey || event.altKey) return false;
  const withControl = event.ctrlKey || event.metaKey;
  return enterSends ? !withControl : withControl;
}
