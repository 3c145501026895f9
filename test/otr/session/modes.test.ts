// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { concat, parseHex } from '#otr/bytes.ts';
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { encodeProfileFields } from '#otr/codec/client-profile.ts';
import { encodeMpi, Writer } from '#otr/codec/writer.ts';
import { sign } from '#otr/crypto/ed448.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { permitsClear, permitsOffline } from '#otr/mode.ts';
import type { Mode } from '#otr/mode.ts';
import type { OwnIdentity } from '#otr/session/params.ts';
import { completePolicy, DEFAULT_POLICY } from '#otr/session/policy.ts';
import { createSession, reconfigure, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { version3, version4, whitespaceTag } from '../../support/bodies-in-clear.ts';
import { allSituations } from '../../support/session-states.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';
import dsa from '../../vectors/dsa/transitional.json';

const situations = Object.entries(allSituations());
const ALWAYS_ENCRYPTED = ['standalone', 'interactive-only'] as const;
const NON_INTERACTIVE_AUTH = 0x0d;
const PREKEY_MESSAGE = 0x0f;

type AlwaysEncrypted = (typeof ALWAYS_ENCRYPTED)[number];

/** The same state, of an account in another mode that would answer whatever it may answer. */
function inMode(state: SessionState, mode: AlwaysEncrypted): SessionState {
  const willing = { answerOffers: true, offerOnError: true, tagPlainText: true } as const;
  return {
    ...state,
    policy: { ...completePolicy({ ...willing, mode }), invitations: 'accept' },
    throttle: { ...state.throttle, lastQueryAt: Number.NEGATIVE_INFINITY },
  };
}

describe('the modes', () => {
  it('mode:I-01 xep:X-03 are compatible unless the account chose otherwise', () => {
    expect(DEFAULT_POLICY.mode).toBe('compatible');
    expect(completePolicy().mode).toBe('compatible');
  });

  it.each([
    ['compatible', { clear: true, offline: true }],
    ['standalone', { clear: false, offline: true }],
    ['interactive-only', { clear: false, offline: false }],
  ] as const)('%s permits %j', (mode, permitted) => {
    expect({ clear: permitsClear(mode), offline: permitsOffline(mode) }).toEqual(permitted);
  });

  it('mode:I-01 stay what they were when the session was created', () => {
    const state = createSession({
      own: identityOf('alice'),
      ourJid: 'alice@xmpp.example',
      theirJid: 'bob@xmpp.example',
      policy: { mode: 'interactive-only' },
    });
    const smuggled = { mode: 'compatible', padTo: 64 } as object;
    const { policy, context } = reconfigure(state, { policy: smuggled });
    expect(policy).toMatchObject({ mode: 'interactive-only', padTo: 64 });
    expect(context).toEqual(state.context);
  });

  it('mode:I-01 of the two ends may differ', () => {
    for (const [policy, bobPolicy] of [
      [{ mode: 'compatible' }, { mode: 'interactive-only' }],
      [{ mode: 'standalone' }, { mode: 'compatible' }],
    ] as const) {
      const { alice, bob } = TwoParties.established({ policy, bobPolicy });
      expect([alice, bob].map(({ state }) => describeSession(state).tag)).toEqual([
        'encrypted',
        'encrypted',
      ]);
    }
  });
});

describe.each(ALWAYS_ENCRYPTED)('in the mode %s', (mode) => {
  const offers: Readonly<Record<string, string>> = {
    'a Query message': '?OTRv4?',
    'a Query message of both versions': '?OTRv34? words for people without OTR',
    'a Query message of version 3 (mode:I-10)': '?OTRv3?',
    'a whitespace tag': whitespaceTag('4'),
    'a D-H Commit of version 3 (mode:I-10)': version3('D-H Commit', 0),
    'a data message of version 3': version3('data'),
    'a fragment of version 3': '?OTR|5a73a599|27e31597,00001,00002,?OTR:AAMD,',
  };

  describe.each(situations)('and the state "%s"', (_, { state, env }) => {
    const ready = inMode(state, mode);

    it.each(Object.entries(offers))('otr:T-206 %s is not acted upon', (__, body) => {
      const { next, effects } = step(ready, { tag: 'receive', body }, env);
      expect(next).toBe(ready);
      expect(effects).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
    });

    it('otr:T-206 text in clear is shown for what it is, with a warning and without its tag', () => {
      for (const body of ['hello', `hel${whitespaceTag('3', '4')}lo`]) {
        const { next, effects } = step(ready, { tag: 'receive', body }, env);
        expect(next).toBe(ready);
        expect(effects).toMatchObject([{ tag: 'plaintext', text: 'hello', warn: true }]);
      }
    });

    it('otr:T-206 mode:I-11 nothing can be offered, asked or said in clear', () => {
      const offered = step(ready, { tag: 'offer' }, env);
      expect(offered.next).toBe(ready);
      expect(offered.effects).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
      const said = step(ready, { tag: 'send-plain', ref: 1, text: 'hello' }, env);
      expect(said.next).toBe(ready);
      expect(said.effects).toMatchObject([{ tag: 'refused', ref: 1 }]);
      const error = '?OTR Error: ERROR_2: Not in private state message';
      const told = step(ready, { tag: 'receive', body: error }, env);
      expect(told.next).toBe(ready);
      expect(told.effects).toEqual([{ tag: 'peer-error', code: 'not-private' }]);
    });
  });

  it('mode:I-09 mode:I-11 text waits for the session it asks for', () => {
    const parties = new TwoParties({ policy: { mode } });
    const { alice, bob } = parties;
    const effects = alice.send('first');
    expect(effects.map(({ tag }) => tag)).toEqual(['held', 'starting', 'transmit']);
    alice.send('second');
    expect(alice.outbox).toHaveLength(1);
    parties.settle();
    expect(bob.read()).toEqual(['first', 'second']);
    expect(bob.heard('plaintext')).toEqual([]);
  });

  it('mode:I-09 text is refused once the peer has ended, and handed back', () => {
    const parties = TwoParties.established({ policy: { mode } });
    parties.bob.do({ tag: 'end' });
    parties.settle();
    parties.alice.send('too late');
    expect(parties.alice.heard('refused')).toEqual([
      { tag: 'refused', ref: 'too late', why: 'finished' },
    ]);
    expect(parties.alice.outbox).toEqual([]);
  });

  it('otr:T-183 mode:I-15 a key exchange that nobody answers is given up after 30 seconds', () => {
    const { alice, clock } = new TwoParties({ policy: { mode } });
    alice.send('text');
    const [identity = ''] = alice.takeOutbox();
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + 30_000);
    clock.pass(LIMITS.alwaysEncryptedAnswerMs - 1);
    expect(alice.do({ tag: 'tick' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    clock.pass(1);
    alice.do({ tag: 'tick' });
    expect(alice.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'timed-out' }]);
    expect(alice.heard('refused')).toEqual([{ tag: 'refused', ref: 'text', why: 'start-failed' }]);
    alice.send('again');
    expect(alice.outbox).toHaveLength(1);
    expect(alice.outbox[0]).not.toBe(identity);
  });

  it('otr:T-183 mode:I-15 nor does an answer of ours wait longer for the end of the exchange', () => {
    const { alice, bob, clock } = new TwoParties({ policy: { mode } });
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect(alice.state.dake.tag).toBe('waiting-auth-i');
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + 30_000);
  });

  it('mode:I-11 sec:T-O-VER-3 whatever happens, nothing leaves that is not OTR', () => {
    const input: fc.Arbitrary<SessionInput> = fc.oneof(
      fc.constantFrom<SessionInput>(
        { tag: 'send', ref: 1, text: 'secret' },
        { tag: 'send-plain', ref: 2, text: 'secret' },
        { tag: 'offer' },
        { tag: 'cancel' },
        { tag: 'end' },
        { tag: 'tick' },
        { tag: 'smp-abort' },
      ),
      fc
        .constantFrom(
          ...Object.values(offers),
          'secret?',
          '?OTR Error: ERROR_1: Unreadable message',
          version4(0x37),
          version4(0x03),
          version4(NON_INTERACTIVE_AUTH),
        )
        .map((body): SessionInput => ({ tag: 'receive', body })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...situations),
        fc.array(input, { maxLength: 8 }),
        (from, list) => {
          const [, { state, env }] = from;
          let now = inMode(state, mode);
          for (const one of list) {
            const { next, effects } = step(now, one, env);
            for (const effect of effects) {
              const bodies = effect.tag === 'transmit' ? effect.bodies : [];
              for (const body of bodies) expect(body).toMatch(/^\?OTR(:| Error:)/);
              if (effect.tag === 'transmit') expect(effect.kind).not.toBe('clear');
            }
            now = next;
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a profile that a key of version 3 signed too', () => {
  /** Bob, who is known by both keys. */
  function withTransitional(signature: Uint8Array): OwnIdentity {
    const { longTermKey, profile } = identityOf('bob');
    const key = [dsa.p, dsa.q, dsa.g, dsa.y].map((hex) => encodeMpi(BigInt(`0x${hex}`)));
    const fields = new Writer()
      .bytes(encodeProfileFields({ ...profile, versions: '34' }))
      .short(6)
      .bytes(concat(new Uint8Array(2), ...key))
      .short(7)
      .bytes(signature)
      .finish();
    const raw = new Writer().int(7).bytes(fields).bytes(sign(longTermKey.seed, fields)).finish();
    return { longTermKey, profile: { ...profile, versions: '34', raw } };
  }

  /** What comes of an Identity message, an invitation and an Auth-R under such a profile. */
  function answersTo(mode: Mode, asks: 'accept' | 'ask') {
    const parties = new TwoParties({ policy: { mode, invitations: asks } });
    const { alice, bob } = parties;
    bob.state = reconfigure(bob.state, {
      own: withTransitional(parseHex(dsa['message.signature'])),
    });
    bob.do({ tag: 'start' });
    return bob
      .takeOutbox()
      .flatMap((body) => alice.receive(body))
      .map(({ tag }) => tag);
  }

  it('otr:T-039 is refused by the compatible mode when that signature is wrong', () => {
    expect(answersTo('compatible', 'accept')).toEqual(['ignored']);
    expect(answersTo('compatible', 'ask')).toEqual(['ignored']);
    const parties = new TwoParties({ policy: { mode: 'compatible' } });
    const { alice, bob } = parties;
    bob.state = reconfigure(bob.state, {
      own: withTransitional(parseHex(dsa['message.signature'])),
    });
    alice.do({ tag: 'start' });
    for (const body of alice.takeOutbox()) bob.receive(body);
    const effects = bob.takeOutbox().flatMap((body) => alice.receive(body));
    expect(effects).toEqual([{ tag: 'ignored', why: 'invalid' }]);
  });

  it.each(ALWAYS_ENCRYPTED)('otr:T-040 is not looked at so closely in the mode %s', (mode) => {
    expect(answersTo(mode, 'accept')).toEqual(['starting', 'transmit']);
    expect(answersTo(mode, 'ask')).toEqual(['invitation']);
  });
});

describe('in the mode interactive-only', () => {
  it.each(situations)(
    'mode:I-03 mode:I-06 otr:T-088 a Non-Interactive-Auth message is not even read in the state "%s"',
    (_, { state, env }) => {
      const ready = inMode(state, 'interactive-only');
      // Had anything behind the head been read, these would be malformed.
      for (const length of [0, 1, 900]) {
        const body = version4(NON_INTERACTIVE_AUTH, new Uint8Array(length));
        const { next, effects } = step(ready, { tag: 'receive', body }, env);
        expect(next).toBe(ready);
        expect(effects).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
      }
    },
  );

  it.each(situations)(
    'mode:I-08 a prekey message is ignored in the state "%s"',
    (_, { state, env }) => {
      const ready = inMode(state, 'interactive-only');
      const { next, effects } = step(
        ready,
        { tag: 'receive', body: version4(PREKEY_MESSAGE) },
        env,
      );
      expect(next).toBe(ready);
      expect(effects.map(({ tag }) => tag)).toEqual(['ignored']);
    },
  );

  it('mode:I-02 mode:I-05 text for a peer who is away leaves as nothing but an Identity message', () => {
    const { alice, clock } = new TwoParties({ policy: { mode: 'interactive-only' } });
    alice.send('are you there?');
    expect(alice.outbox.map((body) => parseArmor(body)[2])).toEqual([0x35]);
    clock.pass(LIMITS.alwaysEncryptedAnswerMs);
    alice.do({ tag: 'tick' });
    expect(alice.outbox).toHaveLength(1);
    expect(alice.state.held).toEqual([]);
  });

  it('mode:I-04 no message of the key exchange carries anything encrypted', () => {
    const parties = new TwoParties({ policy: { mode: 'interactive-only' } });
    const { alice, bob } = parties;
    const data = parseArmor(version4(0x03));
    const withCargo = (body: string) => formatArmor(concat(parseArmor(body), data));
    bob.send('waits');
    const [identity = ''] = bob.takeOutbox();
    const fresh = alice.state;
    expect(alice.receive(withCargo(identity))).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    expect(alice.state).toBe(fresh);
    alice.receive(identity);
    const [authR = ''] = alice.takeOutbox();
    const waiting = bob.state;
    expect(bob.receive(withCargo(authR))).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    expect(bob.state).toBe(waiting);
    bob.receive(authR);
    const [authI = ''] = bob.takeOutbox();
    const answered = alice.state;
    expect(alice.receive(withCargo(authI))).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    expect(alice.state).toBe(answered);
  });
});
