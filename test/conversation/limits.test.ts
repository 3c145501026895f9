// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { emptyChat, emptyDevice, type Chat } from '#main/conversation/chat.ts';
import { dropFragments, findOverfull } from '#main/conversation/fragment-room.ts';
import { toSecurityCode } from '#main/conversation/security-code.ts';
import { stepDevice } from '#main/conversation/sessions.ts';
import { MemoryTimeline } from '#main/conversation/timeline.ts';
import { Turn } from '#main/conversation/turn.ts';
import {
  guardOf,
  isPaused,
  NO_VERIFICATION,
  type VerificationGuard,
  withCheat,
  withGuard,
  withMismatch,
} from '#main/conversation/verification-state.ts';
import { createSession, LIMITS, step, unfinishedOf } from '#otr';
import type { Fingerprint } from '#otr/bytes.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid, FullJid } from '#shared/model/jid.ts';
import { messageOf } from '../support/fake-wire.ts';
import { befriend, offTheRecord, type Pair, Seat } from '../support/two-services.ts';
import { Clock, clockedEnv, identityOf } from '../support/two-parties.ts';

let open: Pair | undefined;

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

const own = identityOf('alice');
const ourTag = own.profile.ownerTag.toString(16);
const env = clockedEnv('limits', new Clock());

const pieceOf = (identifier: number, text: string): string =>
  `?OTR|${identifier.toString(16)}|100|${ourTag},1,2,${text},`;

/** A session that holds the first half of so many messages. */
function holding(pieces: readonly string[]): ReturnType<typeof createSession> {
  let session = createSession({ own, ourJid: 'alice@example.org', theirJid: 'bob@example.org' });
  for (const [identifier, text] of pieces.entries()) {
    session = step(session, { tag: 'receive', body: pieceOf(identifier, text) }, env).next;
  }
  return session;
}

/** Devices of one contact that hold so many pieces each. */
function chatOf(id: number, devices: readonly (readonly string[])[]): Chat {
  const chat = emptyChat(id as ConversationId, `bob${String(id)}@example.org` as BareJid);
  const named = devices.map((pieces, k) => {
    const full = `${chat.peer}/${String(k)}` as FullJid;
    return [full, { ...emptyDevice(full), session: holding(pieces) }] as const;
  });
  return { ...chat, devices: new Map(named) };
}

const [SMALL, LARGE] = [1, 2];

const many = <T>(count: number, make: (k: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, k) => make(k));

/** So many unfinished messages, eight to a device. */
const chatWithMessages = (id: number, count: number): Chat =>
  chatOf(
    id,
    many(Math.ceil(count / 8), (k) => many(Math.min(8, count - 8 * k), () => 'A')),
  );

const LONGEST = LIMITS.fragmentInChars - 100;

/** So many characters, in pieces as long as one may be, five to a device. */
function chatWithChars(id: number, chars: number): Chat {
  const pieces = many(Math.ceil(chars / LONGEST), (k) =>
    'A'.repeat(Math.min(LONGEST, chars - k * LONGEST)),
  );
  return chatOf(
    id,
    many(Math.ceil(pieces.length / 5), (k) => pieces.slice(5 * k, 5 * k + 5)),
  );
}

describe('pieces of unfinished messages, of everybody together', () => {
  const small = chatWithMessages(SMALL, 1);

  it.each([
    [LIMITS.fragmentBuffersTotal - 1, undefined],
    [LIMITS.fragmentBuffersTotal, undefined],
    [LIMITS.fragmentBuffersTotal + 1, LARGE],
  ])('sec:§8 fragmentBuffersTotal: %i of them, and chat %s has to give way', (count, expected) => {
    expect(findOverfull([small, chatWithMessages(LARGE, count - 1)])).toBe(expected);
  });

  it.each([
    [LIMITS.fragmentBytesTotal - 1, undefined],
    [LIMITS.fragmentBytesTotal, undefined],
    [LIMITS.fragmentBytesTotal + 1, LARGE],
  ])('sec:§8 fragmentBytesTotal: %i of them, and chat %s has to give way', (chars, expected) => {
    expect(findOverfull([small, chatWithChars(LARGE, chars - 1)])).toBe(expected);
  });

  it('sec:§8 are dropped in every session of that contact', () => {
    const turn = new Turn(chatWithMessages(LARGE, 20), new MemoryTimeline(), () => '' as never, 0);
    dropFragments(turn);
    for (const { session } of turn.chat.devices.values()) {
      expect(session && unfinishedOf(session)).toEqual({ messages: 0, chars: 0 });
    }
    expect(turn.chat.devices.size).toBe(3);
  });

  /** Bob's message in two pieces, and between them what `flooder` sends from sixteen devices. */
  async function readsAfterFlood(flooder: 'bob' | 'mallory'): Promise<boolean> {
    const pair = (open = await offTheRecord());
    const { stage: all, alice, bob } = pair;
    befriend(all.party('mallory'), alice.party);
    all.network.fate = () => 0;
    await bob.type('whole in the end');
    const body = all.network.seen.at(-1)?.body ?? '';
    expect(body.startsWith('?OTR:')).toBe(true);
    const hear = (from: FullJid, text: string): Promise<void> =>
      alice.party.service.hear(messageOf(from, alice.party.jid, text));
    const bobTag = identityOf('bob').profile.ownerTag.toString(16);
    const piece = (index: number, text: string): string =>
      `?OTR|1234|${bobTag}|${ourTag},${String(index)},2,${text},`;
    await hear(bob.party.line.jid, piece(1, body.slice(0, 200)));
    for (let device = 1; device < LIMITS.instancesPerContact; device += 1) {
      const full = `${flooder}@example.org/${String(device)}` as FullJid;
      for (let k = 0; k < 8; k += 1) await hear(full, pieceOf(k, 'A'));
    }
    await hear(bob.party.line.jid, piece(2, body.slice(200)));
    return alice.texts.includes('whole in the end');
  }

  it('sec:§8 of one contact with many devices take no room from another', async () => {
    expect(await readsAfterFlood('mallory')).toBe(true);
  });

  it('sec:§8 are dropped of the contact who sent them all', async () => {
    expect(await readsAfterFlood('bob')).toBe(false);
  });
});

const key = (octet: number): Fingerprint => new Uint8Array(56).fill(octet) as Fingerprint;

function mismatches(times: readonly number[]): VerificationGuard {
  return times.reduce<VerificationGuard>(withMismatch, guardOf(NO_VERIFICATION, key(1)));
}

describe('answers that differ', () => {
  it.each([
    [LIMITS.smpFailures - 1, false],
    [LIMITS.smpFailures, true],
    [LIMITS.smpFailures + 1, true],
  ])('sec:§8 smpFailures: after %i, paused: %s', (count, expected) => {
    expect(isPaused(mismatches(many(count, () => 0)), 0)).toBe(expected);
  });

  it.each([
    [LIMITS.smpFailureWindowMs - 1, true],
    [LIMITS.smpFailureWindowMs, false],
    [LIMITS.smpFailureWindowMs + 1, false],
  ])('sec:§8 smpFailureWindowMs: %i ms between the first and the third', (ms, expected) => {
    expect(isPaused(mismatches([0, 0, ms]), ms)).toBe(expected);
  });

  it.each([
    [-1, true],
    [0, false],
    [1, false],
  ])('sec:§8 smpFailurePauseMs, smpCheatPauseMs: %i ms after the end', (more, expected) => {
    const paused = mismatches([0, 0, 0]);
    expect(isPaused(paused, LIMITS.smpFailurePauseMs + more)).toBe(expected);
    const cheated = withCheat(guardOf(NO_VERIFICATION, key(1)), 0);
    expect(isPaused(cheated, LIMITS.smpCheatPauseMs + more)).toBe(expected);
  });

  it.each([
    [LIMITS.smpGuards - 1, true],
    [LIMITS.smpGuards, true],
    [LIMITS.smpGuards + 1, false],
  ])('sec:§8 smpGuards: of %i keys the first is remembered: %s', (count, expected) => {
    const state = many(count, (k) => k).reduce(
      (at, octet) => withGuard(at, key(octet), withCheat(guardOf(at, key(octet)), 0)),
      NO_VERIFICATION,
    );
    expect(state.guards.size).toBe(Math.min(count, LIMITS.smpGuards));
    expect(isPaused(guardOf(state, key(0)), 0)).toBe(expected);
  });

  it('sec:T-O-SMP counts by key: another device name is no fresh start', async () => {
    const pair = (open = await offTheRecord());
    const { stage: all, alice, bob } = pair;
    for (let times = 0; times < LIMITS.smpFailures; times += 1) {
      await alice.party.service.ask(alice.id, { method: 'secret', secret: 'right' });
      await all.settle();
      await bob.party.service.answer(bob.id, 'wrong');
      await all.settle();
      await alice.party.service.dismissVerification(alice.id);
      await bob.party.service.dismissVerification(bob.id);
    }
    await bob.party.line.leave();
    const again = all.party('bob', { after: bob.party, resource: 'elsewhere' });
    const there = new Seat(again, alice.party);
    await again.line.return();
    await all.settle();
    await again.service.start(there.id);
    await all.settle();
    if (alice.view.invitation !== undefined) await alice.party.service.accept(alice.id);
    await all.settle();
    await expect(
      alice.party.service.ask(alice.id, { method: 'secret', secret: 'right' }),
    ).rejects.toMatchObject({ code: 'verification-paused' });
  });
});

describe('devices of one contact', () => {
  it.each([
    [LIMITS.instancesPerContact - 1, true],
    [LIMITS.instancesPerContact, true],
    [LIMITS.instancesPerContact + 1, false],
  ])('sec:§8 instancesPerContact: the last of %i gets a session: %s', (count, expected) => {
    const keys = { identity: own, code: toSecurityCode(own.profile.fingerprint) };
    const world = {
      env,
      ownKeys: () => keys,
      mode: () => 'compatible' as const,
      ourJid: 'alice@example.org' as BareJid,
    };
    const chat = emptyChat(1 as ConversationId, 'bob@example.org' as BareJid);
    const turn = new Turn(chat, new MemoryTimeline(), () => '' as never, 0);
    const names = many(count, (k) => `bob@example.org/${String(k)}` as FullJid);
    for (const full of names) stepDevice(world, turn, full, { tag: 'start' });
    expect(turn.device(names.at(-1) ?? ('' as FullJid)).session !== undefined).toBe(expected);
  });
});
