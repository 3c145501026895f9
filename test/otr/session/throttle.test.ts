// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import {
  admitErrorReply,
  admitIdentity,
  admitQuery,
  isUsedIdentity,
  NO_THROTTLE,
  rememberIdentity,
} from '#otr/session/throttle.ts';
import type { Throttle } from '#otr/session/throttle.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What is left of a throttle after identities at these instants; undefined where one was refused. */
function identities(...instants: readonly number[]): readonly boolean[] {
  let throttle: Throttle = NO_THROTTLE;
  return instants.map((now) => {
    const admitted = admitIdentity(throttle, now);
    throttle = admitted ?? throttle;
    return admitted !== undefined;
  });
}

describe('a throttle', () => {
  it('sec:T-O-DAKE-1 admits three Identity messages at once, then one in ten seconds', () => {
    expect(identities(0, 0, 0, 0)).toEqual([true, true, true, false]);
    const later = identities(0, 0, 0, 10 * SECOND_MS - 1, 10 * SECOND_MS, 10 * SECOND_MS);
    expect(later).toEqual([true, true, true, false, true, false]);
    expect(identities(0, 0, 0, 20 * SECOND_MS, 20 * SECOND_MS, 20 * SECOND_MS)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('sec:T-O-DAKE-1 saves up no more than three, however long nothing came', () => {
    const late = 1000 * MINUTE_MS;
    expect(identities(0, late, late, late, late)).toEqual([true, true, true, true, false]);
  });

  it('admits one error reply and one answer to a query a minute, each on its own', () => {
    for (const admit of [admitErrorReply, admitQuery]) {
      const first = admit(NO_THROTTLE, 5);
      expect(first).toBeDefined();
      expect(first && admit(first, 5)).toBeUndefined();
      expect(first && admit(first, MINUTE_MS + 4)).toBeUndefined();
      expect(first && admit(first, MINUTE_MS + 5)).toBeDefined();
    }
    expect(admitErrorReply(NO_THROTTLE, 5)).toEqual({ ...NO_THROTTLE, lastErrorReplyAt: 5 });
    expect(admitQuery(NO_THROTTLE, 5)).toEqual({ ...NO_THROTTLE, lastQueryAt: 5 });
    expect(admitIdentity(NO_THROTTLE, 5)).toEqual({
      ...NO_THROTTLE,
      nextIdentityAt: 5 + 10 * SECOND_MS,
    });
  });

  it('sec:T-O-DAKE-1 knows the last 64 keys that became sessions', () => {
    const keys = Array.from({ length: 66 }, (_, k) => Uint8Array.of(k, 1));
    const known = (count: number) => {
      const throttle = keys.slice(0, count).reduce(rememberIdentity, NO_THROTTLE);
      return keys.filter((key) => isUsedIdentity(throttle, key.slice()));
    };
    expect(known(0)).toEqual([]);
    expect(known(1)).toEqual(keys.slice(0, 1));
    expect(known(64)).toEqual(keys.slice(0, 64));
    expect(known(65)).toEqual(keys.slice(1, 65));
    const full = keys.reduce(rememberIdentity, NO_THROTTLE);
    expect(full).toEqual({ ...NO_THROTTLE, usedIdentities: keys.slice(2) });
  });
});
