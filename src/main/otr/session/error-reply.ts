// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving an Error Message": telling the peer, seldom.

import { formatError } from '../codec/error-message.ts';
import type { ErrorCode } from '../codec/error-message.ts';
import type { Env } from '../env.ts';
import type { SessionEffect } from './effect.ts';
import type { SessionState, SessionStep } from './state.ts';
import { admitErrorReply } from './throttle.ts';

/**
 * Reports an error here, and to the peer unless that was done not long ago: two clients that answer
 * each other's errors would never stop.
 *
 * @see OTRv4 "OTR Error Messages"
 */
export function replyWithError(
  state: SessionState,
  code: ErrorCode,
  reported: readonly SessionEffect[],
  env: Env,
): SessionStep {
  const throttle = admitErrorReply(state.throttle, env.monotonicMs());
  if (throttle === undefined) return { next: state, effects: reported };
  return {
    next: { ...state, throttle },
    effects: [{ tag: 'transmit', kind: 'control', bodies: [formatError(code)] }, ...reported],
  };
}
