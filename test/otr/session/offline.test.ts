// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import type { NonInteractiveAuthMessage } from '#otr/codec/non-interactive-auth.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { deliver, OfflineParties, Shelf } from '../../support/offline-parties.ts';
import { identityOf, secretsIn, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const NI_AUTH = 0x0d;
const DATA = 0x03;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const typesOf = (bodies: readonly string[]) => bodies.map((body) => parseArmor(body)[2]);
const tagsOf = (effects: readonly SessionEffect[]) =>
  effects.map((effect) => effect.tag).filter((tag) => tag !== 'retire');

/** A Non-Interactive-Auth message of Alice's for Bob, who has published; nothing is delivered. */
function written(options: ConstructorParameters<typeof OfflineParties>[0] = {}) {
  const parties = new OfflineParties(options);
  parties.startOffline(parties.alice);
  const { alice, bob } = parties;
  const [auth = ''] = alice.takeOutbox();
  return { parties, alice, bob, shelf: parties.shelfOf(bob), auth };
}

function altered(body: string, change: (message: NonInteractiveAuthMessage) => object): string {
  const message = decodeNonInteractiveAuth(parseArmor(body));
  return formatArmor(encodeNonInteractiveAuth({ ...message, ...change(message) }));
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

/** What is said in a session still arrives, both ways. */
function expectAlive(parties: OfflineParties): void {
  const { alice, bob } = parties;
  const [readBefore, heardBefore] = [bob.read().length, alice.read().length];
  alice.send('still there?');
  parties.settle();
  bob.send('still here');
  parties.settle();
  expect(bob.read().slice(readBefore)).toEqual(['still there?']);
  expect(alice.read().slice(heardBefore)).toEqual(['still here']);
}

describe('a session that Alice begins while Bob is away', () => {
  it('otr:T-081 stands at once for her, and for him when her messages come', () => {
    const { parties, alice, bob, auth } = written();
    expect(describeSession(alice.state)).toMatchObject({ tag: 'encrypted', role: 'retriever' });
    alice.send('first');
    alice.send('second');
    const bodies = [auth, ...alice.takeOutbox()];
    expect(typesOf(bodies)).toEqual([NI_AUTH, DATA, DATA]);
    for (const body of bodies) deliver(body, bob, parties.shelfOf(bob));
    expect(bob.read()).toEqual(['first', 'second']);
    expect(describeSession(bob.state)).toMatchObject({ tag: 'encrypted', role: 'publisher' });
    expectAlive(parties);
  });

  it('shows her the first half of the session id in bold, and him the second', () => {
    const { alice, bob } = OfflineParties.begunByAlice();
    const [hers, his] = [alice, bob].map((party) => party.heard('established')[0]);
    expect(hers).toMatchObject({ role: 'retriever', ssid: { ours: 'first' }, replaced: false });
    expect(his).toMatchObject({ role: 'publisher', ssid: { ours: 'second' }, replaced: false });
    expect(his?.ssid.first).toBe(hers?.ssid.first);
    expect(his?.theirFingerprint).toEqual(identityOf('alice').profile.fingerprint);
    expect(hers?.theirFingerprint).toEqual(identityOf('bob').profile.fingerprint);
  });

  it('carries what was held for a key exchange that nobody answered, in order', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    alice.do({ tag: 'start' });
    alice.takeOutbox();
    for (const text of ['one', 'two', 'three']) alice.send(text);
    const effects = parties.startOffline(alice);
    expect(typesOf(alice.outbox)).toEqual([NI_AUTH, DATA, DATA, DATA]);
    expect(tagsOf(effects).slice(0, 2)).toEqual(['transmit', 'established']);
    parties.settle();
    expect(bob.read()).toEqual(['one', 'two', 'three']);
  });

  it('sends what Bob held for her when her message came in the middle of his own start', () => {
    const { parties, alice, bob, auth } = written();
    bob.do({ tag: 'start' });
    bob.takeOutbox();
    bob.send('held');
    expect(tagsOf(deliver(auth, bob, parties.shelfOf(bob)))).toContain('prekey-used');
    parties.settle();
    expect(alice.read()).toEqual(['held']);
  });

  it('otr:T-089 stands whatever key exchange or session was there before', () => {
    for (const stage of ['waiting-auth-r', 'waiting-auth-i', 'encrypted'] as const) {
      const { parties, alice, bob, auth } = written({ seed: stage });
      const eve = new TwoParties({ seed: `${stage}/before` });
      if (stage === 'waiting-auth-r') bob.do({ tag: 'start' });
      else eve.alice.do({ tag: 'start' });
      for (const body of eve.alice.takeOutbox()) bob.receive(body);
      if (stage === 'encrypted') {
        for (const body of bob.takeOutbox()) eve.alice.receive(body);
        for (const body of eve.alice.takeOutbox()) bob.receive(body);
        expect(bob.state.messages.tag).toBe('encrypted');
      } else expect(bob.state.dake.tag).toBe(stage);
      bob.takeOutbox();
      deliver(auth, bob, parties.shelfOf(bob));
      expect(bob.state.dake.tag).toBe('start');
      expect(bob.heard('established').at(-1)).toMatchObject({
        role: 'publisher',
        replaced: stage === 'encrypted',
        keyChanged: false,
      });
      expect(alice.state.messages.tag).toBe('encrypted');
      expectAlive(parties);
    }
  });

  it('otr:T-090 is announced by Disconnected where Bob began and has said nothing yet', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    parties.settle();
    expect(alice.state.messages).toMatchObject({ role: 'responder', ratchet: { receivingId: -1 } });
    parties.startOffline(alice);
    expect(typesOf(alice.outbox)).toEqual([DATA, NI_AUTH]);
  });

  it('otr:T-090 is announced by Disconnected where a session was live', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    const effects = parties.startOffline(alice);
    expect(typesOf(alice.outbox)).toEqual([DATA, NI_AUTH]);
    expect(effects.filter(({ tag }) => tag === 'ended')).toEqual([]);
    expect(alice.heard('established').at(-1)).toMatchObject({ replaced: true, keyChanged: false });
    const [disconnected = ''] = alice.takeOutbox();
    bob.receive(disconnected);
    expect(bob.state.messages).toEqual({ tag: 'finished', by: 'peer' });
  });

  it('is just replaced by another one while it is unanswered, and all of both is read', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    parties.startOffline(alice);
    alice.send('in the first');
    const effects = parties.startOffline(alice);
    alice.send('in the second');
    expect(typesOf(alice.outbox)).toEqual([NI_AUTH, DATA, NI_AUTH, DATA]);
    expect(alice.heard('established').at(-1)).toMatchObject({ replaced: true, keyChanged: false });
    expect(
      effects.flatMap((effect) => (effect.tag === 'retire' ? effect.secrets : [])),
    ).not.toEqual([]);
    parties.settle();
    expect(bob.read()).toEqual(['in the first', 'in the second']);
    expectAlive(parties);
  });

  it('may come in pieces, and asks for its prekey with the whole of them', () => {
    const parties = new OfflineParties({ policy: { maxBodyLength: 400 } });
    const { alice, bob } = parties;
    parties.startOffline(alice);
    alice.send('in pieces');
    expect(alice.outbox.length).toBeGreaterThan(4);
    parties.settle();
    expect(bob.read()).toEqual(['in pieces']);
  });
});

describe('a prekey', () => {
  it('is asked for with the message as it is, without blanks around it', () => {
    const { bob, auth } = written();
    expect(bob.receive(` \n${auth}\r\n`)).toMatchObject([{ tag: 'prekey-wanted', body: auth }]);
  });

  it('otr:T-082 sec:T-O-NI-1 is used once: the same message again is ignored', () => {
    const { parties, bob, auth } = written();
    deliver(auth, bob, parties.shelfOf(bob));
    const before = bob.state;
    expect(deliver(auth, bob, parties.shelfOf(bob))).toEqual([
      { tag: 'ignored', why: 'duplicate' },
    ]);
    expect(bob.state).toBe(before);
    bob.do({ tag: 'end' });
    expect(deliver(auth, bob, parties.shelfOf(bob))).toEqual([
      { tag: 'ignored', why: 'duplicate' },
    ]);
  });

  it('otr:T-082 sec:T-O-NI-2 of two who were handed the same one only the first has a session', () => {
    const { bob, auth, parties } = written();
    const shelf = parties.shelfOf(bob);
    const other = new OfflineParties({ seed: 'the other' });
    const same = new Shelf('bob').publish();
    expect(shelf.pairs.has(same.prekeyMessage.id)).toBe(true);
    other.alice.do({ tag: 'start-offline', ensemble: same });
    const [late = ''] = other.alice.takeOutbox();
    deliver(auth, bob, shelf);
    const session = bob.state.messages;
    expect(tagsOf(deliver(late, bob, shelf))).toEqual(['prekey-wanted']);
    expect(bob.state.messages).toBe(session);
    expect(bob.takeOutbox()).toEqual([]);
  });

  it('sec:T-O-NI-3 makes no second session, wherever the program is killed', () => {
    const { bob, auth, shelf } = written();
    const [wanted] = bob.receive(auth);
    if (wanted?.tag !== 'prekey-wanted') throw new Error('no prekey was asked for');
    const prekey = shelf.find(wanted.prekeyId);
    if (prekey === undefined) throw new Error('no such prekey');
    // Killed before the transaction: neither the session nor the use of the prekey is known.
    const lost = step(bob.state, { tag: 'receive', body: auth, prekey }, bob.env);
    expect(tagsOf(lost.effects)).toEqual(['prekey-used', 'established']);
    expect([prekey.pair.ecdh.secret.wiped, prekey.pair.dh.secret.wiped]).toEqual([false, false]);
    expect(bob.state.messages.tag).toBe('plaintext');
    // It comes again, and is committed; killed before anything was wiped, after it, or not at all.
    expect(tagsOf(deliver(auth, bob, shelf))).toEqual([
      'prekey-wanted',
      'prekey-used',
      'established',
    ]);
    const kept = bob.state;
    expect(deliver(auth, bob, shelf)).toEqual([{ tag: 'ignored', why: 'duplicate' }]);
    expect(bob.state).toBe(kept);
    // Even a process that forgot the session, and the replay with it, finds no prekey.
    const { bob: restarted } = new OfflineParties({ seed: 'restarted' });
    expect(tagsOf(deliver(auth, restarted, shelf))).toEqual(['prekey-wanted']);
    expect(restarted.state.messages.tag).toBe('plaintext');
  });

  it('is reported as used with the session, and its secrets are retired then, not before', () => {
    const { bob, auth, shelf } = written();
    const [wanted] = bob.receive(auth);
    if (wanted?.tag !== 'prekey-wanted') throw new Error('no prekey was asked for');
    const prekey = shelf.find(wanted.prekeyId);
    if (prekey === undefined) throw new Error('no such prekey');
    const { pair } = prekey;
    const effects = bob.do({ tag: 'receive', body: wanted.body, prekey });
    expect(tagsOf(effects)).toEqual(['prekey-used', 'established']);
    expect(effects[0]).toEqual({ tag: 'prekey-used', prekeyId: pair.id });
    const retired = effects.flatMap((effect) => (effect.tag === 'retire' ? effect.secrets : []));
    expect(retired).toContain(pair.ecdh.secret);
    expect(retired).toContain(pair.dh.secret);
    expect([pair.ecdh.secret.wiped, pair.dh.secret.wiped]).toEqual([true, true]);
    expect(shelf.published.map(({ sharedPrekey }) => sharedPrekey.seed.wiped)).toEqual([false]);
  });
});

describe('a Non-Interactive-Auth message that proves nothing', () => {
  const forgeries: Readonly<Record<string, (body: string) => string>> = {
    'otr:T-084 with another Auth MAC': (body) =>
      altered(body, ({ authMac }) => ({ authMac: flipped(authMac) })),
    'otr:T-084 with another sigma': (body) =>
      altered(body, ({ sigma }) => ({ sigma: flipped(sigma) })),
    'with another first key': (body) =>
      altered(body, () => ({ firstEcdhPublic: identityOf('alice').profile.publicKey })),
    'with X that is no point': (body) => altered(body, () => ({ ecdhPublic: new Uint8Array(57) })),
    'with A outside the group': (body) => altered(body, () => ({ dhPublic: 1n })),
    'with the profile of another client': (body) =>
      altered(body, () => ({ profile: identityOf('carol').profile })),
  };

  it.each(Object.entries(forgeries))('%s is ignored, and uses up nothing', (_, forge) => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    const writing = new OfflineParties({ seed: 'forged' });
    const ensemble = parties.shelfOf(bob).publish();
    writing.alice.do({ tag: 'start-offline', ensemble });
    const [auth = ''] = writing.alice.takeOutbox();
    const shelf = parties.shelfOf(bob);
    const [wanted] = bob.receive(forge(auth));
    if (wanted?.tag !== 'prekey-wanted') throw new Error('no prekey was asked for');
    const before = bob.state;
    const prekey = shelf.find(wanted.prekeyId);
    if (prekey === undefined) throw new Error('no such prekey');
    const effects = bob.do({ tag: 'receive', body: wanted.body, prekey });
    expect(effects).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    expect(bob.state).toBe(before);
    expect([prekey.pair.ecdh.secret.wiped, prekey.pair.dh.secret.wiped]).toEqual([false, false]);
    expect(alice.state.messages.tag).toBe('encrypted');
    expectAlive(parties);
    deliver(auth, bob, shelf);
    expect(bob.heard('established').at(-1)).toMatchObject({ replaced: true });
  });

  it('but for our long-term key in the place of its forging key is ignored all the same', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    const { longTermKey, profile } = identityOf('alice');
    const forgingKey = identityOf('bob').longTermKey.public;
    const owner = { ownerTag: profile.ownerTag, longTermKey, forgingKey };
    const own = { longTermKey, profile: signClientProfile(owner, profile.expiresAt) };
    alice.state = reconfigure(alice.state, { own });
    parties.startOffline(alice);
    const [auth = ''] = alice.takeOutbox();
    expect(tagsOf(deliver(auth, bob, parties.shelfOf(bob)))).toEqual(['prekey-wanted', 'ignored']);
  });

  it('otr:T-083 of an unknown prekey changes nothing but the count of such messages', () => {
    const { parties, bob, auth } = written();
    parties.shelfOf(bob).pairs.clear();
    expect(tagsOf(deliver(auth, bob, parties.shelfOf(bob)))).toEqual(['prekey-wanted']);
    expect(describeSession(bob.state)).toEqual({ tag: 'plaintext' });
    expect(bob.takeOutbox()).toEqual([]);
  });

  it('otr:T-083 without profiles of ours, or with the prekey of another id, is ignored', () => {
    const { bob, auth, shelf } = written();
    const { prekeyId } = decodeNonInteractiveAuth(parseArmor(auth));
    const prekey = shelf.find(prekeyId);
    if (prekey === undefined) throw new Error('no such prekey');
    const wrong = [
      { ...prekey, published: [] },
      { ...prekey, pair: { ...prekey.pair, id: prekeyId + 1 } },
    ];
    for (const given of wrong) {
      const before = bob.state;
      const effects = bob.do({ tag: 'receive', body: auth, prekey: given });
      expect(effects).toEqual([{ tag: 'ignored', why: 'invalid' }]);
      expect(bob.state).toBe(before);
    }
  });

  it('otr:T-083 for another client, or of our own, is ignored before anything is asked for', () => {
    const { bob, auth } = written();
    const { profile } = identityOf('carol');
    const ours = identityOf('bob').profile;
    const elsewhere = altered(auth, () => ({ receiverTag: profile.ownerTag }));
    const reflected = altered(auth, () => ({ senderTag: ours.ownerTag }));
    const before = bob.state;
    expect(bob.receive(elsewhere)).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    expect(bob.receive(reflected)).toEqual([{ tag: 'ignored', why: 'reflected' }]);
    expect(bob.state).toBe(before);
  });

  it('otr:T-085 is ignored a day after our profiles expired, and accepted until then', () => {
    const late = (beyondMs: number) => {
      const { parties, bob, auth, shelf } = written();
      const expiresAt = parties.clock.nowMs - LIMITS.ownProfileGraceMs - beyondMs;
      shelf.published = shelf.published.map((one) => ({
        ...one,
        prekeyProfile: { ...one.prekeyProfile, expiresAt },
      }));
      return tagsOf(deliver(auth, bob, shelf));
    };
    expect(late(-1)).toEqual(['prekey-wanted', 'prekey-used', 'established']);
    expect(late(0)).toEqual(['prekey-wanted', 'ignored']);
  });

  it('is not answered more often than Identity messages are', () => {
    const parties = new OfflineParties();
    const { bob, clock } = parties;
    const shelf = parties.shelfOf(bob);
    const bodies = Array.from({ length: 5 }, (_, n) => {
      const writer = new OfflineParties({ seed: `stranger ${n}` });
      writer.alice.do({ tag: 'start-offline', ensemble: shelf.publish() });
      return writer.alice.takeOutbox()[0] ?? '';
    });
    const outcomes = bodies.map((body) => bob.receive(body)[0]?.tag);
    expect(outcomes).toEqual([
      'prekey-wanted',
      'prekey-wanted',
      'prekey-wanted',
      'ignored',
      'ignored',
    ]);
    clock.pass(LIMITS.identityIntervalMs);
    expect(bob.receive(bodies[3] ?? '')[0]?.tag).toBe('prekey-wanted');
  });

  it('otr:T-088 is ignored once the peer has ended', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    alice.do({ tag: 'end' });
    parties.settle();
    parties.startOffline(alice);
    const [auth = ''] = alice.takeOutbox();
    const before = bob.state;
    expect(bob.receive(auth)).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    expect(bob.state).toBe(before);
  });

  it('mode:I-06 otr:T-088 is not even read where both must be online', () => {
    const { auth } = written();
    const { bob } = new OfflineParties({ policy: { mode: 'interactive-only' } });
    const before = bob.state;
    for (const body of [auth, altered(auth, () => ({ dhPublic: 1n }))]) {
      expect(bob.receive(body)).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
      expect(bob.state).toBe(before);
    }
  });
});

describe('starting while the peer is away', () => {
  function refusal(party: Party, ensemble = new Shelf('bob').publish()) {
    const before = party.state;
    const effects = party.do({ tag: 'start-offline', ensemble });
    expect(party.state).toBe(before);
    expect(party.outbox).toEqual([]);
    return effects;
  }

  it('mode:I-02 mode:I-03 mode:I-05 is refused where both must be online, and holds nothing', () => {
    const { alice } = new OfflineParties({ policy: { mode: 'interactive-only' } });
    const undrawn = () => {
      throw new Error('randomness was drawn');
    };
    const party = Object.assign(alice, { env: { ...alice.env, random: undrawn } });
    expect(refusal(party)).toEqual([{ tag: 'offline-refused', why: 'not-allowed' }]);
    expect(party.state.held).toEqual([]);
  });

  it('is refused once a profile of the ensemble has expired', () => {
    const ensemble = new Shelf('bob').publish();
    const { alice, clock } = new OfflineParties();
    clock.pass(identityOf('bob').profile.expiresAt - clock.nowMs);
    expect(refusal(alice, ensemble)).toEqual([{ tag: 'offline-refused', why: 'expired' }]);
  });

  it('is refused for another client than the session is with', () => {
    const { alice } = OfflineParties.begunByAlice();
    alice.takeOutbox();
    const foreign = new Shelf('carol').publish();
    expect(refusal(alice, foreign)).toEqual([{ tag: 'offline-refused', why: 'foreign-tag' }]);
    const { alice: waiting } = new OfflineParties();
    waiting.state = { ...waiting.state, announcedTag: identityOf('bob').profile.ownerTag };
    expect(refusal(waiting, foreign)).toEqual([{ tag: 'offline-refused', why: 'foreign-tag' }]);
  });

  it('is refused for ourselves, and for our own key in the place of a key of the peer', () => {
    const { alice } = new OfflineParties();
    const ours = identityOf('alice').longTermKey.public;
    const good = new Shelf('bob').publish();
    const bad = [
      new Shelf('alice').publish(),
      { ...good, ownerTag: identityOf('alice').profile.ownerTag },
      { ...good, clientProfile: { ...good.clientProfile, publicKey: ours } },
      { ...good, clientProfile: { ...good.clientProfile, forgingKey: ours } },
      { ...good, prekeyMessage: { ...good.prekeyMessage, ecdhPublic: ours } },
    ];
    for (const ensemble of bad) {
      expect(refusal(alice, ensemble)).toEqual([{ tag: 'offline-refused', why: 'own-key' }]);
    }
  });

  it('is possible after the peer has ended', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    bob.do({ tag: 'end' });
    parties.settle();
    expect(alice.state.messages.tag).toBe('finished');
    parties.startOffline(alice);
    parties.settle();
    expectAlive(parties);
  });
});

describe('the user is asked', () => {
  it('when the policy says so, about a message that is genuine, and nothing is used before', () => {
    const { bob, auth, shelf, parties, alice } = written({ bobPolicy: { invitations: 'ask' } });
    alice.send('first words');
    const [data = ''] = alice.takeOutbox();
    const asked = deliver(auth, bob, shelf);
    expect(tagsOf(asked)).toEqual(['prekey-wanted', 'invitation']);
    expect(bob.heard('invitation')).toEqual([
      {
        tag: 'invitation',
        body: auth,
        theirTag: identityOf('alice').profile.ownerTag,
        claimedFingerprint: identityOf('alice').profile.fingerprint,
      },
    ]);
    expect(shelf.pairs.size).toBe(1);
    expect([...secretsIn(bob.state)]).toEqual([]);
    expect(bob.receive(data)).toEqual([{ tag: 'ignored', why: 'early' }]);
    const agreed = deliver(auth, bob, shelf, true);
    expect(tagsOf(agreed)).toEqual(['prekey-wanted', 'prekey-used', 'established', 'message']);
    expect(bob.read()).toEqual(['first words']);
    expectAlive(parties);
  });

  it('and what was derived in order to ask is gone', () => {
    const { bob, auth, shelf } = written({ bobPolicy: { invitations: 'ask' } });
    const own = vi.spyOn(Secret, 'own');
    try {
      expect(tagsOf(deliver(auth, bob, shelf))).toEqual(['prekey-wanted', 'invitation']);
      const made = own.mock.results.map(({ value }) => value as Secret);
      expect(made.length).toBeGreaterThan(10);
      expect(made.filter((secret) => !secret.wiped)).toEqual([]);
    } finally {
      own.mockRestore();
    }
  });

  it('but not who is starting already', () => {
    const { bob, auth, shelf } = written({ bobPolicy: { invitations: 'ask' } });
    bob.do({ tag: 'start' });
    const effects = deliver(auth, bob, shelf);
    expect(tagsOf(effects)).toEqual(['prekey-wanted', 'prekey-used', 'established']);
  });

  it('but not about a forgery', () => {
    const { bob, auth, shelf } = written({ bobPolicy: { invitations: 'ask' } });
    const forged = altered(auth, ({ authMac }) => ({ authMac: flipped(authMac) }));
    expect(tagsOf(deliver(forged, bob, shelf))).toEqual(['prekey-wanted', 'ignored']);
  });

  it('always when somebody with another key would replace a live session', () => {
    const parties = OfflineParties.begunByAlice();
    const { bob } = parties;
    const shelf = parties.shelfOf(bob);
    const session = bob.state.messages;
    const stranger = new OfflineParties({ seed: 'stranger' }).alice;
    const carol = identityOf('carol');
    stranger.state = {
      ...stranger.state,
      context: { ...stranger.state.context, own: carol },
    };
    stranger.do({ tag: 'start-offline', ensemble: shelf.publish() });
    const [auth = ''] = stranger.takeOutbox();
    expect(tagsOf(deliver(auth, bob, shelf))).toEqual(['prekey-wanted', 'invitation']);
    expect(bob.state.messages).toBe(session);
    expectAlive(parties);
    deliver(auth, bob, shelf, true);
    expect(bob.heard('established').at(-1)).toMatchObject({ replaced: true, keyChanged: true });
  });
});

describe('a data message that overtakes the message it belongs to', () => {
  it('otr:T-081 is reported as unreadable, kept, and read once the session stands', () => {
    const { bob, auth, shelf, alice } = written();
    alice.send('early');
    const [data = ''] = alice.takeOutbox();
    expect(tagsOf(bob.receive(data))).toEqual(['transmit', 'unreadable']);
    expect(tagsOf(deliver(auth, bob, shelf))).toEqual([
      'prekey-wanted',
      'prekey-used',
      'established',
      'message',
    ]);
    expect(bob.read()).toEqual(['early']);
    expect(bob.state.early).toEqual([]);
  });

  it('is given up after ten minutes', () => {
    const { parties, bob, auth, shelf, alice } = written();
    alice.send('early');
    for (const body of alice.takeOutbox()) bob.receive(body);
    expect(nextDueAt(bob.state)).toBe(parties.clock.monotonicMs + LIMITS.earlyLifetimeMs);
    parties.clock.pass(LIMITS.earlyLifetimeMs - 1);
    bob.do({ tag: 'tick' });
    expect(bob.state.early).toHaveLength(1);
    parties.clock.pass(1);
    bob.do({ tag: 'tick' });
    expect(bob.state.early).toEqual([]);
    deliver(auth, bob, shelf);
    expect(bob.read()).toEqual([]);
  });

  it('is not kept where both must be online, nor from a later ratchet', () => {
    const { alice } = written();
    alice.send('early');
    const [data = ''] = alice.takeOutbox();
    const { bob } = new OfflineParties({ policy: { mode: 'interactive-only' } });
    bob.receive(data);
    expect(bob.state.early).toEqual([]);
    const parties = OfflineParties.begunByAlice();
    parties.bob.send('first ratchet');
    const fresh = new OfflineParties().alice;
    for (const body of parties.bob.takeOutbox()) fresh.receive(body);
    expect(fresh.state.early).toEqual([]);
  });

  it('is kept beside a live session only while its prekey or the user is waited for', () => {
    const parties = OfflineParties.begunByAlice();
    const { bob, clock } = parties;
    const shelf = parties.shelfOf(bob);
    const again = new OfflineParties({ seed: 'again' });
    again.alice.do({ tag: 'start-offline', ensemble: shelf.publish() });
    again.alice.send('early');
    const [auth = '', data = ''] = again.alice.takeOutbox();
    bob.receive(data);
    expect(bob.state.early).toEqual([]);
    bob.receive(auth);
    clock.pass(LIMITS.earlyLifetimeMs);
    bob.receive(data);
    expect(bob.state.early).toEqual([]);
    bob.receive(auth);
    expect(bob.receive(data)).toEqual([{ tag: 'ignored', why: 'early' }]);
    deliver(auth, bob, shelf);
    expect(bob.read().at(-1)).toBe('early');
  });
});

describe('the life of a session that began offline', () => {
  it('is longer than that of another one, and a policy of its own', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob, clock } = parties;
    clock.pass(LIMITS.sessionIdleMs);
    alice.do({ tag: 'tick' });
    expect(alice.state.messages.tag).toBe('encrypted');
    clock.pass(LIMITS.sessionIdleMaxMs - LIMITS.sessionIdleMs - 1);
    alice.do({ tag: 'tick' });
    expect(alice.state.messages.tag).toBe('encrypted');
    clock.pass(1);
    for (const party of [alice, bob]) party.do({ tag: 'tick' });
    expect(alice.state.messages).toEqual({ tag: 'finished', by: 'expired' });
    expect(typesOf(alice.outbox)).toEqual([DATA]);
  });

  it('begins with the message that began the session, and is renewed by each own key', () => {
    const parties = new OfflineParties({ policy: { expireOfflineAfterMs: HOUR_MS } });
    const { alice, bob, clock } = parties;
    parties.startOffline(alice);
    clock.pass(HOUR_MS - 1);
    alice.send('does not renew: no new key');
    parties.settle();
    clock.pass(1);
    alice.do({ tag: 'tick' });
    expect(alice.state.messages).toEqual({ tag: 'finished', by: 'expired' });
    bob.send('renews');
    clock.pass(HOUR_MS - 1);
    bob.do({ tag: 'tick' });
    expect(bob.state.messages.tag).toBe('encrypted');
  });

  it('ends when either starts online and the key exchange is complete, never before', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    alice.send('meanwhile');
    const [identity = ''] = bob.takeOutbox();
    for (const body of alice.takeOutbox()) bob.receive(body);
    expect(bob.read().at(-1)).toBe('meanwhile');
    deliver(identity, alice, parties.shelfOf(alice));
    parties.settle();
    expect(bob.heard('established').at(-1)).toMatchObject({ role: 'initiator', replaced: true });
    expect(alice.heard('established').at(-1)).toMatchObject({ role: 'responder', replaced: true });
    expectAlive(parties);
  });

  it('ends with Disconnected and goes on online with an Identity message, as others do it', () => {
    const parties = OfflineParties.begunByAlice();
    const { alice, bob } = parties;
    bob.do({ tag: 'end' });
    bob.do({ tag: 'start' });
    parties.settle();
    expect(alice.heard('ended')).toMatchObject([{ by: 'peer' }]);
    expect(describeSession(alice.state)).toMatchObject({ tag: 'encrypted', role: 'responder' });
    expectAlive(parties);
  });

  it('retires every secret it had when it ends', () => {
    const { alice, bob } = OfflineParties.begunByAlice();
    for (const party of [alice, bob]) {
      const held = [...secretsIn(party.state)];
      expect(held.length).toBeGreaterThan(3);
      party.do({ tag: 'end' });
      expect(held.filter((secret) => !secret.wiped)).toEqual([]);
    }
  });
});
