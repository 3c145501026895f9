// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import type { Mac } from '#otr/codec/data-message.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { LIMITS } from '#otr/limits.ts';
import { permitsClear, permitsOffline } from '#otr/mode.ts';
import { seal } from '#otr/session/data-message.ts';
import type { SessionEffect } from '#otr/session/effect.ts';

import { version4 } from '../../support/bodies-in-clear.ts';
import { tampered } from '../../support/ratchet-pair.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const ELSEWHERE = validateInstanceTag(0x777, 'tag');
const AUTH_R = 0x36;
const AUTH_I = 0x37;

/** What is ignored leaves the very same state behind. */
function expectIgnored(party: Party, body: string, why: string): void {
  const before = party.state;
  expect(party.receive(body)).toEqual([{ tag: 'ignored', why }]);
  expect(party.state).toBe(before);
}

function changed(body: string, change: object): string {
  const message = decodeIdentity(parseArmor(body));
  return formatArmor(encodeIdentity({ ...message, ...change }));
}

/** Alice answered Bob, and a data message of his overtakes his Auth-I. */
function overtaken() {
  const parties = new TwoParties({ policy: { mode: 'interactive-only' } });
  const { alice, bob } = parties;
  bob.do({ tag: 'start' });
  for (const body of bob.takeOutbox()) alice.receive(body);
  for (const body of alice.takeOutbox()) bob.receive(body);
  bob.takeOutbox();
  bob.send('early');
  const [body = ''] = bob.takeOutbox();
  return { alice, bob, body, length: parseArmor(body).length };
}

describe('a mode', () => {
  it('mode:I-02 permits what it permits, and nothing else', () => {
    const modes = ['compatible', 'standalone', 'interactive-only'] as const;
    expect(modes.map(permitsClear)).toEqual([true, false, false]);
    expect(modes.map(permitsOffline)).toEqual([true, true, false]);
  });
});

describe('before anybody is asked', () => {
  const invited = () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    parties.bob.do({ tag: 'start' });
    const [body = ''] = parties.bob.takeOutbox();
    return { alice: parties.alice, body };
  };

  it('otr:T-065 an Identity message of our own is ignored', () => {
    const { alice, body } = invited();
    const { ownerTag } = identityOf('alice').profile;
    expectIgnored(alice, changed(body, { senderTag: ownerTag }), 'reflected');
  });

  it('otr:T-138 an Identity message may have blanks around it, which are not shown', () => {
    const { alice, body } = invited();
    expect(alice.receive(` \n${body}\r\n`)).toMatchObject([{ tag: 'invitation', body }]);
  });

  it('otr:T-068 an Identity message for another client is ignored, and one for this is not', () => {
    const { alice, body } = invited();
    expectIgnored(alice, changed(body, { receiverTag: ELSEWHERE }), 'not-for-us');
    const { ownerTag } = identityOf('alice').profile;
    const [effect] = alice.receive(changed(body, { receiverTag: ownerTag }));
    expect(effect?.tag).toBe('invitation');
  });

  it('an Identity message that brings our own long-term key is ignored', () => {
    const { alice, body } = invited();
    const { publicKey } = identityOf('alice').profile;
    expectIgnored(alice, changed(body, { ecdhPublic: publicKey }), 'invalid');
  });
});

describe('what makes us work', () => {
  it('sec:T-O-DAKE-1 is counted when it is answered, also by who started too', () => {
    const parties = new TwoParties();
    const { alice, bob, clock } = parties;
    alice.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    const [[ours], [theirs]] = [alice.takeOutbox(), bob.takeOutbox()];
    alice.receive(theirs ?? '');
    bob.receive(ours ?? '');
    const nextIdentityAt = clock.monotonicMs + LIMITS.identityIntervalMs;
    for (const party of [alice, bob])
      expect(party.state.throttle).toMatchObject({ nextIdentityAt });
  });

  it('sec:T-O-DAKE-1 costs nothing when it is ignored', () => {
    const { alice, bob } = new TwoParties();
    bob.do({ tag: 'start' });
    const [body = ''] = bob.takeOutbox();
    const { publicKey } = identityOf('alice').profile;
    expectIgnored(alice, changed(body, { ecdhPublic: publicKey }), 'invalid');
  });

  it('an answer that nobody waits for is not even read', () => {
    const { alice, bob } = new TwoParties();
    expectIgnored(alice, version4(AUTH_R), 'unexpected');
    expectIgnored(alice, version4(AUTH_I), 'unexpected');
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    expectIgnored(alice, version4(AUTH_R), 'unexpected');
    expectIgnored(alice, version4(AUTH_I), 'invalid');
    alice.do({ tag: 'start' });
    expectIgnored(alice, version4(AUTH_R), 'invalid');
    expectIgnored(alice, version4(AUTH_I), 'unexpected');
  });
});

describe('while one Identity message is answered', () => {
  it('otr:T-066 another that does not name this client is ignored, and costs no admission', () => {
    const { alice, bob } = new TwoParties();
    bob.do({ tag: 'start' });
    const [first = ''] = bob.takeOutbox();
    alice.receive(first);
    expectIgnored(alice, first, 'duplicate');
    const { bob: again } = new TwoParties({ seed: 'again' });
    again.do({ tag: 'start' });
    const [body = ''] = again.takeOutbox();
    expectIgnored(alice, body, 'not-for-us');
    const throttle = { ...alice.state.throttle, nextIdentityAt: Number.POSITIVE_INFINITY };
    alice.state = { ...alice.state, throttle };
    expectIgnored(alice, body, 'not-for-us');
  });
});

describe('a data message that comes too early', () => {
  const withEarly = (party: Party, lengths: readonly number[]) => {
    const early = lengths.map((length) => ({ bytes: new Uint8Array(length), arrivedAt: 0 }));
    party.state = { ...party.state, early };
  };
  const kept = (effects: readonly SessionEffect[]) =>
    effects.some((effect) => effect.tag === 'ignored' && effect.why === 'early');

  it('otr:T-126 sec:F-MSG-2 is kept once', () => {
    const { alice, body } = overtaken();
    expect(alice.receive(body)).toEqual([{ tag: 'ignored', why: 'early' }]);
    expect(alice.state.early).toHaveLength(1);
    expectIgnored(alice, body, 'duplicate');
  });

  it('otr:T-126 is kept when it is of the first ratchet and of the client that was answered', () => {
    const { alice, body } = overtaken();
    for (const change of [{ ratchetId: 1 }, { senderTag: ELSEWHERE }]) {
      const other = formatArmor(tampered(parseArmor(body), change));
      expect(kept(alice.receive(other))).toBe(false);
      expect(alice.state.early).toEqual([]);
    }
    expect(kept(alice.receive(body))).toBe(true);
  });

  it('otr:T-126 is kept when it is of the client whose prekey message is looked up, beside a session', () => {
    const { alice, bob } = TwoParties.established();
    bob.send('early');
    const [sent = ''] = bob.takeOutbox();
    const body = formatArmor(tampered(parseArmor(sent), { senderTag: ELSEWHERE }));
    const now = alice.env.monotonicMs();
    const awaiting = (until: number) => {
      alice.state = { ...alice.state, early: [], awaited: { theirTag: ELSEWHERE, until } };
      return kept(alice.receive(body));
    };
    expect(awaiting(now)).toBe(false);
    expect(awaiting(now + 1)).toBe(true);
    alice.receive(sent);
    expect(alice.read()).toEqual(['early']);
  });

  it('otr:T-126 otr:T-192 is forgotten when it names another client than the session is with', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    for (const body of alice.takeOutbox()) bob.receive(body);
    const [authI = ''] = bob.takeOutbox();
    const { messages } = bob.state;
    if (messages.tag !== 'encrypted') throw new RangeError('state');
    const content = { text: 'masked', tlvs: [], ignoreUnreadable: false, padTo: 0, isLast: false };
    const route = { senderTag: ELSEWHERE, receiverTag: identityOf('alice').profile.ownerTag };
    const { bytes } = seal(messages.ratchet, { ...content, ...route }, bob.env);
    alice.receive(formatArmor(bytes));
    expect(alice.state.early).toHaveLength(1);
    const told = alice.receive(authI).map(({ tag }) => tag);
    expect(told).toContain('established');
    expect(told).not.toContain('message');
    expect(told).not.toContain(undefined);
    expect(alice.state.early).toEqual([]);
  });

  it('otr:T-126 sec:F-MSG-2 sec:L is kept as long as there is room for it, to the byte and to the message', () => {
    const { alice, body, length } = overtaken();
    const fits = (lengths: readonly number[]) => {
      withEarly(alice, lengths);
      return kept(alice.receive(body));
    };
    expect(fits([LIMITS.earlyBytes - length])).toBe(true);
    expect(fits([LIMITS.earlyBytes - length + 1])).toBe(false);
    expect(fits([1000, LIMITS.earlyBytes - length - 1000])).toBe(true);
    expect(fits(Array.from({ length: LIMITS.earlyMessages - 1 }, () => 1))).toBe(true);
    expect(fits(Array.from({ length: LIMITS.earlyMessages }, () => 1))).toBe(false);
  });
});

describe('a data message that is not for this session', () => {
  it('otr:T-192 is ignored when it is of our own, or for another client', () => {
    const { alice, bob } = TwoParties.established();
    bob.send('hello');
    const [body = ''] = bob.takeOutbox();
    const { ownerTag } = identityOf('alice').profile;
    const change = (to: object) => formatArmor(tampered(parseArmor(body), to));
    expectIgnored(alice, change({ receiverTag: ELSEWHERE }), 'not-for-us');
    expectIgnored(alice, change({ senderTag: ownerTag }), 'reflected');
    alice.receive(body);
    expect(alice.read()).toEqual(['hello']);
  });

  it('sec:T-O-DUP-1 is known by its authenticator, of which the last 128 are kept', () => {
    const { alice, bob } = TwoParties.established();
    const { messages } = alice.state;
    if (messages.tag !== 'encrypted') throw new RangeError('state');
    const readBefore = Array.from({ length: 128 }, (_, n) => new Uint8Array(64).fill(n));
    alice.state = { ...alice.state, messages: { ...messages, readBefore } };
    bob.send('one more');
    const [body = ''] = bob.takeOutbox();
    alice.receive(body);
    const { authenticator } = decodeDataMessage(parseArmor(body)).message;
    expect(alice.state.messages).toMatchObject({
      readBefore: [...readBefore.slice(1), authenticator],
    });
  });

  it('sec:T-O-DUP-1 is ignored when it was read before, and only then', () => {
    const { alice, bob } = TwoParties.established();
    const bodies = ['one', 'two'].map((text) => {
      bob.send(text);
      return bob.takeOutbox()[0] ?? '';
    });
    for (const body of bodies) alice.receive(body);
    for (const body of bodies) expectIgnored(alice, body, 'duplicate');
    const mac = new Uint8Array(64) as Mac;
    const forged = formatArmor(tampered(parseArmor(bodies[0] ?? ''), { authenticator: mac }));
    const told = alice.receive(forged).map(({ tag }) => tag);
    expect(told).toContain('unreadable');
  });
});
