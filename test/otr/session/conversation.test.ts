// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { parseArmor } from '#otr/codec/armor.ts';
import { describe as describeSession } from '#otr/session/describe.ts';

import { TwoParties } from '../../support/two-parties.ts';

function lastMessage(bodies: readonly string[]) {
  const body = bodies.at(-1);
  if (body === undefined) throw new RangeError('nothing sent');
  return decodeDataMessage(parseArmor(body)).message;
}

describe('a conversation', () => {
  it('otr:T-051 begins with a session that both ends call by the same name', () => {
    const { alice, bob } = TwoParties.established();
    const [ours] = bob.heard('established');
    const [theirs] = alice.heard('established');
    expect(ours?.ssid.first).toBe(theirs?.ssid.first);
    expect(ours?.ssid.second).toBe(theirs?.ssid.second);
    expect([ours?.role, theirs?.role]).toEqual(['initiator', 'responder']);
    expect([ours?.ssid.ours, theirs?.ssid.ours]).toEqual(['second', 'first']);
    expect(describeSession(bob.state).tag).toBe('encrypted');
    expect(describeSession(alice.state).tag).toBe('encrypted');
  });

  it('carries text both ways, in order and once', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('one');
    bob.send('two');
    parties.settle();
    alice.send('three');
    parties.settle();
    bob.send('four');
    alice.send('five');
    parties.settle();
    expect(alice.read()).toEqual(['one', 'two', 'four']);
    expect(bob.read()).toEqual(['three', 'five']);
  });

  it('otr:T-053 starts the initiator in ratchet 0 with new keys', () => {
    const { bob } = TwoParties.established();
    const first =
      bob.state.messages.tag === 'encrypted' && bob.state.messages.ratchet.ourEcdh.public;
    bob.send('hello');
    const message = lastMessage(bob.outbox);
    expect(message).toMatchObject({ ratchetId: 0, messageId: 0, previousChainLength: 0 });
    expect(message.dhPublic).toBeDefined();
    expect(message.ecdhPublic).not.toEqual(first);
  });

  it('otr:T-174 ends on both sides when one ends', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('hello');
    parties.settle();
    alice.do({ tag: 'end' });
    parties.settle();
    expect(describeSession(alice.state).tag).toBe('plaintext');
    expect(describeSession(bob.state)).toEqual({ tag: 'finished', by: 'peer' });
    expect(alice.heard('ended')).toEqual([{ tag: 'ended', by: 'us', revealed: 1 }]);
    expect(bob.heard('ended')).toEqual([{ tag: 'ended', by: 'peer', revealed: 0 }]);
    bob.send('too late');
    expect(bob.heard('refused')).toEqual([{ tag: 'refused', ref: 'too late', why: 'finished' }]);
  });

  it('verifies with a secret that both know', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.do({ tag: 'smp-start', question: 'where?', secret: 'Paris' });
    parties.settle();
    expect(alice.heard('smp-asked')).toEqual([{ tag: 'smp-asked', question: 'where?' }]);
    alice.do({ tag: 'smp-answer', secret: ' Paris ' });
    parties.settle();
    expect(bob.heard('smp-result')).toMatchObject([{ matched: true, as: 'asker' }]);
    expect(alice.heard('smp-result')).toMatchObject([{ matched: true, as: 'answerer' }]);
  });
});
