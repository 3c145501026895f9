// SPDX-License-Identifier: GPL-3.0-or-later
// libotr 1.0.2: a session id of 64 bits can be made to collide, so it must never stand alone.
import { describe, expect, it } from 'vitest';

import { createSession } from '#otr/session/session.ts';
import { deriveComparedSecret } from '#otr/smp/compared-secret.ts';

import { keeperOf, liveParty } from '../../support/forgers.ts';
import { reveal } from '../../support/reveal.ts';
import { Clock, clockedEnv, TwoParties } from '../../support/two-parties.ts';

const [bob, alice, eve] = [keeperOf('bob'), keeperOf('alice'), keeperOf('eve')];

describe('libotr 1.0.2', () => {
  it('compares the keys as well, where two sessions have one id', () => {
    const ssid = new Uint8Array(8).fill(7);
    const [ours, theirs, others] = [alice, bob, eve].map(({ profile }) => profile.fingerprint);
    if (ours === undefined || theirs === undefined || others === undefined) throw new RangeError();
    const compared = (theirFingerprint: typeof theirs, ourFingerprint: typeof ours = ours) =>
      reveal(deriveComparedSecret('same', 'asker', { ourFingerprint, theirFingerprint, ssid }));
    expect(compared(theirs)).not.toBe(compared(others));
    expect(compared(theirs, others)).not.toBe(compared(theirs));
  });

  it('decides by the whole fingerprint who may have what was held', () => {
    const clock = new Clock();
    const impostor = liveParty(eve, eve.longTermKey, alice, clockedEnv('impostor', clock));
    const sender = liveParty(alice, alice.longTermKey, eve, clockedEnv('sender', clock));
    const meant = eve.profile.fingerprint.slice() as typeof eve.profile.fingerprint;
    meant[55] = (meant[55] ?? 0) ^ 1;
    const policy = { invitations: 'accept', heldTextGoesTo: [meant] } as const;
    const { context } = sender.state;
    sender.state = createSession({ ...context, policy });
    sender.do({ tag: 'start' });
    sender.send('for one person only');
    for (const body of sender.takeOutbox()) impostor.receive(body);
    for (const body of impostor.takeOutbox()) sender.receive(body);
    expect(sender.heard('established')).toHaveLength(1);
    expect(sender.heard('refused')).toMatchObject([{ why: 'unexpected-key' }]);
  });

  it('shows both halves to both sides, each with its own to read', () => {
    const parties = TwoParties.established({ seed: 'halves' });
    const [one, other] = [parties.alice, parties.bob].map((party) => party.heard('established')[0]);
    expect(one?.ssid).toMatchObject({ first: other?.ssid.first, second: other?.ssid.second });
    expect(one?.ssid.ours).not.toBe(other?.ssid.ours);
  });
});
