// SPDX-License-Identifier: GPL-3.0-or-later
// otr4j's review notes: an Identity message that ends a session, a ratchet that moves before the MAC is
// checked, a shared secret that is the identity, and a session that the wall clock ends.
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { generateEcdh, ecdh } from '#otr/crypto/ed448.ts';
import type { EcdhPublic } from '#otr/crypto/ed448.ts';

import { fingerprintOf, ratchetPair, tampered } from '../../support/ratchet-pair.ts';
import { errorOf } from '../../support/otr-error.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { TwoParties } from '../../support/two-parties.ts';

describe('otr4j, as reviewed', () => {
  it('keeps a session beside the key exchange that anyone may start', () => {
    const parties = TwoParties.established({ seed: 'beside' });
    const { alice, bob, clock } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    bob.do({ tag: 'cancel' });
    alice.takeOutbox();
    expect(alice.state.messages.tag).toBe('encrypted');
    bob.send('as if nothing had happened');
    parties.settle();
    expect(alice.read()).toEqual(['as if nothing had happened']);
    clock.pass(61_000);
    alice.do({ tag: 'tick' });
    alice.send('and back');
    parties.settle();
    expect(bob.read()).toEqual(['and back']);
  });

  it('sec:T-O-RAT-1 moves no ratchet for a message that is not genuine', () => {
    const { alice, bob } = ratchetPair();
    const body = bob.say('a new ratchet');
    const before = fingerprintOf(alice.ratchet);
    const fresh = generateEcdh(seededEnv('stranger')).public;
    for (const change of [
      { ecdhPublic: fresh },
      { messageId: 5 },
      { previousChainLength: 3 },
      { authenticator: new Uint8Array(64) as never },
    ]) {
      expect(alice.hear(tampered(body, change))).toMatch(/^\(/);
      expect(fingerprintOf(alice.ratchet)).toBe(before);
    }
    expect(alice.hear(body)).toBe('a new ratchet');
  });

  it('takes no secret that is the identity, whose encoding is not all zeros', () => {
    const { secret } = generateEcdh(seededEnv('identity'));
    const identity = Uint8Array.of(1, ...new Uint8Array(56)) as EcdhPublic;
    expect(errorOf(() => ecdh(secret, identity)).code).toBe('bad-shared-secret');
  });

  it('ends no session, and keeps none, because the wall clock was set', () => {
    const parties = TwoParties.established({ seed: 'clock' });
    const { alice, clock } = parties;
    const TEN_YEARS_MS = 315_576_000_000;
    for (const jump of [TEN_YEARS_MS, -2 * TEN_YEARS_MS]) {
      clock.nowMs += jump;
      alice.do({ tag: 'tick' });
      expect(alice.state.messages.tag).toBe('encrypted');
    }
    clock.monotonicMs += 2 * 3_600_000;
    alice.do({ tag: 'tick' });
    expect(alice.state.messages).toMatchObject({ tag: 'finished', by: 'expired' });
  });

  it('is not undone by a message that is sent back to where it came from', () => {
    const parties = TwoParties.established({ seed: 'reflected' });
    const { bob } = parties;
    bob.send('mine');
    const [own = ''] = bob.outbox;
    const before = bob.state;
    bob.receive(formatArmor(parseArmor(own)));
    expect(bob.state).toBe(before);
  });
});
