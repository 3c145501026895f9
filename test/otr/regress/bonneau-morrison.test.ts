// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv2, by Bonneau and Morrison (2006): rollback to an older version, denial of service in the key
// exchange, and changed messages under MAC keys that were revealed too early.
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { findRevealedMacKey, modifyDataMessage } from '#otr/forging/data-message.ts';

import { TwoParties } from '../../support/two-parties.ts';

describe('Bonneau and Morrison', () => {
  it('sec:T-O-VER-1 starts nothing when an older version, or none, is offered', () => {
    const { alice } = new TwoParties({ policy: { answerOffers: true } });
    for (const body of ['?OTRv3?', '?OTRv2?', '?OTR?', '?OTR?v2?', '?OTRv23?', '?OTRv?']) {
      alice.receive(body);
      expect(alice.outbox, body).toEqual([]);
    }
    alice.receive('?OTRv34?');
    expect(alice.outbox).toHaveLength(1);
  });

  it('sec:T-O-DAKE-1 loses no session to an Identity message that is played back', () => {
    const parties = new TwoParties({ seed: 'replay' });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const [identity = ''] = bob.outbox;
    parties.settle();
    bob.do({ tag: 'start' });
    const [refresh = ''] = bob.takeOutbox();
    bob.do({ tag: 'cancel' });
    for (let n = 0; n < 50; n += 1) for (const body of [identity, refresh]) alice.receive(body);
    expect(alice.takeOutbox().length).toBeLessThanOrEqual(3);
    bob.send('still here');
    parties.settle();
    expect(alice.read()).toEqual(['still here']);
  });

  it('sec:T-O-MAC-1 reads no message that was changed under a revealed key', () => {
    const parties = TwoParties.established({ seed: 'revealed' });
    const { alice, bob } = parties;
    bob.send('pay 100');
    const [paid = ''] = bob.outbox;
    parties.settle();
    bob.send('pay 200');
    const [late = ''] = bob.takeOutbox();
    bob.send('pay 300');
    parties.settle();
    alice.send('thanks');
    const [thanks = ''] = alice.outbox;
    parties.settle();
    const macKey = findRevealedMacKey(parseArmor(paid), parseArmor(thanks));
    if (macKey === undefined) throw new RangeError('not revealed');
    const change = { offset: 4, oldText: '100', newText: '999' };
    alice.receive(formatArmor(modifyDataMessage(parseArmor(paid), change, macKey)));
    expect(alice.read()).toEqual(['pay 100', 'pay 300']);
    // What has not been read yet has not been revealed.
    expect(findRevealedMacKey(parseArmor(late), parseArmor(thanks))).toBeUndefined();
    expect(decodeDataMessage(parseArmor(thanks)).message.revealedMacKeys).toHaveLength(2 * 64);
    alice.receive(late);
    expect(alice.read()).toEqual(['pay 100', 'pay 300', 'pay 200']);
  });
});
