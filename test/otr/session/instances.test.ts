// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { createSession } from '#otr/session/session.ts';

import { clockedEnv, identityOf, Party, TwoParties } from '../../support/two-parties.ts';

/** Another client of Alice's, under the same address. */
function secondAlice(parties: TwoParties): Party {
  const state = createSession({
    own: identityOf('alice, telephone'),
    ourJid: 'alice@xmpp.example',
    theirJid: 'bob@xmpp.example',
    policy: { invitations: 'accept' },
  });
  return new Party('alice, telephone', state, clockedEnv('telephone', parties.clock));
}

function ssidOf(party: Party): string {
  const view = describeSession(party.state);
  if (view.tag !== 'encrypted') throw new RangeError(`${party.name} is ${view.tag}`);
  return view.ssid.first + view.ssid.second;
}

describe('several clients of one person', () => {
  it('otr:T-190 otr:S-31 may all answer an Identity message, and the first valid answer counts', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    const telephone = secondAlice(parties);
    bob.do({ tag: 'start' });
    expect(describeSession(bob.state)).toMatchObject({ tag: 'starting', theirTag: undefined });
    const [identity = ''] = bob.takeOutbox();
    telephone.receive(identity);
    alice.receive(identity);
    const [first = ''] = telephone.takeOutbox();
    const [second = ''] = alice.takeOutbox();
    bob.receive(first);
    const bound = bob.state;
    expect(bob.receive(second)).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    expect(bob.state).toBe(bound);
    for (const body of bob.takeOutbox()) telephone.receive(body);
    expect(ssidOf(telephone)).toBe(ssidOf(bob));
    expect(bob.heard('established')).toMatchObject([
      { theirTag: identityOf('alice, telephone').profile.ownerTag },
    ]);
  });

  it('otr:S-30 otr:T-191 compare secrets and end each for itself', () => {
    const laptop = TwoParties.established({ seed: 'laptop' });
    const telephone = TwoParties.established({ seed: 'telephone' });
    const others = telephone.alice.state;
    laptop.alice.do({ tag: 'smp-start', secret: 'one' });
    laptop.alice.do({ tag: 'end' });
    for (const body of laptop.alice.takeOutbox()) telephone.bob.receive(body);
    expect(telephone.bob.heard('smp-asked')).toEqual([]);
    expect(telephone.bob.heard('ended')).toEqual([]);
    expect(describeSession(telephone.bob.state)).toMatchObject({ tag: 'encrypted', smp: 'idle' });
    expect(telephone.alice.state).toBe(others);
  });

  it('otr:T-191 have sessions of their own', () => {
    const laptop = TwoParties.established({ seed: 'laptop' });
    const telephone = TwoParties.established({ seed: 'telephone' });
    expect(ssidOf(laptop.bob)).not.toBe(ssidOf(telephone.bob));
    laptop.bob.send('for the laptop');
    for (const body of laptop.bob.takeOutbox()) telephone.alice.receive(body);
    expect(telephone.alice.read()).toEqual([]);
  });

  it('names the client it is meant for when that is known', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.state = { ...bob.state, announcedTag: identityOf('alice').profile.ownerTag };
    bob.do({ tag: 'start' });
    const [identity = ''] = bob.takeOutbox();
    const { receiverTag } = decodeIdentity(parseArmor(identity));
    expect(receiverTag).toBe(identityOf('alice').profile.ownerTag);
    expect(describeSession(bob.state)).toMatchObject({ tag: 'starting', theirTag: receiverTag });
    const telephone = secondAlice(parties);
    expect(telephone.receive(identity)).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    alice.receive(identity);
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
  });

  it('otr:T-193 do not disturb a session by what they send', () => {
    const parties = TwoParties.established();
    const other = new TwoParties();
    const telephone = secondAlice(other);
    telephone.do({ tag: 'start' });
    for (const body of telephone.takeOutbox()) other.bob.receive(body);
    for (const body of other.bob.takeOutbox()) telephone.receive(body);
    for (const body of telephone.takeOutbox()) other.bob.receive(body);
    telephone.send('from the telephone');
    const [body = ''] = telephone.takeOutbox();
    const { messages } = parties.bob.state;
    parties.bob.receive(body);
    expect(parties.bob.state.messages).toBe(messages);
    expect(parties.bob.read()).toEqual([]);
  });
});
