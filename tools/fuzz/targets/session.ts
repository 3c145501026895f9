// SPDX-License-Identifier: GPL-3.0-or-later

import { formatHex } from '#otr/bytes.ts';
import { parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { MESSAGE_TYPE } from '#otr/codec/header.ts';
import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import { decodePlaintext, TLV_TYPE, type Tlv } from '#otr/codec/tlv.ts';
import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { ReceiveInput } from '#otr/session/input.ts';
import { step } from '#otr/session/session.ts';
import { RATCHET_LIMITS, type SessionState } from '#otr/session/state.ts';
import type { Shelf } from '../../../test/support/offline-parties.ts';
import { Clock, clockedEnv, secretsIn } from '../../../test/support/two-parties.ts';
import { canonicalHash } from '../canonical.ts';
import { hostileValues } from '../hostile-values.ts';
import { insider, type Insider, type InsiderName } from '../insider.ts';
import { BODY_SEPARATOR } from '../mutate-text.ts';
import { reduced, SMP_SCALARS } from '../scalars.ts';
import { seedsOf, STAGE_NAMES, stageNamed } from '../situations.ts';
import { asBytes, asText, expectThat, type TargetPlan } from '../target.ts';

/** Told only after somebody proved to be who they are. */
const AUTHENTICATED = new Set<SessionEffect['tag']>([
  'message',
  'prekey-used',
  'established',
  'ended',
  'sent',
  'smp-asked',
  'smp-progress',
  'smp-result',
  'smp-aborted',
  'smp-cheated',
]);

/** What makes a message genuine: all of it but the MAC keys it reveals, which nothing protects. */
function coreOf(body: string): string {
  try {
    const bytes = parseArmor(body.trim());
    if (bytes[2] === MESSAGE_TYPE.authI) return formatHex(withReducedSigma(bytes));
    if (bytes[2] === MESSAGE_TYPE.authR) return formatHex(withReducedSigma(bytes));
    if (bytes[2] === MESSAGE_TYPE.nonInteractiveAuth) return formatHex(withReducedSigma(bytes));
    if (bytes[2] !== MESSAGE_TYPE.data) return formatHex(bytes);
    const { message, authenticated } = decodeDataMessage(bytes);
    return formatHex(authenticated) + formatHex(message.authenticator);
  } catch {
    return body;
  }
}

function withReducedSigma(bytes: Uint8Array): Uint8Array {
  if (bytes[2] === MESSAGE_TYPE.authI) {
    const { sigma, ...header } = decodeAuthI(bytes);
    return encodeAuthI({ ...header, sigma: reduced(sigma) });
  }
  if (bytes[2] === MESSAGE_TYPE.nonInteractiveAuth) {
    const { sigma, ...message } = decodeNonInteractiveAuth(bytes);
    return encodeNonInteractiveAuth({ ...message, sigma: reduced(sigma) });
  }
  const { sigma, ...message } = decodeAuthR(bytes);
  return encodeAuthR({ ...message, sigma: reduced(sigma) });
}

/** No store has grown past its limit. */
function expectBounded(state: SessionState): void {
  const { buffers } = state.fragments;
  const pieces = buffers.reduce((sum, { chars }) => sum + chars, 0);
  const early = state.early.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const { messages } = state;
  const isBounded =
    buffers.length <= LIMITS.fragmentBuffersPerSender &&
    pieces <= LIMITS.fragmentBytesPerSender &&
    state.early.length <= LIMITS.earlyMessages &&
    early <= LIMITS.earlyBytes &&
    state.held.length <= LIMITS.outgoingQueue &&
    state.throttle.usedIdentities.length <= 64;
  expectThat(isBounded, 'growth', 'of a session');
  if (messages.tag !== 'encrypted') return;
  const { ratchet } = messages;
  const isRatchetBounded =
    ratchet.skipped.length <= LIMITS.skippedKeys &&
    ratchet.macKeysToReveal.length <= RATCHET_LIMITS.macKeysToReveal &&
    messages.readBefore.length <= 128;
  expectThat(isRatchetBounded, 'growth', 'of a ratchet');
}

/** Secrets that leave the state are given back, and no other is. */
function expectOwned(
  before: SessionState,
  next: SessionState,
  effects: readonly SessionEffect[],
): void {
  const retired = new Set(effects.flatMap((e) => (e.tag === 'retire' ? e.secrets : [])));
  const kept = secretsIn(next);
  for (const secret of kept) {
    expectThat(!retired.has(secret), 'state-change', 'a secret is retired and kept');
    expectThat(!secret.wiped, 'state-change', 'the new state holds a wiped secret');
  }
  for (const secret of secretsIn(before)) {
    expectThat(!secret.wiped, 'state-change', 'a secret of the old state was wiped');
    expectThat(kept.has(secret) || retired.has(secret), 'state-change', 'a secret was lost');
  }
}

function tagsOf(effects: readonly SessionEffect[]): string {
  return effects.map((e) => (e.tag === 'ignored' ? e.why : e.tag)).join('+');
}

/**
 * What is ignored is ignored: the very same state, or one that keeps a piece of a message, or a
 * message that came before its time, and nothing else.
 */
function expectUntouched(
  state: SessionState,
  body: string,
  next: SessionState,
  effects: readonly SessionEffect[],
): void {
  const isEarly = effects.some((effect) => effect.tag === 'ignored' && effect.why === 'early');
  const isPiece = body.trim().startsWith('?OTR|');
  const said = `ignored as ${tagsOf(effects)}`;
  expectThat(next === state || isEarly || isPiece, 'state-change', said);
  const parts = Object.keys(state) as (keyof SessionState)[];
  const changed = parts.filter((part) => next[part] !== state[part]);
  const allowed = [...(isEarly ? ['early'] : []), ...(isPiece ? ['fragments'] : [])];
  const wrong = changed.filter((part) => !allowed.includes(part));
  expectThat(wrong.length === 0, 'state-change', `${said}, but ${wrong.join()} changed`);
}

interface Seen {
  readonly state: SessionState;
  /** Error replies so far: they come at most once a minute, and no time passes here. */
  readonly errors: number;
  readonly said: string;
}

/** What an attempt has at hand, beside what it tries. */
interface Bench {
  readonly genuine: ReadonlySet<string>;
  readonly shelf: Shelf;
  readonly env: Env;
}

/** One body from anybody, and the prekey that it may ask for. */
function receive(seen: Seen, body: string, bench: Bench): Seen {
  const { next, effects, ...rest } = take(seen, { tag: 'receive', body }, bench);
  const wanted = effects.find((effect) => effect.tag === 'prekey-wanted');
  const prekey = wanted === undefined ? undefined : bench.shelf.find(wanted.prekeyId);
  if (wanted === undefined || prekey === undefined) return { ...rest, state: next };
  const asked: Seen = { ...rest, state: next };
  const again = take(asked, { tag: 'receive', body: wanted.body, prekey }, bench);
  return { state: again.next, errors: again.errors, said: again.said };
}

function take(seen: Seen, input: ReceiveInput, { genuine, env }: Bench) {
  const { state } = seen;
  const { body } = input;
  const { next, effects } = step(state, input, env);
  const isGenuine = [...fragmentsMayComplete(state, body)].some((core) => genuine.has(core));
  if (effects.every(({ tag }) => tag === 'ignored')) expectUntouched(state, body, next, effects);
  if (!isGenuine) {
    expectThat(next.messages === state.messages, 'state-change', tagsOf(effects));
    const proven = effects.filter(({ tag }) => AUTHENTICATED.has(tag));
    expectThat(proven.length === 0, 'forgery', tagsOf(effects));
  }
  const errors = seen.errors + effects.filter(isErrorReply).length;
  expectThat(errors <= 1, 'replies', 'more than one error message in a minute');
  expectThat(
    effects.filter(({ tag }) => tag === 'transmit').length <= 3,
    'replies',
    tagsOf(effects),
  );
  expectBounded(next);
  if (next !== state || effects.some(({ tag }) => tag === 'retire')) {
    expectOwned(state, next, effects);
  }
  return { next, effects, errors, said: `${seen.said} ${tagsOf(effects)}` };
}

function isErrorReply(effect: SessionEffect): boolean {
  return effect.tag === 'transmit' && effect.bodies.some((body) => body.startsWith('?OTR Error:'));
}

/** What a body may bring in: itself, or the message its piece completes. */
function fragmentsMayComplete(state: SessionState, body: string): readonly string[] {
  if (!body.trim().startsWith('?OTR|')) return [coreOf(body)];
  const [, place, count, piece = ''] = body.trim().split(',');
  const [index, total] = [Number(place), Number(count)];
  const waiting = state.fragments.buffers.filter((buffer) => buffer.total === total);
  const alone = total === 1 ? [piece] : [];
  const joined = waiting.map(({ pieces }) =>
    Array.from({ length: Math.min(total, 1024) }, (_, k) =>
      k + 1 === index ? piece : (pieces.get(k + 1) ?? ''),
    ).join(''),
  );
  return [...alone, ...joined].map(coreOf);
}

function stepTarget(name: string): TargetPlan {
  return {
    name: `step: ${name}`,
    tries: ['step', 'receiveIdentity', 'receiveAuthR', 'receiveAuthI'],
    boundMs: 900,
    batch: 40,
    make: () => {
      const stage = stageNamed(name);
      const genuine = new Set(stage.genuine.map(coreOf));
      const before = canonicalHash(stage.state);
      return {
        seeds: seedsOf(stage),
        isSequence: true,
        dictionary: hostileValues(),
        attempt: (input) => {
          const env = clockedEnv('fuzz', new Clock());
          const start: Seen = { state: stage.state, errors: 0, said: '' };
          const bodies = asText(input).split(BODY_SEPARATOR).slice(0, 12);
          const bench: Bench = { genuine, shelf: stage.shelf, env };
          return bodies.reduce((seen, body) => receive(seen, body, bench), start).said;
        },
        audit: () => {
          const isSame = canonicalHash(stage.state) === before;
          expectThat(isSame, 'state-change', 'a step changed the state it was given');
        },
      };
    },
  };
}

/** A record of a comparison in the one spelling that an honest peer gives it. */
function spelled({ type, value }: Tlv): string {
  if (type < TLV_TYPE.smp2 || type > TLV_TYPE.smp4) return formatHex(value);
  const number = (type - TLV_TYPE.smp1 + 1) as 2 | 3 | 4;
  return formatHex(reduced(value, SMP_SCALARS[number]));
}

/** No proof holds that the peer did not make: a comparison goes on by honest records alone. */
function expectProven(
  effects: readonly SessionEffect[],
  plaintext: Uint8Array,
  honest: ReadonlySet<string>,
): void {
  const goesOn = effects.some(({ tag }) => tag === 'smp-result' || tag === 'smp-progress');
  if (!goesOn) return;
  const values = decodePlaintext(plaintext).tlvs.map(spelled);
  expectThat(
    values.some((value) => honest.has(value)),
    'forgery',
    'a proof that nobody made',
  );
}

function hear({ alice }: Insider, body: string, env: Env): readonly SessionEffect[] {
  const { next, effects } = step(alice, { tag: 'receive', body }, env);
  expectBounded(next);
  expectOwned(alice, next, effects);
  const texts = effects.flatMap((effect) => (effect.tag === 'message' ? [effect.text] : []));
  expectThat(!texts.some((text) => text.includes('\0')), 'two-spellings', 'NUL in a text');
  return effects;
}

/** Plaintexts of a peer who has the keys and no manners. */
function insiderTarget(name: InsiderName): TargetPlan {
  return {
    name: `peer: ${name}`,
    tries: ['receiveData', 'stepSmp'],
    boundMs: 900,
    batch: 40,
    make: () => {
      const made = insider(name);
      const before = canonicalHash(made.alice);
      const honest = new Set(
        made.honest.flatMap((plain) => decodePlaintext(plain).tlvs.map(spelled)),
      );
      return {
        seeds: made.honest,
        dictionary: hostileValues(),
        attempt: (input) => {
          const plaintext = asBytes(input);
          const env = clockedEnv('peer', new Clock());
          const effects = hear(made, made.seal(plaintext), env);
          expectProven(effects, plaintext, honest);
          return tagsOf(effects);
        },
        audit: () => {
          const isSame = canonicalHash(made.alice) === before;
          expectThat(isSame, 'state-change', 'a step changed the state it was given');
        },
      };
    },
  };
}

/** Headers of a peer who has the keys: any counters and keys, rightly authenticated. */
const HEADER_TARGET: TargetPlan = {
  name: 'peer: header',
  tries: [],
  boundMs: 900,
  batch: 40,
  make: () => {
    const made = insider('idle');
    const before = canonicalHash(made.alice);
    return {
      seeds: [made.sections],
      dictionary: hostileValues(),
      attempt: (input) => {
        const body = made.authenticate(asBytes(input));
        return tagsOf(hear(made, body, clockedEnv('peer', new Clock())));
      },
      audit: () => {
        const isSame = canonicalHash(made.alice) === before;
        expectThat(isSame, 'state-change', 'a step changed the state it was given');
      },
    };
  },
};

export const SESSION_TARGETS: readonly TargetPlan[] = [
  ...STAGE_NAMES.map(stepTarget),
  ...(['idle', 'asked', 'expect2', 'expect3', 'expect4'] as const).map(insiderTarget),
  HEADER_TARGET,
];
