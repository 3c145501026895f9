// SPDX-License-Identifier: GPL-3.0-or-later
// coyim #301, otr3 98cdc71, #529, #38, #40: floods of query messages, queries misread, a comparison that
// outlived its session, fragments dropped because something else was said in between.
import { describe, expect, it } from 'vitest';

import { NO_FRAGMENTS } from '#otr/codec/reassembly.ts';

import { secretsIn, TwoParties } from '../../support/two-parties.ts';

describe('coyim and otr3', () => {
  it('sec:T-O-LOOP-1 answers one query in a minute, and none after a session began', () => {
    const parties = new TwoParties({ seed: 'flood', policy: { answerOffers: true } });
    const { alice, bob, clock } = parties;
    alice.receive('?OTRv4?');
    expect(alice.takeOutbox()).toHaveLength(1);
    for (let n = 0; n < 20; n += 1) alice.receive('?OTRv4?');
    expect(alice.takeOutbox()).toEqual([]);
    clock.pass(61_000);
    alice.receive('?OTRv4?');
    for (const body of alice.takeOutbox()) bob.receive(body);
    parties.settle();
    expect(bob.heard('established')).toHaveLength(1);
    for (let n = 0; n < 20; n += 1) bob.receive('?OTRv4?');
    expect(bob.takeOutbox()).toEqual([]);
  });

  it('sec:T-O-LOOP-1 never answers an error', () => {
    const { alice } = new TwoParties({ policy: { answerOffers: true } });
    for (let n = 0; n < 5; n += 1) alice.receive('?OTR Error: ERROR_1: Unreadable message ?OTRv4?');
    expect(alice.outbox).toEqual([]);
  });

  it('keeps nothing of a comparison once its session is over', () => {
    const parties = TwoParties.established({ seed: 'compare' });
    const { alice, bob } = parties;
    bob.do({ tag: 'smp-start', secret: 'x', question: 'who?' });
    parties.settle();
    const held = [...secretsIn([alice.state.messages, bob.state.messages])];
    alice.do({ tag: 'end' });
    parties.settle();
    expect(held.length).toBeGreaterThan(10);
    expect(held.every((secret) => secret.wiped)).toBe(true);
    bob.do({ tag: 'start' });
    parties.settle();
    bob.do({ tag: 'smp-answer', secret: 'x' });
    expect(bob.heard('smp-unavailable')).toHaveLength(1);
  });

  it('keeps the pieces of a message while other things are said', () => {
    const parties = new TwoParties({ seed: 'pieces', policy: { maxBodyLength: 400 } });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const pieces = bob.takeOutbox();
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(alice.heard('starting')).toEqual([]);
      alice.receive(piece);
      if (piece !== pieces.at(-1)) expect(alice.state.fragments).not.toBe(NO_FRAGMENTS);
      alice.receive('something in clear');
      alice.receive('?OTR Error: ERROR_2: Not in private state message');
    }
    expect(alice.heard('starting')).toHaveLength(1);
  });
});
