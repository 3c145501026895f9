// SPDX-License-Identifier: GPL-3.0-or-later

import { randomFillSync } from 'node:crypto';
import type { Env } from '#otr';

/** Chance and clocks of this machine. */
export const nodeEnv: Env = {
  random: (length) => randomFillSync(new Uint8Array(length)),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
