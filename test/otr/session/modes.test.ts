// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { permitsClear, permitsOffline } from '#otr/session/mode.ts';
import { DEFAULT_POLICY } from '#otr/session/policy.ts';

describe('the modes', () => {
  it('mode:I-01 are compatible unless the account chose otherwise', () => {
    expect(DEFAULT_POLICY.mode).toBe('compatible');
  });

  it.each([
    ['compatible', { clear: true, offline: true }],
    ['standalone', { clear: false, offline: true }],
    ['interactive-only', { clear: false, offline: false }],
  ] as const)('%s permits %j', (mode, permitted) => {
    expect({ clear: permitsClear(mode), offline: permitsOffline(mode) }).toEqual(permitted);
  });
});
