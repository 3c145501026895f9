// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const messageIn = (body: string | undefined) => decodeDataMessage(parseArmor(body ?? '')).message;

function encrypted(party: Party) {
  const { messages } = party.state;
  if (messages.tag !== 'encrypted') throw new RangeError('no session');
  return messages;
}

describe('the end of a session', () => {
  it('otr:T-174 is a message without text that asks for silence and reveals what is left', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('a');
    bob.send('b');
    parties.settle();
    alice.do({ tag: 'end' });
    const last = messageIn(alice.outbox[0]);
    expect(last.ignoreUnreadable).toBe(true);
    expect(last.revealedMacKeys.length).toBe(2 * 64);
    expect(alice.heard('ended')).toEqual([{ tag: 'ended', by: 'us', revealed: 2 }]);
    parties.settle();
    expect(bob.heard('message')).toEqual([]);
  });

  it('otr:T-174 reveals what is left also where it takes no turn', () => {
    const { alice, bob } = TwoParties.established();
    bob.send('before');
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.send('under way');
    bob.send('crossing it');
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.do({ tag: 'end' });
    const [reply, last] = alice.takeOutbox().map(messageIn);
    expect(last?.ratchetId).toBe(reply?.ratchetId);
    expect(last?.revealedMacKeys.length).toBe(64);
    expect(alice.heard('ended')).toEqual([{ tag: 'ended', by: 'us', revealed: 1 }]);
  });

  it('leaves alone what came for a session that the peer is beginning offline', () => {
    const { alice, clock } = TwoParties.established();
    const early = [{ bytes: new Uint8Array(1), arrivedAt: clock.monotonicMs }];
    const awaited = { theirTag: encrypted(alice).theirTag, until: clock.monotonicMs + 1 };
    alice.state = { ...alice.state, early, awaited };
    alice.do({ tag: 'end' });
    expect(alice.state).toMatchObject({ early, awaited });
    alice.do({ tag: 'start' });
    alice.do({ tag: 'cancel' });
    expect(alice.state.awaited).toBe(awaited);
  });

  it('otr:T-174 otr:T-175 lets the other side send nothing before it ends too or starts again', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    alice.do({ tag: 'end' });
    parties.settle();
    bob.send('lost?');
    expect(bob.heard('refused')).toEqual([{ tag: 'refused', ref: 'lost?', why: 'finished' }]);
    expect(bob.outbox).toEqual([]);
    bob.do({ tag: 'end' });
    expect(describeSession(bob.state)).toEqual({ tag: 'plaintext' });
    expect(bob.outbox).toEqual([]);
    bob.do({ tag: 'start' });
    parties.settle();
    expect(describeSession(alice.state).tag).toBe('encrypted');
  });

  it('sec:7.1 comes once: ending again does nothing', () => {
    const { alice } = TwoParties.established();
    alice.do({ tag: 'end' });
    const { state } = alice;
    expect(alice.do({ tag: 'end' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    expect(alice.state).toBe(state);
  });

  it('gives up a key exchange that is under way, and what was held for it', () => {
    const parties = new TwoParties();
    const { bob } = parties;
    bob.do({ tag: 'start' });
    bob.send('held');
    const told = bob.do({ tag: 'end' }).map(({ tag }) => tag);
    expect(told).toEqual(['refused', 'retire']);
    expect(bob.state.dake).toEqual({ tag: 'start' });
    expect(bob.heard('refused')).toEqual([{ tag: 'refused', ref: 'held', why: 'ended' }]);
    expect(describeSession(bob.state)).toEqual({ tag: 'plaintext' });
  });

  it('otr:T-175 of the peer does not stop a key exchange that is under way', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    alice.do({ tag: 'end' });
    const [disconnected = ''] = alice.takeOutbox();
    bob.do({ tag: 'start' });
    bob.receive(disconnected);
    expect(describeSession(bob.state)).toMatchObject({
      tag: 'finished',
      starting: { role: 'initiator' },
    });
    bob.send('for the new session');
    parties.settle();
    expect(alice.read()).toEqual(['for the new session']);
  });
});

describe('expiry', () => {
  it('otr:T-176 sec:F-EXP-1 ends a session that made no new key for the time the policy gives', () => {
    const parties = TwoParties.established({ policy: { expireAfterMs: 2 * HOUR_MS } });
    const { alice, bob, clock } = parties;
    bob.send('a');
    bob.send('b');
    bob.send('c');
    const [a = '', , c = ''] = bob.takeOutbox();
    alice.receive(a);
    alice.receive(c);
    expect(encrypted(alice).ratchet.skipped).toHaveLength(1);
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + 2 * HOUR_MS);
    clock.pass(2 * HOUR_MS - 1);
    expect(alice.do({ tag: 'tick' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    clock.pass(1);
    alice.do({ tag: 'tick' });
    expect(alice.heard('ended')).toEqual([{ tag: 'ended', by: 'expired', revealed: 3 }]);
    expect(describeSession(alice.state)).toStrictEqual({ tag: 'finished', by: 'expired' });
    const last = messageIn(alice.outbox[0]);
    expect(last.ignoreUnreadable).toBe(true);
    expect(last.revealedMacKeys.length).toBe(3 * 64);
    parties.settle();
    expect(describeSession(bob.state)).toEqual({ tag: 'finished', by: 'peer' });
    expect(nextDueAt(alice.state)).toBeUndefined();
  });

  it('otr:T-177 is put off by a new key of our own, and not by receiving', () => {
    const parties = TwoParties.established({ policy: { heartbeatAfterMs: 0 } });
    const { alice, bob, clock } = parties;
    bob.send('first');
    parties.settle();
    const begun = encrypted(alice).renewedAt;
    expect(begun).toBe(clock.monotonicMs);
    clock.pass(HOUR_MS);
    bob.send('second');
    parties.settle();
    expect(encrypted(alice).renewedAt).toBe(begun);
    alice.do({ tag: 'tick' });
    expect(encrypted(alice).renewedAt).toBe(begun);
    clock.pass(MINUTE_MS);
    alice.send('reply, with a new key');
    expect(encrypted(alice).renewedAt).toBe(clock.monotonicMs);
    clock.pass(MINUTE_MS);
    alice.send('again, with the same key');
    expect(encrypted(alice).renewedAt).toBe(clock.monotonicMs - MINUTE_MS);
  });

  it('otr:T-177 begins with the first data message of either, and not again with the second', () => {
    const parties = TwoParties.established({ policy: { heartbeatAfterMs: 0 } });
    const { alice, bob, clock } = parties;
    clock.pass(HOUR_MS);
    const begun = clock.monotonicMs;
    for (const text of ['first', 'second']) {
      alice.send(text);
      parties.settle();
      expect([encrypted(alice).renewedAt, encrypted(bob).renewedAt]).toEqual([begun, begun]);
      clock.pass(HOUR_MS);
    }
  });

  it('gives up keys of messages that never came, and keeps those that are younger', () => {
    const { alice, bob, clock } = TwoParties.established({
      policy: { expireAfterMs: 14 * 24 * HOUR_MS },
    });
    const lose = (): void => {
      bob.send('lost');
      bob.send('read');
      alice.receive(bob.takeOutbox().at(-1) ?? '');
    };
    lose();
    clock.pass(HOUR_MS);
    lose();
    const [old, young] = encrypted(alice).ratchet.skipped;
    clock.pass(LIMITS.skippedKeyLifetimeMs - HOUR_MS - 1);
    alice.do({ tag: 'tick' });
    expect(encrypted(alice).ratchet.skipped).toEqual([old, young]);
    clock.pass(1);
    alice.do({ tag: 'tick' });
    expect(encrypted(alice).ratchet.skipped).toEqual([young]);
  });

  it('gives up keys of messages that never came, and reveals their MAC keys', () => {
    const policy = { expireAfterMs: 14 * 24 * HOUR_MS };
    const parties = TwoParties.established({ policy });
    const { alice, bob, clock } = parties;
    bob.send('lost');
    bob.send('read');
    const [, read = ''] = bob.takeOutbox();
    alice.receive(read);
    clock.pass(LIMITS.skippedKeyLifetimeMs);
    alice.do({ tag: 'tick' });
    expect(encrypted(alice).ratchet.skipped).toEqual([]);
    alice.send('reply');
    expect(messageIn(alice.outbox.at(-1)).revealedMacKeys.length).toBe(2 * 64);
  });
});

describe('a key exchange that nobody completes', () => {
  it('waits for a person as long as the policy says, and beside a session for one minute', () => {
    const policy = { answerWithinMs: 7 * MINUTE_MS };
    const fresh = new TwoParties({ policy });
    fresh.alice.do({ tag: 'start' });
    expect(nextDueAt(fresh.alice.state)).toBe(fresh.clock.monotonicMs + 7 * MINUTE_MS);
    const { alice, clock } = TwoParties.established({ policy });
    alice.do({ tag: 'start' });
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + LIMITS.dakeTimeoutMs);
  });

  it('is told to the sender of what came for it, but not beside a live session', () => {
    const timeOut = (parties: TwoParties): readonly string[] => {
      const { alice, bob, clock } = parties;
      bob.do({ tag: 'start' });
      for (const body of bob.takeOutbox()) alice.receive(body);
      const early = [{ bytes: new Uint8Array(1), arrivedAt: clock.monotonicMs }];
      alice.state = { ...alice.state, early };
      clock.pass(LIMITS.dakeTimeoutMs);
      return alice.do({ tag: 'tick' }).map(({ tag }) => tag);
    };
    expect(timeOut(new TwoParties())).toEqual(['start-failed', 'transmit', 'retire']);
    expect(timeOut(TwoParties.established())).toEqual(['start-failed', 'retire']);
  });
});

describe('what comes before its session', () => {
  it('sec:F-MSG-2 is forgotten after ten minutes, each message at its own time', () => {
    const { alice, clock } = new TwoParties();
    const early = [0, 1].map((ms) => ({
      bytes: new Uint8Array(1),
      arrivedAt: clock.monotonicMs + ms,
    }));
    alice.state = { ...alice.state, early };
    clock.pass(LIMITS.earlyLifetimeMs);
    alice.do({ tag: 'tick' });
    expect(alice.state.early).toEqual(early.slice(1));
  });
});

describe('a heartbeat', () => {
  it('otr:T-178 answers a message after silence, and is not shown', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    bob.send('one');
    parties.settle();
    expect(alice.heard('message')).toHaveLength(1);
    expect(encrypted(alice).ratchet.sent).toBe(0);
    clock.pass(MINUTE_MS);
    bob.send('two');
    for (const body of bob.takeOutbox()) alice.receive(body);
    const beat = messageIn(alice.outbox[0]);
    expect(beat).toMatchObject({ ignoreUnreadable: true, ratchetId: 1 });
    parties.settle();
    expect(bob.heard('message')).toEqual([]);
    expect(bob.outbox).toEqual([]);
  });

  it('otr:T-178 is not sent by a policy without heartbeats, nor while a key exchange is under way', () => {
    const quiet = TwoParties.established({ policy: { heartbeatAfterMs: 0 } });
    quiet.clock.pass(10 * MINUTE_MS);
    quiet.bob.send('hello');
    quiet.settle();
    expect(encrypted(quiet.alice).ratchet.rotations).toBe(1);

    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    clock.pass(10 * MINUTE_MS);
    bob.send('hello');
    const [hello = ''] = bob.takeOutbox();
    alice.do({ tag: 'start' });
    alice.takeOutbox();
    alice.receive(hello);
    expect(alice.read()).toEqual(['hello']);
    expect(alice.outbox).toEqual([]);
  });

  it('otr:T-178 does not answer heartbeats for ever', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    bob.send('hello');
    parties.settle();
    let sent = 0;
    for (let minute = 0; minute < 5; minute += 1) {
      clock.pass(MINUTE_MS);
      for (const party of [alice, bob]) {
        party.do({ tag: 'tick' });
        sent += party.outbox.length;
      }
      parties.settle();
    }
    expect(sent).toBe(0);
  });

  it('is sent at once when too many MAC keys wait to be revealed', () => {
    const parties = TwoParties.established({ policy: { maxBodyLength: 65_536 } });
    const { alice, bob } = parties;
    for (let n = 0; n < 512; n += 1) bob.send('x');
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect(alice.outbox).toHaveLength(1);
    expect(messageIn(alice.outbox[0]).revealedMacKeys.length).toBe(512 * 64);
  });

  it('is not sent for their sake while it would not be our turn to reveal them', () => {
    const { alice, bob } = TwoParties.established();
    bob.send('before');
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.send('under way');
    const messages = encrypted(alice);
    const macKeysToReveal = Array.from({ length: 512 }, () => Secret.own(new Uint8Array(64), 64));
    const ratchet = { ...messages.ratchet, macKeysToReveal };
    alice.state = { ...alice.state, messages: { ...messages, ratchet } };
    bob.send('crossing it');
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect(alice.read()).toEqual(['before', 'crossing it']);
    expect(alice.outbox).toHaveLength(1);
  });
});
