// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

import type { Env } from '#otr/env.ts';

/** 2026-01-01T00:00:00Z */
const DEFAULT_NOW_MS = 1_767_225_600_000;

/** An `Env` whose randomness never ends and is the same for the same seed; its clocks stand still. */
export function seededEnv(seed: string, nowMs = DEFAULT_NOW_MS, monotonicMs = 0): Env {
  let drawn = 0;
  return {
    random: (length) => {
      drawn += 1;
      return shake256(utf8ToBytes(`${seed}/${drawn}`), { dkLen: length });
    },
    nowMs: () => nowMs,
    monotonicMs: () => monotonicMs,
  };
}
