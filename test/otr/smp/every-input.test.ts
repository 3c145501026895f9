// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { parseHex } from '#otr/bytes.ts';
import { TLV_TYPE } from '#otr/codec/tlv.ts';
import { LIMITS } from '#otr/limits.ts';
import type { SmpContext } from '#otr/smp/compared-secret.ts';
import { SMP_IDLE, stepSmp } from '#otr/smp/machine.ts';
import type { SmpEffect, SmpInput, SmpState, SmpStep } from '#otr/smp/machine.ts';

import { knownParty } from '../../support/known-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import dake from '../../vectors/appendix-a/interactive-dake.json';

const env = seededEnv('every input');
const late = { ...env, monotonicMs: () => env.monotonicMs() + LIMITS.smpAnswerTimeoutMs };
const alice: SmpContext = {
  ourFingerprint: knownParty('alice').profile.fingerprint,
  theirFingerprint: knownParty('bob').profile.fingerprint,
  ssid: parseHex(dake.SSID),
};
const bob: SmpContext = {
  ourFingerprint: alice.theirFingerprint,
  theirFingerprint: alice.ourFingerprint,
  ssid: alice.ssid,
};

function received(step: SmpStep): SmpInput {
  const sent = step.effects.find((effect) => effect.tag === 'send');
  if (sent === undefined) throw new RangeError('nothing was sent');
  return { tag: 'receive', tlv: sent.tlv };
}

const start: SmpInput = { tag: 'start', secret: 'secret', question: 'who?' };
const answer: SmpInput = { tag: 'answer', secret: 'secret' };
const begun = stepSmp(SMP_IDLE, start, alice, env);
const prompted = stepSmp(SMP_IDLE, received(begun), bob, env);
const answered = stepSmp(prompted.next, answer, bob, env);
const hid = stepSmp(begun.next, received(answered), alice, env);
const last = stepSmp(answered.next, received(hid), bob, env);

const states: Readonly<Record<SmpState['tag'], readonly [SmpState, SmpContext]>> = {
  expect1: [SMP_IDLE, bob],
  asked: [prompted.next, bob],
  expect2: [begun.next, alice],
  expect3: [answered.next, bob],
  expect4: [hid.next, alice],
};

const record = (type: number, length = 0): SmpInput => ({
  tag: 'receive',
  tlv: { type, value: new Uint8Array(length) },
});

const inputs = {
  start,
  'start without a secret': { tag: 'start', secret: ' ' },
  answer,
  'answer without a secret': { tag: 'answer', secret: '' },
  abort: { tag: 'abort' },
  'session-ended': { tag: 'session-ended' },
  tick: { tag: 'tick' },
  'tick, too late': { tag: 'tick' },
  'message 1': received(begun),
  'message 2': received(answered),
  'message 3': received(hid),
  'message 4': received(last),
  'message 1, cut off': record(TLV_TYPE.smp1, 40),
  'message 2, cut off': record(TLV_TYPE.smp2, 40),
  'message 3, cut off': record(TLV_TYPE.smp3, 40),
  'message 4, cut off': record(TLV_TYPE.smp4, 40),
  'an abort': record(TLV_TYPE.smpAbort),
  'an abort with a value': record(TLV_TYPE.smpAbort, 9),
  'a record of another type': record(99),
} as const satisfies Readonly<Record<string, SmpInput>>;

type Cells = readonly [
  expect1: string,
  asked: string,
  expect2: string,
  expect3: string,
  expect4: string,
];

const COLUMNS = ['expect1', 'asked', 'expect2', 'expect3', 'expect4'] as const;
const everywhere = (cell: string): Cells => [cell, cell, cell, cell, cell];

/** A message of another point of the protocol ends what runs, and is answered with an abort. */
const collides = (place: number, cell: string): Cells => {
  const end = 'expect1 send:6 aborted:collision';
  const cells: Cells = ['= send:6 ignored:unexpected', end, end, end, end];
  return cells.with(place, cell) as unknown as Cells;
};
const ends = (idle: string, running: string): Cells => [idle, running, running, running, running];
const CHEATED = 'expect1 send:6 cheated';

/** `=` is the very same object. OTRv4 "The SMP State Machine", M-10, M-11. */
const EXPECTED: Readonly<Record<keyof typeof inputs, Cells>> = {
  start: ends('expect2 send:2 progress:asked', 'expect2 send:6 aborted:us send:2 progress:asked'),
  'start without a secret': everywhere('= refused:empty-secret'),
  answer: [
    '= refused:nothing-asked',
    'expect3 send:3 progress:answered',
    '= refused:nothing-asked',
    '= refused:nothing-asked',
    '= refused:nothing-asked',
  ],
  'answer without a secret': [
    '= refused:nothing-asked',
    '= refused:empty-secret',
    '= refused:nothing-asked',
    '= refused:nothing-asked',
    '= refused:nothing-asked',
  ],
  abort: everywhere('expect1 send:6 aborted:us').with(0, '= send:6 aborted:us') as unknown as Cells,
  'session-ended': ends('= ignored:nothing-to-do', 'expect1 aborted:session-ended'),
  tick: everywhere('= ignored:nothing-to-do'),
  'tick, too late': [
    '= ignored:nothing-to-do',
    '= ignored:nothing-to-do',
    'expect1 send:6 aborted:timed-out',
    'expect1 send:6 aborted:timed-out',
    'expect1 send:6 aborted:timed-out',
  ],
  'message 1': collides(0, 'asked asked'),
  'message 2': collides(2, 'expect4 send:4 progress:checking'),
  'message 3': collides(3, 'expect1 send:5 result:true'),
  'message 4': collides(4, 'expect1 result:true'),
  'message 1, cut off': collides(0, '= send:6 cheated'),
  'message 2, cut off': collides(2, CHEATED),
  'message 3, cut off': collides(3, CHEATED),
  'message 4, cut off': collides(4, CHEATED),
  'an abort': ends('= ignored:nothing-to-do', 'expect1 aborted:peer'),
  'an abort with a value': ends('= ignored:nothing-to-do', 'expect1 aborted:peer'),
  'a record of another type': everywhere('= ignored:unexpected'),
};

function tell(effect: SmpEffect): string {
  switch (effect.tag) {
    case 'send':
      return `send:${effect.tlv.type.toString()}`;
    case 'progress':
      return `progress:${effect.at}`;
    case 'result':
      return `result:${effect.matched.toString()}`;
    case 'aborted':
      return `aborted:${effect.by}`;
    case 'refused':
    case 'ignored':
      return `${effect.tag}:${effect.why}`;
    default:
      return effect.tag;
  }
}

describe.each(COLUMNS)('in the state "%s"', (name) => {
  const [state, context] = states[name];
  const rows = Object.entries(EXPECTED).map(
    ([input, cells]) => [input as keyof typeof inputs, cells[COLUMNS.indexOf(name)] ?? ''] as const,
  );

  it.each(rows)('otr:T-156 %s leads to "%s"', (input, expected) => {
    const at = input === 'tick, too late' ? late : env;
    const { next, effects } = stepSmp(state, inputs[input], context, at);
    const told = effects.filter(({ tag }) => tag !== 'retire').map(tell);
    expect([next === state ? '=' : next.tag, ...told].join(' ')).toBe(expected);
  });
});
