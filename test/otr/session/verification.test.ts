// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { identityOf, TwoParties } from '../../support/two-parties.ts';

function ask(parties: TwoParties, secret: string, question?: string): void {
  const input = { tag: 'smp-start', secret } as const;
  parties.bob.do(question === undefined ? input : { ...input, question });
  parties.settle();
}

describe('verification inside a session', () => {
  it('is due to end when no answer comes', () => {
    const parties = TwoParties.established();
    parties.bob.do({ tag: 'smp-start', secret: 'Paris' });
    const due = parties.clock.monotonicMs + LIMITS.smpAnswerTimeoutMs;
    expect(nextDueAt(parties.bob.state)).toBe(due);
  });

  it('otr:T-151 tells both that the secrets match, and which key that is about', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    ask(parties, 'Paris', 'where?');
    expect(describeSession(alice.state)).toMatchObject({ smp: 'asked' });
    expect(describeSession(bob.state)).toMatchObject({ smp: 'running' });
    alice.do({ tag: 'smp-answer', secret: 'Paris' });
    parties.settle();
    expect(bob.heard('smp-result')).toEqual([
      {
        tag: 'smp-result',
        matched: true,
        as: 'asker',
        theirFingerprint: identityOf('alice').profile.fingerprint,
      },
    ]);
    expect(alice.heard('smp-result')).toMatchObject([{ matched: true, as: 'answerer' }]);
    expect(bob.heard('smp-progress').map(({ at }) => at)).toEqual(['asked', 'checking']);
    expect(alice.heard('smp-progress').map(({ at }) => at)).toEqual(['answered']);
    expect(describeSession(bob.state)).toMatchObject({ smp: 'idle' });
  });

  it('otr:T-151 tells both that they do not match, which is not an error', () => {
    const parties = TwoParties.established();
    ask(parties, 'Paris');
    parties.alice.do({ tag: 'smp-answer', secret: 'paris' });
    parties.settle();
    for (const party of [parties.alice, parties.bob]) {
      expect(party.heard('smp-result')).toMatchObject([{ matched: false }]);
      expect(party.heard('smp-cheated')).toEqual([]);
    }
  });

  it('otr:T-162 sec:T-O-SMP-5 of another session does not match, whatever the secret', () => {
    const one = TwoParties.established({ seed: 'one' });
    const two = TwoParties.established({ seed: 'two' });
    const ssid = (parties: TwoParties) => parties.bob.heard('established')[0]?.ssid;
    expect(ssid(one)).not.toEqual(ssid(two));
    ask(one, 'Paris');
    const { messages } = one.alice.state;
    const { messages: other } = two.alice.state;
    if (messages.tag !== 'encrypted' || other.tag !== 'encrypted') throw new RangeError('state');
    one.alice.state = { ...one.alice.state, messages: { ...messages, ssid: other.ssid.copy() } };
    one.alice.do({ tag: 'smp-answer', secret: 'Paris' });
    one.settle();
    expect(one.bob.heard('smp-result')).toMatchObject([{ matched: false }]);
  });

  it('otr:T-163 travels in messages without text that ask for silence', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.do({ tag: 'smp-start', secret: 'Paris', question: 'where?' });
    const sent = bob.outbox.map((body) => decodeDataMessage(parseArmor(body)).message);
    expect(sent.map(({ ignoreUnreadable }) => ignoreUnreadable)).toEqual([true]);
    parties.settle();
    expect(alice.heard('message')).toEqual([]);
  });

  it('otr:T-160 ends with its session, on both sides', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    ask(parties, 'Paris');
    alice.do({ tag: 'end' });
    expect(alice.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'session-ended' }]);
    parties.settle();
    expect(bob.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'session-ended' }]);
    alice.do({ tag: 'smp-answer', secret: 'Paris' });
    expect(alice.heard('smp-unavailable')).toEqual([
      { tag: 'smp-unavailable', why: 'not-encrypted' },
    ]);
  });

  it('otr:T-160 does not survive a refresh', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    ask(parties, 'Paris');
    bob.do({ tag: 'start' });
    parties.settle();
    expect(alice.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'session-ended' }]);
    expect(describeSession(alice.state)).toMatchObject({ smp: 'idle' });
  });

  it('otr:T-158 aborts the run under way before another begins', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    ask(parties, 'Paris');
    ask(parties, 'Rome', 'and now?');
    expect(bob.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'us' }]);
    expect(alice.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'peer' }]);
    expect(alice.heard('smp-asked').at(-1)).toEqual({ tag: 'smp-asked', question: 'and now?' });
  });

  it('otr:T-157 ends on both sides when one aborts, without an answer to the abort', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    ask(parties, 'Paris');
    alice.do({ tag: 'smp-abort' });
    expect(alice.outbox).toHaveLength(1);
    for (const body of alice.takeOutbox()) bob.receive(body);
    expect(bob.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'peer' }]);
    expect(bob.outbox).toEqual([]);
  });

  it('gives up when nobody answers', () => {
    const parties = TwoParties.established();
    const { bob, clock } = parties;
    ask(parties, 'Paris');
    clock.pass(LIMITS.smpAnswerTimeoutMs);
    bob.do({ tag: 'tick' });
    expect(bob.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'timed-out' }]);
  });

  it('says why it is not to be had', () => {
    const { alice } = new TwoParties();
    alice.do({ tag: 'smp-start', secret: 'x' });
    alice.do({ tag: 'smp-answer', secret: 'x' });
    expect(alice.heard('smp-unavailable')).toEqual([
      { tag: 'smp-unavailable', why: 'not-encrypted' },
      { tag: 'smp-unavailable', why: 'not-encrypted' },
    ]);
    expect(alice.do({ tag: 'smp-abort' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    const { bob } = TwoParties.established();
    bob.do({ tag: 'smp-answer', secret: 'x' });
    expect(bob.heard('smp-unavailable')).toEqual([
      { tag: 'smp-unavailable', why: 'nothing-asked' },
    ]);
  });
});
