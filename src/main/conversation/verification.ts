// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { FullJid } from '#shared/model/jid.ts';
import { deviceKey } from './choices.ts';
import { advance } from './effects.ts';
import type { World } from './ports.ts';
import { targetsOf } from './audience.ts';
import { type Live, liveOf } from './sessions.ts';
import { remember, verificationOf, withdraw } from './trust.ts';
import type { Turn } from './turn.ts';
import { CODE_QUESTION, markVerified, setNow } from './verification-result.ts';
import { guardOf, isPaused } from './verification-state.ts';

export type Question =
  | { readonly method: 'question'; readonly question: string; readonly secret: string }
  | { readonly method: 'secret'; readonly secret: string }
  | { readonly method: 'code' };

const CODE_DIGITS = 6;
const DECIMAL = 10;
/** The largest multiple of ten that an octet holds: above it a digit would be more likely than another. */
const FAIR_OCTETS = 250;

/** Six fair decimal digits. */
function makeCode({ random }: World): string {
  let code = '';
  while (code.length < CODE_DIGITS) {
    const [octet = FAIR_OCTETS] = random(1);
    if (octet < FAIR_OCTETS) code += String(octet % DECIMAL);
  }
  return code;
}

/** The device with this tag, else the first of those that get messages. */
function requireSession(world: World, turn: Turn, instanceTag: string | undefined): Live {
  const [first] = targetsOf(world, turn.chat);
  const target = instanceTag === undefined ? first : findLive(world, turn, instanceTag);
  if (target === undefined) throw new AppFailure('session-needed');
  return target;
}

const findLive = (world: World, turn: Turn, instanceTag: string): Live | undefined =>
  liveOf(world, turn.chat).find(({ view }) => formatTag(view.theirTag) === instanceTag);

/** One verification at a time, and none while guessing or cheating is suspected. */
export function ask(world: World, turn: Turn, asked: Question, instanceTag?: string): void {
  const { device, view } = requireSession(world, turn, instanceTag);
  const { verification } = turn.chat;
  if (verification.now.tag !== 'idle' && verification.now.tag !== 'result') {
    throw new AppFailure('verification-busy');
  }
  if (isPaused(guardOf(verification, view.theirFingerprint), world.clock.monotonicNow())) {
    throw new AppFailure('verification-paused');
  }
  const code = asked.method === 'code' ? makeCode(world) : undefined;
  setNow(turn, {
    tag: 'waiting',
    full: device.full,
    instanceTag: view.theirTag,
    method: asked.method,
    since: turn.now,
    code,
  });
  advance({ world, turn }, device.full, toInput(asked, code));
}

function toInput(
  asked: Question,
  code: string | undefined,
): { readonly tag: 'smp-start'; readonly question?: string; readonly secret: string } {
  switch (asked.method) {
    case 'question':
      return { tag: 'smp-start', question: asked.question, secret: asked.secret };
    case 'secret':
      return { tag: 'smp-start', secret: asked.secret };
    case 'code':
      return { tag: 'smp-start', question: CODE_QUESTION, secret: code ?? '' };
  }
}

export function answer(world: World, turn: Turn, secret: string): void {
  const { now } = turn.chat.verification;
  if (now.tag !== 'asked') throw new AppFailure('session-needed');
  const { full, instanceTag, method } = now;
  setNow(turn, { tag: 'checking', full, instanceTag, method });
  advance({ world, turn }, full, { tag: 'smp-answer', secret });
}

/** Cancels ours, declines theirs. */
export function cancel(world: World, turn: Turn): void {
  const { now } = turn.chat.verification;
  if (now.tag === 'idle' || now.tag === 'result') return;
  advance({ world, turn }, now.full, { tag: 'smp-abort' });
  const { tag } = turn.chat.verification.now;
  if (tag !== 'idle' && tag !== 'result') setNow(turn, { tag: 'idle' });
}

/** Until the day is over where the user is, nothing this contact asks is shown. */
export function mute(world: World, turn: Turn): void {
  const { verification } = turn.chat;
  const nowMs = world.clock.monotonicNow();
  if (nowMs < verification.mutedUntil) return;
  const leftOfDayMs = new Date(turn.now).setHours(24, 0, 0, 0) - turn.now;
  turn.set({ verification: { ...verification, mutedUntil: nowMs + leftOfDayMs } });
  turn.tell({ name: 'questions-muted' });
  if (verification.now.tag === 'asked') cancel(world, turn);
}

/** The user has seen the result. */
export function dismiss(turn: Turn): void {
  if (turn.chat.verification.now.tag === 'result') setNow(turn, { tag: 'idle' });
}

interface KnownKey {
  readonly full: FullJid | undefined;
  readonly fingerprint: Live['view']['theirFingerprint'];
}

/** The key of the device with this tag: of its live session, else the one it showed last. */
function keyOf(world: World, turn: Turn, instanceTag: string): KnownKey {
  const live = findLive(world, turn, instanceTag);
  if (live !== undefined) {
    return { full: live.device.full, fingerprint: live.view.theirFingerprint };
  }
  const row = world.store.trust
    .ofPeer(world.account, turn.chat.peer)
    .find((known) => formatTag(known.instanceTag) === instanceTag);
  if (row === undefined) throw new AppFailure('session-needed');
  return { full: undefined, fingerprint: row.fingerprint as KnownKey['fingerprint'] };
}

/** The user compared the two codes with their own eyes. */
export function compared(
  world: World,
  turn: Turn,
  instanceTag: string,
  result: 'match' | 'different',
): void {
  const { full, fingerprint } = keyOf(world, turn, instanceTag);
  if (result === 'match') {
    markVerified(world, turn, full, { theirFingerprint: fingerprint, method: 'compare' });
    return;
  }
  if (verificationOf(world, turn.chat.peer, fingerprint) !== undefined) {
    withdraw(world, turn, fingerprint);
    turn.tell({ name: 'verification-removed', device: instanceTag });
  }
  if (full === undefined) return;
  const tag = Number.parseInt(instanceTag, 16) as Live['view']['theirTag'];
  turn.set({
    changedKey: { full, tag, fingerprint, why: 'other-key' },
    epoch: turn.chat.epoch + 1,
  });
  turn.tell({ name: 'key-changed', device: instanceTag });
}

export function removeVerification(world: World, turn: Turn, instanceTag: string): void {
  const { fingerprint } = keyOf(world, turn, instanceTag);
  if (verificationOf(world, turn.chat.peer, fingerprint) === undefined) return;
  withdraw(world, turn, fingerprint);
  // "This device is now verified" must not stay on the screen.
  dismiss(turn);
  turn.set({ epoch: turn.chat.epoch + 1 });
  turn.tell({ name: 'verification-removed', device: instanceTag });
}

/** S10: the user looked and goes on with the new key, which is not verified. */
export function acceptKey(world: World, turn: Turn): void {
  const { changedKey } = turn.chat;
  if (changedKey === undefined) return;
  turn.set({ changedKey: undefined, epoch: turn.chat.epoch + 1 });
  remember(world, turn, changedKey);
  // Whoever uses it anyway wants to write to it, also where only verified devices get messages.
  turn.write((tx) => {
    const key = deviceKey(world, turn.chat.peer, changedKey.tag);
    world.store.choices.save(tx, key, { use: 'allowed' });
  });
}
