// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatHex, parseHex } from '#otr/bytes.ts';
import { TLV_TYPE } from '#otr/codec/tlv.ts';
import type { Tlv } from '#otr/codec/tlv.ts';
import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import { deriveComparedSecret, normaliseSecret } from '#otr/smp/compared-secret.ts';
import type { SmpContext } from '#otr/smp/compared-secret.ts';
import { nextSmpTickAt, secretsOf, SMP_IDLE, stepSmp } from '#otr/smp/machine.ts';
import type { SmpEffect, SmpInput, SmpState, SmpStep } from '#otr/smp/machine.ts';
import { beginSmp } from '#otr/smp/run.ts';

import { digest, labelledEnv } from '../../support/labelled-random.ts';
import { knownParty } from '../../support/known-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import dake from '../../vectors/appendix-a/interactive-dake.json';
import primitives from '../../vectors/appendix-a/primitives.json';
import known from '../../vectors/appendix-a/smp.json';

const SECRET = 'p\u00e4ssword';
const QUESTION = 'who?';
const fingerprints = {
  alice: knownParty('alice').profile.fingerprint,
  bob: knownParty('bob').profile.fingerprint,
};
const ssid = parseHex(dake.SSID);
const alice: SmpContext = {
  ourFingerprint: fingerprints.alice,
  theirFingerprint: fingerprints.bob,
  ssid,
};
const bob: SmpContext = {
  ourFingerprint: fingerprints.bob,
  theirFingerprint: fingerprints.alice,
  ssid,
};
const env = seededEnv('smp');

function sent(step: SmpStep): Tlv {
  const tlvs = step.effects.flatMap((effect) => (effect.tag === 'send' ? [effect.tlv] : []));
  const [only] = tlvs;
  if (only === undefined || tlvs.length !== 1) throw new Error(`sent ${tlvs.length} records`);
  return only;
}

function without(step: SmpStep, ...tags: readonly SmpEffect['tag'][]): readonly SmpEffect[] {
  return step.effects.filter((effect) => !tags.includes(effect.tag));
}

const ABORT: SmpEffect = {
  tag: 'send',
  tlv: { type: TLV_TYPE.smpAbort, value: new Uint8Array(0) },
};

interface Talk {
  readonly asked?: string;
  readonly answered?: string;
  readonly question?: string;
  readonly asker?: SmpContext;
  readonly answerer?: SmpContext;
  readonly envs?: readonly [Env, Env, Env, Env];
}

/** All steps of a whole run, of both sides. */
function talk({ asked = SECRET, answered = SECRET, ...rest }: Talk = {}) {
  const { asker = alice, answerer = bob, envs = [env, env, env, env] } = rest;
  const start: SmpInput = { tag: 'start', question: rest.question ?? QUESTION, secret: asked };
  const receive = (step: SmpStep): SmpInput => ({ tag: 'receive', tlv: sent(step) });
  const begun = stepSmp(SMP_IDLE, start, asker, envs[0]);
  const prompted = stepSmp(SMP_IDLE, receive(begun), answerer, env);
  const smp2 = stepSmp(prompted.next, { tag: 'answer', secret: answered }, answerer, envs[1]);
  const smp3 = stepSmp(begun.next, receive(smp2), asker, envs[2]);
  const smp4 = stepSmp(smp2.next, receive(smp3), answerer, envs[3]);
  const done = stepSmp(smp3.next, receive(smp4), asker, env);
  return { begun, prompted, smp2, smp3, smp4, done };
}

const honest = talk();

/** One state of each kind, of whoever may be in it. */
const STATES: readonly (readonly [SmpState, SmpContext])[] = [
  [SMP_IDLE, bob],
  [honest.prompted.next, bob],
  [honest.begun.next, alice],
  [honest.smp2.next, bob],
  [honest.smp3.next, alice],
];

/** Which record is expected where. */
const EXPECTED: Readonly<Record<SmpState['tag'], number | undefined>> = {
  expect1: TLV_TYPE.smp1,
  asked: undefined,
  expect2: TLV_TYPE.smp2,
  expect3: TLV_TYPE.smp3,
  expect4: TLV_TYPE.smp4,
};

const RECORDS = [honest.begun, honest.smp2, honest.smp3, honest.smp4].map(sent);

describe('SMP with known randomness', () => {
  const known4: readonly [Env, Env, Env, Env] = [
    labelledEnv('smp/a2', 'smp/a3', 'smp/r2', 'smp/r3'),
    labelledEnv('smp/b2', 'smp/b3', 'smp/br2', 'smp/br3', 'smp/br4', 'smp/br5', 'smp/br6'),
    labelledEnv('smp/ar4', 'smp/ar5', 'smp/ar6', 'smp/ar7'),
    labelledEnv('smp/br7'),
  ];
  const run = talk({ envs: known4 });

  it('otr:T-150 derives the known secret on both sides', () => {
    const x = deriveComparedSecret(SECRET, 'asker', alice);
    const y = deriveComparedSecret(SECRET, 'answerer', bob);
    expect(x.lend(formatHex)).toBe(known['SMP x = y mod q (LE57)']);
    expect(y.lend(formatHex)).toBe(known['SMP x = y mod q (LE57)']);
  });

  it('otr:T-150 sends the four known messages, byte for byte', () => {
    const values = [run.begun, run.smp2, run.smp3, run.smp4].map((step) => sent(step).value);
    expect(values.map((value) => ({ length: value.length, digest: digest(value) }))).toEqual([
      known.SMP1,
      known.SMP2,
      known.SMP3,
      known.SMP4,
    ]);
    const c2At = 4 + QUESTION.length + 57;
    expect(formatHex(values[0]?.subarray(c2At, c2At + 57) ?? new Uint8Array(0))).toBe(
      known['SMP1.c2'],
    );
  });

  it('otr:T-150 numbers its records 2 to 5', () => {
    expect([run.begun, run.smp2, run.smp3, run.smp4].map((step) => sent(step).type)).toEqual([
      2, 3, 4, 5,
    ]);
  });
});

describe('a whole comparison', () => {
  it('otr:T-151 tells both that equal secrets match', () => {
    expect(without(honest.smp4, 'retire', 'send')).toEqual([
      { tag: 'result', matched: true, as: 'answerer' },
    ]);
    expect(without(honest.done, 'retire')).toEqual([{ tag: 'result', matched: true, as: 'asker' }]);
    expect([honest.smp4.next, honest.done.next]).toEqual([SMP_IDLE, SMP_IDLE]);
  });

  it('otr:T-151 tells both that different secrets do not, and calls it no error', () => {
    const { smp4, done } = talk({ answered: 'Passwort' });
    expect(without(smp4, 'retire', 'send')).toEqual([
      { tag: 'result', matched: false, as: 'answerer' },
    ]);
    expect(without(done, 'retire')).toEqual([{ tag: 'result', matched: false, as: 'asker' }]);
  });

  it('says how far it is', () => {
    const progress = [honest.begun, honest.smp2, honest.smp3].map((step) =>
      without(step, 'retire', 'send'),
    );
    expect(progress).toEqual(
      ['asked', 'answered', 'checking'].map((at) => [{ tag: 'progress', at }]),
    );
  });

  it('otr:T-152 carries a question as it is, and none as none', () => {
    const odd = 'Wo\0 war <b>es</b>? \u{1f914}';
    expect(talk({ question: odd }).prompted.effects).toEqual([{ tag: 'asked', question: odd }]);
    const none = stepSmp(SMP_IDLE, { tag: 'start', secret: SECRET }, alice, env);
    const prompted = stepSmp(SMP_IDLE, { tag: 'receive', tlv: sent(none) }, bob, env);
    expect(prompted.effects).toEqual([{ tag: 'asked', question: undefined }]);
  });

  it('otr:T-153 does not match when both take themselves for the asker', () => {
    const mirrored = {
      ...bob,
      ourFingerprint: alice.ourFingerprint,
      theirFingerprint: bob.ourFingerprint,
    };
    expect(without(talk({ answerer: mirrored }).done, 'retire')).toEqual([
      { tag: 'result', matched: false, as: 'asker' },
    ]);
  });

  it('otr:T-162 does not match across a person in the middle, who has another session id', () => {
    const elsewhere = { ...bob, ssid: parseHex('d8699bcb4b3aed04') };
    expect(without(talk({ answerer: elsewhere }).done, 'retire')).toEqual([
      { tag: 'result', matched: false, as: 'asker' },
    ]);
  });
});

describe('secrets as people type them', () => {
  it('are compared in NFC and without blanks around them', () => {
    const spellings = [
      'p\u00e4ssword',
      'pa\u0308ssword',
      '  p\u00e4ssword\n',
      '\u00a0pa\u0308ssword\t',
    ];
    const hashes = spellings.map((typed) =>
      deriveComparedSecret(typed, 'asker', alice).lend(formatHex),
    );
    expect(new Set(hashes)).toEqual(new Set([known['SMP x = y mod q (LE57)']]));
    expect(normaliseSecret(' \uac00 \u1100\u1161 ')).toBe('\uac00 \uac00');
    expect(normaliseSecret('\u212b')).toBe('\u00c5');
  });

  it('are otherwise compared exactly', () => {
    const spellings = ['password', 'Password', 'pass word', 'p\u00e4ssword', '\uff50assword'];
    const hashes = spellings.map((typed) =>
      deriveComparedSecret(typed, 'asker', alice).lend(formatHex),
    );
    expect(new Set(hashes).size).toBe(spellings.length);
  });

  it('may not be empty', () => {
    const start = stepSmp(SMP_IDLE, { tag: 'start', secret: ' \n' }, alice, env);
    expect(start).toEqual({ next: SMP_IDLE, effects: [{ tag: 'refused', why: 'empty-secret' }] });
    const asked = honest.prompted.next;
    const answer = stepSmp(asked, { tag: 'answer', secret: '' }, bob, env);
    expect(answer.next).toBe(asked);
    expect(answer.effects).toEqual([{ tag: 'refused', why: 'empty-secret' }]);
  });
});

describe('a peer who cheats', () => {
  const stages = [
    { state: SMP_IDLE, context: bob, tlv: sent(honest.begun), questionBytes: 4 + QUESTION.length },
    { state: honest.begun.next, context: alice, tlv: sent(honest.smp2), questionBytes: 0 },
    { state: honest.smp2.next, context: bob, tlv: sent(honest.smp3), questionBytes: 0 },
    { state: honest.smp3.next, context: alice, tlv: sent(honest.smp4), questionBytes: 0 },
  ];
  /** Which of the 57-byte parts of each message are points; the others are scalars. */
  const POINTS = [[0, 3], [0, 3, 6, 7], [0, 1, 5], [0]];

  function expectCheated(stage: (typeof stages)[number], value: Uint8Array, about: string): void {
    const tlv = { type: stage.tlv.type, value };
    const step = stepSmp(stage.state, { tag: 'receive', tlv }, stage.context, env);
    expect(without(step, 'retire'), about).toEqual([ABORT, { tag: 'cheated' }]);
    expect(step.next, about).toBe(SMP_IDLE);
  }

  it('otr:T-154 is found out by each scalar that was altered', () => {
    for (const [n, stage] of stages.entries()) {
      const parts = (stage.tlv.value.length - stage.questionBytes) / 57;
      for (let part = 0; part < parts; part += 1) {
        if (POINTS[n]?.includes(part) === true) continue;
        const value = stage.tlv.value.slice();
        const at = stage.questionBytes + 57 * part + 5;
        value[at] = (value[at] ?? 0) ^ 1;
        expectCheated(stage, value, `scalar ${part} of SMP${n + 1}`);
      }
    }
  });

  it('otr:T-155 is found out by each point of small or mixed order, or of another value', () => {
    const points = [
      primitives.identity,
      ...primitives['order-4 points'],
      primitives['order-2 point'],
      primitives['G + order-4 point'],
      primitives.G,
    ];
    for (const [n, stage] of stages.entries()) {
      for (const part of POINTS[n] ?? []) {
        for (const hex of points) {
          const value = stage.tlv.value.slice();
          value.set(parseHex(hex), stage.questionBytes + 57 * part);
          expectCheated(stage, value, `point ${part} of SMP${n + 1}: ${hex.slice(0, 8)}`);
        }
      }
    }
  });

  it('otr:T-161 is found out by messages that are cut off or go on', () => {
    for (const stage of stages) {
      const { value } = stage.tlv;
      expectCheated(stage, new Uint8Array(0), 'empty');
      expectCheated(stage, value.subarray(0, -1), 'cut off');
      expectCheated(stage, Uint8Array.from([...value, 0]), 'goes on');
    }
  });

  it('cannot play our own messages back to us', () => {
    const begun = honest.begun.next;
    const reflected = { type: TLV_TYPE.smp1, value: sent(honest.begun).value };
    const step = stepSmp(begun, { tag: 'receive', tlv: reflected }, alice, env);
    expect(without(step, 'retire')).toEqual([ABORT, { tag: 'aborted', by: 'collision' }]);
  });

  it('cannot make us compare with the very same coordinates', () => {
    const smp3 = sent(honest.smp3).value.slice();
    smp3.set(sent(honest.smp2).value.subarray(6 * 57, 8 * 57), 0);
    const stage = {
      state: honest.smp2.next,
      context: bob,
      tlv: sent(honest.smp3),
      questionBytes: 0,
    };
    expectCheated(stage, smp3, 'Pa = Pb');
  });

  it('may ask with 1,024 characters, and not with one more', () => {
    const ask = (length: number) => {
      const { value } = beginSmp(
        deriveComparedSecret(SECRET, 'asker', alice),
        '\u20ac'.repeat(length),
        env,
      );
      return stepSmp(SMP_IDLE, { tag: 'receive', tlv: { type: TLV_TYPE.smp1, value } }, bob, env);
    };
    expect([1023, 1024, 1025].map((length) => ask(length).next.tag)).toEqual([
      'asked',
      'asked',
      'expect1',
    ]);
    const own = (length: number) =>
      stepSmp(SMP_IDLE, { tag: 'start', question: 'a'.repeat(length), secret: SECRET }, alice, env);
    expect(own(1024).next.tag).toBe('expect2');
    expect(own(1025).effects).toEqual([{ tag: 'refused', why: 'question-too-long' }]);
  });
});

describe('the SMP state machine', () => {
  it('otr:T-156 sec:T-O-SMP-1 answers every message out of turn with an abort, and starts over', () => {
    for (const [state, context] of STATES) {
      for (const tlv of RECORDS) {
        if (EXPECTED[state.tag] === tlv.type) continue;
        const step = stepSmp(state, { tag: 'receive', tlv }, context, env);
        const about = `record ${tlv.type} in ${state.tag}`;
        expect(step.next, about).toBe(SMP_IDLE);
        expect(step.effects[0], about).toEqual(ABORT);
        if (state.tag === 'expect1') continue;
        expect(step.effects, about).toContainEqual({ tag: 'aborted', by: 'collision' });
      }
    }
  });

  it('otr:T-157 goes back to the start when the peer aborts, and answers nothing', () => {
    const tlv = { type: TLV_TYPE.smpAbort, value: new Uint8Array(0) };
    for (const [state, context] of STATES) {
      const step = stepSmp(state, { tag: 'receive', tlv }, context, env);
      expect(step.next).toBe(SMP_IDLE);
      expect(step.effects.some((effect) => effect.tag === 'send')).toBe(false);
      if (state.tag !== 'expect1') expect(step.effects[0]).toEqual({ tag: 'aborted', by: 'peer' });
    }
  });

  it('otr:T-158 aborts a run under way before it starts another', () => {
    for (const [state, context] of STATES) {
      const step = stepSmp(state, { tag: 'start', secret: SECRET }, context, env);
      const types = step.effects.flatMap((effect) =>
        effect.tag === 'send' ? [effect.tlv.type] : [],
      );
      expect(types).toEqual(
        state.tag === 'expect1' ? [TLV_TYPE.smp1] : [TLV_TYPE.smpAbort, TLV_TYPE.smp1],
      );
      expect(step.next.tag).toBe('expect2');
    }
  });

  it('sends an abort whenever our user aborts', () => {
    for (const [state, context] of STATES) {
      const step = stepSmp(state, { tag: 'abort' }, context, env);
      expect(without(step, 'retire')).toEqual([ABORT, { tag: 'aborted', by: 'us' }]);
      expect(step.next).toBe(SMP_IDLE);
    }
  });

  it('otr:T-159 drops a question when another comes before it was answered', () => {
    const again = stepSmp(
      honest.prompted.next,
      { tag: 'receive', tlv: sent(honest.begun) },
      bob,
      env,
    );
    expect(again).toEqual({
      next: SMP_IDLE,
      effects: [ABORT, { tag: 'aborted', by: 'collision' }],
    });
    const late = stepSmp(again.next, { tag: 'answer', secret: SECRET }, bob, env);
    expect(late.effects).toEqual([{ tag: 'refused', why: 'nothing-asked' }]);
  });

  it('otr:T-160 forgets everything, silently, when the session ends', () => {
    for (const [state, context] of STATES) {
      const step = stepSmp(state, { tag: 'session-ended' }, context, env);
      expect(step.next).toBe(SMP_IDLE);
      expect(without(step, 'retire')).toEqual(
        state.tag === 'expect1'
          ? [{ tag: 'ignored', why: 'nothing-to-do' }]
          : [{ tag: 'aborted', by: 'session-ended' }],
      );
    }
  });

  it('gives up after ten minutes without an answer, and not before', () => {
    const { next } = honest.begun;
    expect(nextSmpTickAt(next)).toBe(LIMITS.smpAnswerTimeoutMs);
    const at = (ms: number) => ({ ...env, monotonicMs: () => ms });
    const early = stepSmp(next, { tag: 'tick' }, alice, at(LIMITS.smpAnswerTimeoutMs - 1));
    expect(early.next).toBe(next);
    const due = stepSmp(next, { tag: 'tick' }, alice, at(LIMITS.smpAnswerTimeoutMs));
    expect(without(due, 'retire')).toEqual([ABORT, { tag: 'aborted', by: 'timed-out' }]);
    expect(nextSmpTickAt(honest.prompted.next)).toBeUndefined();
    expect(stepSmp(SMP_IDLE, { tag: 'tick' }, alice, at(1e9)).next).toBe(SMP_IDLE);
  });

  it('returns the very same state for records that are none of its own', () => {
    for (const [state, context] of STATES) {
      const tlv = { type: TLV_TYPE.extraSymmetricKey, value: new Uint8Array(4) };
      const step = stepSmp(state, { tag: 'receive', tlv }, context, env);
      expect(step.next).toBe(state);
      expect(step.effects).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    }
  });

  it('otr:T-227 hands every secret it lets go of to be wiped, and wipes none itself', () => {
    for (const [state, context] of STATES) {
      const held = secretsOf(state);
      for (const input of [{ tag: 'abort' }, { tag: 'session-ended' }] as const) {
        const { effects } = stepSmp(state, input, context, env);
        const retired = effects.flatMap((e) => (e.tag === 'retire' ? e.secrets : []));
        expect(retired).toEqual(held);
      }
      expect(held.some((secret) => secret.wiped)).toBe(false);
    }
    const { begun, smp3 } = honest;
    const retired = smp3.effects.flatMap((e) => (e.tag === 'retire' ? e.secrets : []));
    expect([...retired, ...secretsOf(smp3.next)]).toEqual(secretsOf(begun.next));
  });

  it('does not change the state it started from', () => {
    const once = stepSmp(honest.begun.next, { tag: 'receive', tlv: sent(honest.smp2) }, alice, env);
    const twice = stepSmp(
      honest.begun.next,
      { tag: 'receive', tlv: sent(honest.smp2) },
      alice,
      env,
    );
    expect([once.next.tag, twice.next.tag]).toEqual(['expect4', 'expect4']);
  });
});
