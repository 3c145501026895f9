// SPDX-License-Identifier: GPL-3.0-or-later
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { encodeData, encodeUtf8, formatHex } from '#otr/bytes.ts';
import { Writer } from '#otr/codec/writer.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import type { SessionParams } from '#otr/session/params.ts';
import { openSnapshot, sealSnapshot } from '#otr/session/snapshot.ts';
import type { SessionState } from '#otr/session/state.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { OfflineParties } from '../../support/offline-parties.ts';
import { reveal } from '../../support/reveal.ts';
import { Clock, clockedEnv, identityOf, secretsIn, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const HOUR_MS = 3_600_000;
const HEADER_LENGTH = 10;
const NONCE_LENGTH = 24;

const keyOf = (fill: number) => Secret.own(new Uint8Array(32).fill(fill), 32);
const key = keyOf(7);

function paramsOf(party: Party): SessionParams {
  const { ourJid, theirJid, own } = party.state.context;
  return { own, ourJid, theirJid, policy: { invitations: 'accept' } };
}

function sealed(party: Party): Uint8Array {
  const bytes = sealSnapshot(party.state, key, party.env);
  if (bytes === undefined) throw new Error('no snapshot was made');
  return bytes;
}

/** Another process of the same program, whose monotonic clock has just begun. */
function restarted(party: Party, clock: Clock) {
  const bytes = sealed(party);
  const later = new Clock();
  later.nowMs = clock.nowMs;
  later.monotonicMs = 5;
  const env = clockedEnv(`restarted/${party.name}`, later);
  const opened = openSnapshot(bytes, key, paramsOf(party), env);
  if (!opened.ok) throw new Error(opened.why);
  return { bytes, env, clock: later, state: opened.state };
}

/** Alice wrote while Bob was away; two messages of hers are under way and out of order. */
function conversation() {
  const parties = OfflineParties.begunByAlice();
  const { alice, bob } = parties;
  for (const text of ['late', 'lost', 'in time']) alice.send(text);
  const [late = '', , inTime = ''] = alice.takeOutbox();
  bob.receive(inTime);
  return { parties, alice, bob, late };
}

function liveRatchet({ messages }: SessionState) {
  if (messages.tag !== 'encrypted') throw new Error('no session');
  return messages.ratchet;
}

/** What a ratchet holds, but for the clock that starts anew. */
function contentOf(state: SessionState): unknown {
  const ratchet = liveRatchet(state);
  return revealed({
    ...ratchet,
    skipped: ratchet.skipped.map((entry) => ({ ...entry, storedAt: 0 })),
  });
}

/** A value with the bytes of every secret in it. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return reveal(value);
  if (value instanceof Uint8Array) return formatHex(value);
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revealed(part)]));
}

describe('a session that began offline', () => {
  it('goes on after a restart, in both directions, with messages out of order', () => {
    const { parties, alice, bob, late } = conversation();
    const after = restarted(bob, parties.clock);
    expect(contentOf(after.state)).toEqual(contentOf(bob.state));
    bob.state = after.state;
    bob.receive(late);
    expect(bob.read().slice(-2)).toEqual(['in time', 'late']);
    for (let turn = 0; turn < 4; turn += 1) {
      bob.send(`from bob ${turn}`);
      parties.settle();
      alice.send(`from alice ${turn}`);
      parties.settle();
      alice.state = restarted(alice, parties.clock).state;
    }
    expect(alice.read().slice(-4)).toEqual([0, 1, 2, 3].map((turn) => `from bob ${turn}`));
    expect(bob.read().slice(-4)).toEqual([0, 1, 2, 3].map((turn) => `from alice ${turn}`));
  });

  it('otr:T-208 still knows of the peer that it speaks version 4', () => {
    const { parties, bob } = conversation();
    expect(bob.state.hasSpokenVersion4).toBe(true);
    expect(restarted(bob, parties.clock).state.hasSpokenVersion4).toBe(true);
  });

  it('is the same for its user: peer, fingerprints, session id, role and date', () => {
    const { parties, alice, bob } = conversation();
    for (const party of [alice, bob]) {
      const { state } = restarted(party, parties.clock);
      expect(describeSession(state)).toEqual(describeSession(party.state));
      expect(state.messages).toMatchObject({
        theirTag: identityOf(party === alice ? 'bob' : 'alice').profile.ownerTag,
        ourFingerprint: identityOf(party.name).profile.fingerprint,
      });
    }
  });

  it('is kept right after it began, before anything was said', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    parties.startOffline(alice);
    alice.state = restarted(alice, parties.clock).state;
    alice.send('said after the restart');
    parties.settle();
    expect(bob.read()).toEqual(['said after the restart']);
  });

  it('remembers what it read and which messages began sessions: no replay is taken for new', () => {
    const parties = new OfflineParties();
    const { alice, bob } = parties;
    parties.startOffline(alice);
    alice.send('once');
    const bodies = [...alice.outbox];
    parties.settle();
    bob.state = restarted(bob, parties.clock).state;
    for (const body of bodies) {
      expect(bob.receive(body)).toEqual([{ tag: 'ignored', why: 'duplicate' }]);
    }
  });

  it('reveals the MAC keys that were waiting', () => {
    const { parties, bob } = conversation();
    const waiting = liveRatchet(bob.state).macKeysToReveal.map(reveal);
    expect(waiting.length).toBeGreaterThan(0);
    const { state } = restarted(bob, parties.clock);
    expect(liveRatchet(state).macKeysToReveal.map(reveal)).toEqual(waiting);
  });

  it('ages while the program is closed, by the wall clock, and not when that is set back', () => {
    const { parties, bob } = conversation();
    const bytes = sealed(bob);
    const opened = (passedMs: number) => {
      const clock = new Clock();
      clock.nowMs = parties.clock.nowMs + passedMs;
      clock.monotonicMs = 0;
      const env = clockedEnv('later', clock);
      const result = openSnapshot(bytes, key, paramsOf(bob), env);
      if (!result.ok) throw new Error(result.why);
      return result.state;
    };
    expect(nextDueAt(opened(HOUR_MS))).toBe(LIMITS.skippedKeyLifetimeMs - HOUR_MS);
    expect(nextDueAt(opened(-HOUR_MS))).toBe(LIMITS.skippedKeyLifetimeMs);
    const { messages } = opened(LIMITS.sessionIdleMaxMs);
    if (messages.tag !== 'encrypted') throw new Error('no session');
    expect(messages.renewedAt).toBe(-LIMITS.sessionIdleMaxMs);
  });

  it('keeps no text, no comparison, no key exchange and no keys made ahead', () => {
    const { parties, bob } = conversation();
    bob.do({ tag: 'prepare' });
    expect(liveRatchet(bob.state).ahead).toBeDefined();
    bob.do({ tag: 'smp-start', secret: 'compared' });
    bob.do({ tag: 'start' });
    bob.send('held');
    const { state } = restarted(bob, parties.clock);
    expect(liveRatchet(state).ahead).toBeUndefined();
    expect(state.held).toEqual([]);
    expect(state.dake).toEqual({ tag: 'start' });
    expect(state.messages).toMatchObject({ smp: { tag: 'expect1' } });
  });
});

describe('no snapshot exists', () => {
  it('of an interactive session, whatever it replaced', () => {
    const { alice, bob } = TwoParties.established();
    for (const party of [alice, bob]) {
      expect(sealSnapshot(party.state, key, party.env)).toBeUndefined();
    }
    const parties = OfflineParties.begunByAlice();
    parties.bob.do({ tag: 'start' });
    parties.settle();
    expect(sealSnapshot(parties.alice.state, key, parties.alice.env)).toBeUndefined();
  });

  it('of no session, nor of one that is over', () => {
    const fresh = new OfflineParties().alice;
    expect(sealSnapshot(fresh.state, key, fresh.env)).toBeUndefined();
    const parties = OfflineParties.begunByAlice();
    parties.alice.do({ tag: 'end' });
    parties.settle();
    for (const party of [parties.alice, parties.bob]) {
      expect(sealSnapshot(party.state, key, party.env)).toBeUndefined();
    }
  });
});

describe('a snapshot', () => {
  const { parties, bob } = conversation();
  const bytes = sealed(bob);
  const { env } = bob;
  const params = paramsOf(bob);
  const whyNot = (given: Uint8Array, by = key, like = params) => {
    const opened = openSnapshot(given, by, like, env);
    return opened.ok ? 'opened' : opened.why;
  };

  it('opens with its key, for its account, correspondent and client', () => {
    expect(whyNot(bytes)).toBe('opened');
  });

  it('differs each time it is made', () => {
    expect(sealed(bob)).not.toEqual(bytes);
  });

  it('is refused with another key, and for other addresses or another client', () => {
    expect(whyNot(bytes, keyOf(8))).toBe('foreign');
    const swapped = { ...params, ourJid: params.theirJid, theirJid: params.ourJid };
    const others: readonly SessionParams[] = [
      { ...params, ourJid: 'eve@xmpp.example' },
      { ...params, theirJid: 'eve@xmpp.example' },
      { ...params, own: identityOf('carol') },
      { ...params, theirTag: identityOf('carol').profile.ownerTag },
      swapped,
    ];
    for (const other of others) expect(whyNot(bytes, key, other)).toBe('foreign');
    const announced = { ...params, theirTag: identityOf('alice').profile.ownerTag };
    expect(whyNot(bytes, key, announced)).toBe('opened');
  });

  it('of another version is refused as such', () => {
    for (const version of [0, 2, 0xffff]) {
      const other = bytes.slice();
      new DataView(other.buffer).setUint16(4, version);
      expect(whyNot(other)).toBe('unknown-version');
    }
  });

  it('is refused wherever it is cut off, and with anything behind it', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(whyNot(bytes.subarray(0, length))).toBe('truncated');
    }
    expect(whyNot(Uint8Array.from([...bytes, 0]))).toBe('foreign');
  });

  it('is refused for what its header says, even when nothing else is there', () => {
    const header = (magic: number, version: number, length: number) =>
      new Writer().int(magic).short(version).int(length).finish();
    expect(whyNot(header(0x4f545233, 1, 40))).toBe('foreign');
    expect(whyNot(header(0x4f545234, 2, 40))).toBe('unknown-version');
    expect(whyNot(header(0x4f545234, 1, 40))).toBe('truncated');
    for (const length of [0, 23, 24, 39]) {
      const empty = [...header(0x4f545234, 1, length), ...new Uint8Array(length)];
      expect(whyNot(Uint8Array.from(empty.slice(0, 10)))).toBe('foreign');
      expect(whyNot(Uint8Array.from(empty))).toBe('foreign');
    }
  });

  it('is refused with any bit of it flipped', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = bytes.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect(whyNot(altered), `byte ${at}`).not.toBe('opened');
    }
  });

  it('mode:I-12 is not opened where both must be online', () => {
    const strict = { ...params, policy: { mode: 'interactive-only' as const } };
    expect(whyNot(bytes, key, strict)).toBe('not-allowed');
  });

  it('holds no secret, and no fingerprint, in clear', () => {
    const hex = formatHex(bytes);
    const secrets = [...secretsIn(bob.state)];
    expect(secrets.length).toBeGreaterThan(8);
    for (const secret of secrets) expect(hex).not.toContain(reveal(secret));
    expect(hex).not.toContain(formatHex(identityOf('alice').profile.fingerprint));
  });

  it('leaves no plaintext in memory, neither when it is made nor when it is opened', () => {
    const length = bytes.length - HEADER_LENGTH - NONCE_LENGTH - 16;
    const wiped: number[] = [];
    const fill = vi.spyOn(Uint8Array.prototype, 'fill');
    try {
      sealed(bob);
      whyNot(bytes);
      for (const [call, [value]] of fill.mock.calls.entries()) {
        const filled = fill.mock.contexts[call];
        if (value === 0 && filled instanceof Uint8Array) wiped.push(filled.length);
      }
    } finally {
      fill.mockRestore();
    }
    expect(wiped.filter((one) => one === length)).toHaveLength(2);
  });

  it('does not touch the session it was made of, nor its key', () => {
    expect([...secretsIn(bob.state)].filter((secret) => secret.wiped)).toEqual([]);
    expect(key.wiped).toBe(false);
    const opened = openSnapshot(bytes, key, params, env);
    if (!opened.ok) throw new Error(opened.why);
    for (const secret of secretsIn(opened.state)) secret.wipe();
    expect([...secretsIn(bob.state)].filter((secret) => secret.wiped)).toEqual([]);
  });

  describe('that somebody with the key made of something else', () => {
    const header = bytes.slice(0, HEADER_LENGTH);
    const nonce = bytes.slice(HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH);
    const cipherFor = (head: Uint8Array) => {
      const associated = new Writer()
        .bytes(head)
        .bytes(encodeData(encodeUtf8(params.ourJid)))
        .bytes(encodeData(encodeUtf8(params.theirJid)))
        .int(params.own.profile.ownerTag)
        .finish();
      return xchacha20poly1305(new Uint8Array(32).fill(7), nonce, associated);
    };
    const content = cipherFor(header).decrypt(bytes.subarray(HEADER_LENGTH + NONCE_LENGTH));
    const resealed = (changed: Uint8Array, missing = 0) => {
      const head = header.slice();
      new DataView(head.buffer).setUint32(6, NONCE_LENGTH + changed.length + 16 - missing);
      const sealedAgain = cipherFor(head).encrypt(changed);
      return Uint8Array.from([...head, ...nonce, ...sealedAgain]);
    };

    it('is malformed, wherever it ends', () => {
      expect(whyNot(resealed(content))).toBe('opened');
      for (let length = 0; length < content.length; length += 7) {
        expect(whyNot(resealed(content.subarray(0, length)))).toBe('malformed');
      }
      expect(whyNot(resealed(Uint8Array.from([...content, 0])))).toBe('malformed');
    });

    it('is foreign or truncated when it is longer or shorter than it says', () => {
      expect(whyNot(resealed(content, 1))).toBe('foreign');
      expect(whyNot(resealed(content, -1))).toBe('truncated');
    });

    it('never throws, and leaves no secret behind when it is refused', () => {
      const made: Secret[] = [];
      const own = vi.spyOn(Secret, 'own');
      const at = fc.integer({ min: 0, max: content.length - 1 });
      const edits = fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 3 });
      try {
        fc.assert(
          fc.property(edits, (places) => {
            const changed = content.slice();
            for (const [place, value] of places) changed[place] = value;
            own.mockClear();
            const outcome = whyNot(resealed(changed));
            made.splice(0, made.length, ...own.mock.results.map(({ value }) => value as Secret));
            expect(['opened', 'malformed', 'foreign']).toContain(outcome);
            if (outcome === 'malformed') {
              expect(made.filter((secret) => !secret.wiped)).toEqual([]);
            }
          }),
          { numRuns: 60 },
        );
      } finally {
        own.mockRestore();
      }
    });
  });

  it('is of a conversation whose other end never noticed', () => {
    bob.state = restarted(bob, parties.clock).state;
    bob.send('the end');
    parties.settle();
    expect(parties.alice.read().at(-1)).toBe('the end');
  });
});
