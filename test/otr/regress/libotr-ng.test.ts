// SPDX-License-Identifier: GPL-3.0-or-later
// libotr-ng #176 removed a used prekey from memory but not from disk; its fragments made it allocate
// eight bytes for each of as many pieces as a fragment claimed there were.
import { describe, expect, it } from 'vitest';

import { parseFragment } from '#otr/codec/fragment.ts';
import { addFragment, NO_FRAGMENTS } from '#otr/codec/reassembly.ts';
import type { Reassembly } from '#otr/codec/reassembly.ts';
import { LIMITS } from '#otr/limits.ts';

import { OfflineParties } from '../../support/offline-parties.ts';
import { errorOf } from '../../support/otr-error.ts';

describe('libotr-ng', () => {
  it('sec:T-O-NI-1 names a used prekey in the very step that uses it, and hands its secrets over', () => {
    const parties = new OfflineParties({ seed: 'used' });
    const { alice, bob } = parties;
    parties.startOffline(alice);
    const [body = ''] = alice.takeOutbox();
    const [wanted] = bob.receive(body);
    if (wanted?.tag !== 'prekey-wanted') throw new RangeError('no prekey is asked for');
    const prekey = parties.shelfOf(bob).find(wanted.prekeyId);
    if (prekey === undefined) throw new RangeError('no such prekey');
    const effects = bob.do({ tag: 'receive', body, accepted: true, prekey });
    const tags = effects.map(({ tag }) => tag);
    expect(tags).toContain('established');
    expect(effects).toContainEqual({ tag: 'prekey-used', prekeyId: wanted.prekeyId });
    // Wiped with the retired secrets, after the caller has forgotten it for good.
    expect(tags.at(-1)).toBe('retire');
    expect([prekey.pair.ecdh.secret.wiped, prekey.pair.dh.secret.wiped]).toEqual([true, true]);
    // The same message again asks for nothing any more.
    const before = bob.state;
    expect(bob.receive(body).map(({ tag }) => tag)).toEqual(['ignored']);
    expect(bob.state).toBe(before);
  });

  it('sec:T-O-FRAG-1 makes no room for pieces that were only announced', () => {
    const announce = (total: number) => parseFragment(`?OTR|1|5a73a599|27e31597,1,${total},A,`);
    expect(errorOf(() => announce(65_535)).code).toBe('too-many');
    let state: Reassembly = NO_FRAGMENTS;
    for (let n = 0; n < 2000; n += 1) {
      const tiny = { ...announce(LIMITS.fragmentPieces), identifier: n };
      state = addFragment(state, tiny, 0).next;
    }
    expect(state.buffers).toHaveLength(LIMITS.fragmentBuffersPerSender);
    const kept = state.buffers.map(({ pieces, chars }) => pieces.size + chars);
    expect(kept).toEqual(state.buffers.map(() => 2));
  });
});
