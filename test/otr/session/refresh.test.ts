// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { createSession, reconfigure } from '#otr/session/session.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { identityOf, Party, renewedIdentityOf, TwoParties } from '../../support/two-parties.ts';

const MINUTE_MS = 60_000;

function ssidOf(party: Party): string {
  const view = describeSession(party.state);
  if (view.tag !== 'encrypted') throw new RangeError(`${party.name} is ${view.tag}`);
  return view.ssid.first + view.ssid.second;
}

/** Mallory, who writes from Bob's address. */
function mallory(parties: TwoParties): Party {
  const state = createSession({
    own: identityOf('mallory'),
    ourJid: 'bob@xmpp.example',
    theirJid: 'alice@xmpp.example',
  });
  return new Party('mallory', state, parties.bob.env);
}

describe('starting again beside a live session', () => {
  it('otr:T-069 replaces it once the new one is authenticated, and tells so', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    const before = ssidOf(alice);
    bob.do({ tag: 'start' });
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
    expect(ssidOf(alice)).not.toBe(before);
    for (const party of [alice, bob]) {
      expect(party.heard('established')[1]).toMatchObject({ replaced: true, keyChanged: false });
    }
    bob.send('in the new one');
    parties.settle();
    expect(alice.read()).toEqual(['in the new one']);
  });

  it('otr:T-069 otr:T-070 leaves it alone when nobody completes it, and sends again after a minute', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    const before = ssidOf(alice);
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.takeOutbox();
    expect(describeSession(alice.state)).toMatchObject({
      tag: 'encrypted',
      refreshing: { role: 'responder' },
    });
    alice.send('held meanwhile');
    expect(alice.heard('held')).toEqual([{ tag: 'held', ref: 'held meanwhile' }]);
    expect(alice.outbox).toEqual([]);
    clock.pass(MINUTE_MS - 1);
    alice.do({ tag: 'tick' });
    expect(alice.outbox).toEqual([]);
    clock.pass(1);
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs);
    alice.do({ tag: 'tick' });
    expect(alice.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'timed-out' }]);
    expect(alice.outbox).toHaveLength(1);
    expect(ssidOf(alice)).toBe(before);
    for (const body of alice.takeOutbox()) bob.receive(body);
    expect(bob.read()).toEqual(['held meanwhile']);
  });

  it('otr:T-070 keeps reading in the old session meanwhile', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('under way');
    bob.do({ tag: 'start' });
    const [text = '', identity = ''] = bob.takeOutbox();
    alice.receive(identity);
    alice.receive(text);
    expect(alice.read()).toEqual(['under way']);
  });

  it('otr:T-128 cannot read what was left of the old session, and is not hurt by it', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('late');
    const [late = ''] = bob.takeOutbox();
    bob.do({ tag: 'start' });
    parties.settle();
    const { messages } = alice.state;
    alice.receive(late);
    expect(alice.heard('unreadable')).toHaveLength(1);
    expect(alice.state.messages).toBe(messages);
    bob.send('fresh');
    parties.settle();
    expect(alice.read()).toEqual(['fresh']);
  });

  it('goes on with the old session when the user cancels', () => {
    const parties = TwoParties.established();
    const { bob, alice } = parties;
    bob.do({ tag: 'start' });
    bob.takeOutbox();
    bob.send('waiting');
    bob.do({ tag: 'cancel' });
    expect(bob.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'cancelled' }]);
    parties.settle();
    expect(alice.read()).toEqual(['waiting']);
    expect(bob.do({ tag: 'cancel' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
  });

  it('otr:T-064 settles on one session when both start again at once', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    alice.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
    expect(alice.heard('established')).toHaveLength(2);
    expect(bob.heard('established')).toHaveLength(2);
    expect(describeSession(bob.state)).not.toHaveProperty('refreshing');
  });
});

describe('an Identity message that is played back', () => {
  it('sec:T-O-DAKE-1 is known to who answered it, and takes no place at who sent it', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const { ecdhPublic } = decodeIdentity(parseArmor(bob.outbox[0] ?? ''));
    parties.settle();
    expect(alice.state.throttle.usedIdentities).toEqual([ecdhPublic]);
    expect(bob.state.throttle.usedIdentities).toEqual([]);
  });

  it('sec:T-O-DAKE-1 a thousand times neither ends the session nor is answered', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const identity = bob.outbox[0] ?? '';
    parties.settle();
    bob.send('before');
    parties.settle();
    const { state } = alice;
    for (let n = 0; n < 1000; n += 1) alice.receive(identity);
    expect(alice.state).toBe(state);
    expect(alice.outbox).toEqual([]);
    bob.send('after');
    parties.settle();
    expect(alice.read()).toEqual(['before', 'after']);
  });

  it('sec:T-O-DAKE-1 is answered only so often, whatever is in it', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    const flood = () => {
      bob.do({ tag: 'start' });
      const [identity = ''] = bob.takeOutbox();
      bob.do({ tag: 'cancel' });
      alice.receive(identity);
    };
    for (let n = 0; n < 8; n += 1) flood();
    expect(alice.outbox.length).toBeLessThanOrEqual(LIMITS.identityBurst);
    expect(alice.heard('ignored')).toContainEqual({ tag: 'ignored', why: 'rate-limited' });
    const answered = alice.outbox.length;
    clock.pass(LIMITS.identityIntervalMs);
    flood();
    expect(alice.outbox.length).toBe(answered + 1);
  });
});

describe('text held beside a live session', () => {
  it('sec:T-O-DAKE-1 waits a minute at most, however many key exchanges are begun', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    const begin = () => {
      bob.do({ tag: 'start' });
      const [identity = ''] = bob.takeOutbox();
      bob.do({ tag: 'cancel' });
      alice.receive(identity);
      alice.takeOutbox();
    };
    begin();
    alice.send('held');
    for (let n = 0; n < 5; n += 1) {
      clock.pass(10_000);
      begin();
      alice.do({ tag: 'tick' });
    }
    expect(alice.heard('sent')).toEqual([]);
    clock.pass(10_000);
    alice.do({ tag: 'tick' });
    expect(alice.heard('sent').map(({ ref }) => ref)).toEqual(['held']);
  });

  it('waits a minute from when we start ourselves', () => {
    const { alice, bob, clock } = TwoParties.established();
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    clock.pass(MINUTE_MS / 2);
    alice.do({ tag: 'start' });
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + MINUTE_MS);
  });

  it('waits a minute from the last exchange that was begun when there is no session yet', () => {
    const { alice, bob, clock } = new TwoParties();
    bob.state = { ...bob.state, announcedTag: identityOf('alice').profile.ownerTag };
    for (const pause of [MINUTE_MS / 2, 0]) {
      bob.do({ tag: 'start' });
      for (const body of bob.takeOutbox()) alice.receive(body);
      bob.do({ tag: 'cancel' });
      clock.pass(pause);
    }
    expect(alice.outbox).toHaveLength(2);
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + MINUTE_MS);
  });
});

describe('somebody with another key', () => {
  it('sec:T-O-TRUST-1 cannot take the place of a live session unless the user agrees', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    const before = ssidOf(alice);
    const stranger = mallory(parties);
    stranger.do({ tag: 'start' });
    const [identity = ''] = stranger.takeOutbox();
    alice.receive(identity);
    expect(alice.outbox).toEqual([]);
    const [invitation] = alice.heard('invitation');
    expect(invitation?.claimedFingerprint).toEqual(identityOf('mallory').profile.fingerprint);
    expect(ssidOf(alice)).toBe(before);

    alice.receive(invitation?.body ?? '', true);
    for (const body of alice.takeOutbox()) stranger.receive(body);
    for (const body of stranger.takeOutbox()) alice.receive(body);
    expect(alice.heard('established')[1]).toMatchObject({ replaced: true, keyChanged: true });
  });

  it('ux:I-2 sec:T-O-TRUST-2 does not get the text that was held for the other', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    const stranger = mallory(parties);
    alice.do({ tag: 'start' });
    alice.send('for Bob only');
    alice.takeOutbox();
    stranger.do({ tag: 'start' });
    const [identity = ''] = stranger.takeOutbox();
    alice.do({ tag: 'cancel' });
    alice.takeOutbox();
    alice.receive(identity, true);
    alice.send('also for Bob');
    for (const body of alice.takeOutbox()) stranger.receive(body);
    for (const body of stranger.takeOutbox()) alice.receive(body);
    expect(alice.heard('refused')).toEqual([
      { tag: 'refused', ref: 'also for Bob', why: 'unexpected-key' },
    ]);
    expect(stranger.read()).toEqual([]);
  });

  it('gets held text only when the policy names the key', () => {
    const exact = { heldTextGoesTo: [identityOf('mallory').profile.fingerprint] } as const;
    const parties = new TwoParties({ bobPolicy: exact });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    bob.send('not for this key');
    parties.settle();
    expect(bob.heard('refused')).toMatchObject([{ why: 'unexpected-key' }]);
    expect(alice.read()).toEqual([]);
  });

  it.each([
    ['alice', 'mallory'],
    ['mallory', 'alice'],
  ])('gets it also when the policy names %s and %s', (...names) => {
    const heldTextGoesTo = names.map((name) => identityOf(name).profile.fingerprint);
    const parties = new TwoParties({ bobPolicy: { heldTextGoesTo } });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    bob.send('for Alice on either device');
    parties.settle();
    expect(alice.read()).toEqual(['for Alice on either device']);
  });
});

describe('invitations', () => {
  it('wait for the user under the policy "ask", and change nothing else until then', () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const [identity = ''] = bob.takeOutbox();
    const before = alice.state;
    alice.receive(identity);
    expect({ ...alice.state, throttle: before.throttle }).toEqual(before);
    expect(alice.outbox).toEqual([]);
    const [invitation] = alice.heard('invitation');
    expect(invitation).toMatchObject({
      body: identity,
      theirTag: decodeIdentity(parseArmor(identity)).senderTag,
    });
    alice.receive(identity, true);
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
  });

  it('are not asked about when the user has started too', () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    const { alice, bob } = parties;
    alice.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
    expect([...alice.heard('invitation'), ...bob.heard('invitation')]).toEqual([]);
  });

  it('may come again while the answer to the first is under way, since the peer may have given up', () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const [first = ''] = bob.takeOutbox();
    alice.receive(first);
    bob.do({ tag: 'cancel' });
    alice.receive(first, true);
    for (const body of alice.takeOutbox()) bob.receive(body);
    expect(alice.receive(first)).toEqual([{ tag: 'ignored', why: 'duplicate' }]);
    bob.do({ tag: 'start' });
    const [second = ''] = bob.takeOutbox();
    alice.receive(second);
    expect(alice.outbox).toEqual([]);
    expect(alice.heard('invitation').map(({ body }) => body)).toEqual([first, second]);
    alice.receive(second, true);
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
  });

  it('otr:T-066 that name us and are accepted twice are answered with the same Auth-R', () => {
    const { alice, bob } = new TwoParties({ policy: { invitations: 'ask' } });
    bob.state = { ...bob.state, announcedTag: identityOf('alice').profile.ownerTag };
    bob.do({ tag: 'start' });
    const [identity = ''] = bob.takeOutbox();
    expect(alice.receive(identity, true).map(({ tag }) => tag)).toEqual(['starting', 'transmit']);
    const answers = alice.takeOutbox();
    alice.receive(identity, true);
    expect(alice.takeOutbox()).toEqual(answers);
  });

  it('otr:T-064 end a start of our own only if their key is the higher, when they are accepted later', () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    const { alice, bob } = parties;
    const starts = [alice, bob].map((party) => {
      party.do({ tag: 'start' });
      return { party, ours: party.takeOutbox()[0] ?? '' };
    });
    for (const { party, ours } of starts) parties.other(party).receive(ours, true);
    const [higher, ...others] = starts.filter(
      ({ party }) => party.state.dake.tag === 'waiting-auth-r',
    );
    if (higher === undefined) throw new Error('both gave up');
    expect(others).toEqual([]);
    const { party, ours } = higher;
    const receiverTag = identityOf(parties.other(party).name).profile.ownerTag;
    const [again = ''] = party.takeOutbox();
    const [before, after] = [ours, again].map((body) => decodeIdentity(parseArmor(body)));
    expect(after).toEqual({ ...before, receiverTag });
    // From here on it is for whoever sent that invitation.
    party.do({ tag: 'start' });
    expect(party.takeOutbox()).toEqual([again]);
  });

  it('are accepted however often the peer had to ask', () => {
    const parties = new TwoParties({ policy: { invitations: 'ask' } });
    const { alice, bob } = parties;
    let identity = '';
    for (let n = 0; n < LIMITS.identityBurst; n += 1) {
      bob.do({ tag: 'start' });
      [identity = ''] = bob.takeOutbox();
      alice.receive(identity);
      if (n < LIMITS.identityBurst - 1) bob.do({ tag: 'cancel' });
    }
    alice.receive(identity, true);
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
  });
});

describe('while a key exchange is under way', () => {
  it('its user is told once, and which part is ours', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    parties.settle();
    expect(bob.heard('starting')).toEqual([{ tag: 'starting', role: 'initiator' }]);
    expect(alice.heard('starting')).toEqual([{ tag: 'starting', role: 'responder' }]);
  });

  it('otr:T-052 text is held and sent once it is over, in order', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    bob.send('first');
    bob.send('second');
    const [identity = ''] = bob.takeOutbox();
    alice.receive(identity);
    alice.send('third');
    expect(alice.outbox).toHaveLength(1);
    expect(describeSession(alice.state)).toMatchObject({ tag: 'starting', heldCount: 1 });
    parties.settle();
    expect(alice.read()).toEqual(['first', 'second']);
    expect(bob.read()).toEqual(['third']);
    expect(bob.heard('sent').map(({ ref }) => ref)).toEqual(['first', 'second']);
  });

  it('sec:L no more texts are held than the limit', () => {
    const { bob } = new TwoParties();
    bob.do({ tag: 'start' });
    for (let n = 0; n <= LIMITS.outgoingQueue; n += 1) bob.send(`text ${n.toString()}`);
    expect(bob.heard('held')).toHaveLength(LIMITS.outgoingQueue);
    expect(bob.heard('refused')).toMatchObject([{ why: 'too-many-held' }]);
  });

  it('otr:T-183 a lost message leaves nothing behind but the way to try again', () => {
    const parties = new TwoParties();
    const { alice, bob, clock } = parties;
    bob.do({ tag: 'start' });
    bob.send('held');
    const [identity = ''] = bob.takeOutbox();
    bob.do({ tag: 'start' });
    expect(bob.takeOutbox()).toEqual([identity]);
    clock.pass(10 * MINUTE_MS);
    bob.do({ tag: 'tick' });
    expect(bob.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'timed-out' }]);
    expect(bob.heard('refused')).toEqual([{ tag: 'refused', ref: 'held', why: 'start-failed' }]);
    expect(bob.state.dake).toEqual({ tag: 'start' });
    bob.do({ tag: 'start' });
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
  });

  it.each([0, 1, 2])(
    'otr:T-183 sec:F-DAKE-3 who waits in vain for Auth-I says so, where %i texts have come for it',
    (texts) => {
      const { alice, bob, clock } = new TwoParties();
      bob.do({ tag: 'start' });
      for (const body of bob.takeOutbox()) alice.receive(body);
      for (const body of alice.takeOutbox()) bob.receive(body);
      bob.takeOutbox();
      for (let n = 0; n < texts; n += 1) bob.send(`text ${n.toString()}`);
      for (const body of bob.takeOutbox()) alice.receive(body);
      clock.pass(MINUTE_MS);
      alice.do({ tag: 'tick' });
      expect(alice.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'timed-out' }]);
      const told = texts === 0 ? [] : ['?OTR Error: ERROR_2: Not in private state message'];
      expect(alice.takeOutbox()).toEqual(told);
      for (const body of told) bob.receive(body);
      expect(bob.heard('peer-error')).toHaveLength(told.length);
      expect(describeSession(bob.state).tag).toBe('encrypted');
    },
  );

  it('otr:T-126 a data message that overtakes Auth-I is read after it, once', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    for (const body of alice.takeOutbox()) bob.receive(body);
    bob.send('one');
    bob.send('two');
    const [authI = '', one = '', two = ''] = bob.takeOutbox();
    alice.receive(two);
    alice.receive(one);
    alice.receive(one);
    expect(alice.state.early).toHaveLength(2);
    expect(alice.read()).toEqual([]);
    alice.receive(authI);
    expect(alice.read()).toEqual(['two', 'one']);
    expect(alice.state.early).toEqual([]);
    expect(alice.outbox.filter((body) => body.startsWith('?OTR Error'))).toEqual([]);
    alice.receive(one);
    expect(alice.read()).toEqual(['two', 'one']);
  });

  it('otr:T-126 stored messages of another session are dropped without a word', () => {
    const other = TwoParties.established({ seed: 'another' });
    other.bob.send('of another session');
    const [foreign = ''] = other.bob.takeOutbox();
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.receive(foreign);
    expect(alice.state.early).toHaveLength(1);
    parties.settle();
    expect(alice.state.early).toEqual([]);
    expect([...alice.heard('unreadable'), ...alice.heard('message')]).toEqual([]);
  });

  it('otr:T-126 otr:T-127 stored messages stay when the peer begins again, and go when we do', () => {
    const { alice, bob } = new TwoParties();
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    for (const body of alice.takeOutbox()) bob.receive(body);
    bob.takeOutbox();
    bob.send('early');
    bob.do({ tag: 'start' });
    const [early = '', identity = ''] = bob.takeOutbox();
    alice.receive(early);
    const { early: stored } = alice.state;
    expect(stored).toHaveLength(1);
    alice.receive(identity);
    expect(alice.outbox).toHaveLength(1);
    expect(alice.state.early).toBe(stored);
    alice.do({ tag: 'start' });
    expect(alice.state.early).toEqual([]);
  });

  it('otr:T-127 stored messages go with the key exchange they came for', () => {
    const other = TwoParties.established({ seed: 'another' });
    other.bob.send('of another session');
    const [foreign = ''] = other.bob.takeOutbox();
    const parties = new TwoParties();
    const { alice, bob, clock } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    alice.receive(foreign);
    clock.pass(MINUTE_MS);
    alice.do({ tag: 'tick' });
    expect(alice.state.early).toEqual([]);
  });

  it('sec:L no more stored messages than the limit', () => {
    const other = TwoParties.established({ seed: 'another' });
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    for (let n = 0; n < LIMITS.earlyMessages + 5; n += 1) other.bob.send('x');
    for (const body of other.bob.takeOutbox()) alice.receive(body);
    expect(alice.state.early).toHaveLength(LIMITS.earlyMessages);
  });

  it('otr:T-042 is completed under the profile it began with, even when that is renewed meanwhile', () => {
    const parties = new TwoParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    bob.state = reconfigure(bob.state, { own: renewedIdentityOf('bob') });
    parties.settle();
    expect(ssidOf(alice)).toBe(ssidOf(bob));
    bob.do({ tag: 'start' });
    parties.settle();
    expect(alice.heard('established')[1]).toMatchObject({
      keyChanged: false,
      theirProfileExpiresAt: renewedIdentityOf('bob').profile.expiresAt,
    });
  });
});
