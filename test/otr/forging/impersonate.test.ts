// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import type { ForgedEnd } from '#otr/forging/dake.ts';
import { impersonate } from '#otr/forging/impersonate.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';

import { keeperOf, liveParty } from '../../support/forgers.ts';
import { Clock, clockedEnv } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const bob = keeperOf('bob');
const alice = keeperOf('alice');
const eve = keeperOf('eve');

function deliver(from: Party, to: Party): void {
  for (const body of from.takeOutbox()) {
    to.receive(body);
    deliver(to, from);
  }
}

/** Bob's device, and somebody who shows Alice's profile and signs with `key`. */
function meet(key: LongTermKey, seed: string) {
  const clock = new Clock();
  const device = liveParty(bob, bob.longTermKey, alice, clockedEnv(`${seed}/device`, clock));
  const posing = liveParty(alice, key, bob, clockedEnv(`${seed}/posing`, clock));
  return { device, posing };
}

function key(as: ForgedEnd, to: ForgedEnd, withKey: LongTermKey): LongTermKey {
  return impersonate(as.profile, to.profile, withKey).longTermKey;
}

describe('the owner of a forging key', () => {
  it('looks like anyone to the device it belongs to, when that one starts', () => {
    const { device, posing } = meet(key(alice, bob, bob.forgingKey), 'responder');
    device.do({ tag: 'start' });
    deliver(device, posing);
    expect(device.heard('established')).toMatchObject([
      { role: 'initiator', theirFingerprint: alice.profile.fingerprint },
    ]);
    posing.send('it is me, Alice');
    deliver(posing, device);
    device.send('of course');
    deliver(device, posing);
    expect([device.read(), posing.read()]).toEqual([['it is me, Alice'], ['of course']]);
  });

  it('looks like anyone to the device it belongs to, when it starts itself', () => {
    const { device, posing } = meet(key(alice, bob, bob.forgingKey), 'initiator');
    posing.do({ tag: 'start' });
    deliver(posing, device);
    expect(device.heard('established')).toMatchObject([
      { role: 'responder', theirFingerprint: alice.profile.fingerprint },
    ]);
    posing.send('it is me, Alice');
    deliver(posing, device);
    expect(device.read()).toEqual(['it is me, Alice']);
  });

  it('is believed with the profile that is shown, and with no other key', () => {
    for (const wrong of [bob.longTermKey, alice.forgingKey, alice.longTermKey, eve.forgingKey]) {
      expect(() => impersonate(alice.profile, bob.profile, wrong)).toThrow('not their forging key');
    }
    expect(impersonate(alice.profile, bob.profile, bob.forgingKey).profile).toBe(alice.profile);
  });
});

describe('anybody else', () => {
  // A thief of a device's long-term key must not be able to pose as others to its owner.
  for (const [whose, wrong] of [
    ['the long-term key of the device itself', bob.longTermKey],
    ['the forging key of the one who is shown', alice.forgingKey],
    ['a key of their own', eve.longTermKey],
  ] as const) {
    it(`cannot answer as Alice with ${whose}`, () => {
      const { device, posing } = meet(wrong, `wrong/${whose}`);
      device.do({ tag: 'start' });
      const [identity = ''] = device.takeOutbox();
      expect(() => posing.receive(identity)).toThrow('signer not in ring once');
    });

    it(`cannot start as Alice with ${whose}`, () => {
      const { device, posing } = meet(wrong, `wrong start/${whose}`);
      posing.do({ tag: 'start' });
      for (const body of posing.takeOutbox()) device.receive(body);
      const [authR = ''] = device.takeOutbox();
      expect(() => posing.receive(authR)).toThrow('signer not in ring once');
      expect(device.heard('established')).toEqual([]);
    });
  }
});
