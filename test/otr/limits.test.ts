// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import {
  decodeClientProfile,
  encodeClientProfile,
  encodeProfileFields,
} from '#otr/codec/client-profile.ts';
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
} from '#otr/codec/data-message.ts';
import type { Ciphertext } from '#otr/codec/data-message.ts';
import { formatFragment, parseFragment } from '#otr/codec/fragment.ts';
import type { Fragment } from '#otr/codec/fragment.ts';
import { addFragment, NO_FRAGMENTS } from '#otr/codec/reassembly.ts';
import type { Reassembly, ReassemblyStep } from '#otr/codec/reassembly.ts';
import { decodePlaintext, encodePlaintext } from '#otr/codec/tlv.ts';
import { BASE_POINT } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';
import { addPrekeyFragment } from '#otr/prekey/fragment.ts';
import { decodeDake3, encodeDake3 } from '#otr/prekey/message/dake-3.ts';
import { decodeEnsembleQuery, encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { decodeNoEnsembles, encodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import { signClientProfile, validatePublishedProfile } from '#otr/profile/client-profile.ts';
import { evictSkipped } from '#otr/ratchet/skipped-keys.ts';
import type { SkippedKey } from '#otr/ratchet/skipped-keys.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import { completePolicy } from '#otr/session/policy.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';
import { admitErrorReply, admitIdentity, admitQuery, NO_THROTTLE } from '#otr/session/throttle.ts';
import type { Throttle } from '#otr/session/throttle.ts';
import { unfinishedOf } from '#otr/session/unfinished.ts';

import { KNOWN_TAGS } from '../support/known-parties.ts';
import { ratchetPair } from '../support/ratchet-pair.ts';
import { SITUATIONS } from '../support/session-states.ts';
import { Clock, clockedEnv, identityOf, TwoParties } from '../support/two-parties.ts';

type Limit = keyof typeof LIMITS;

/** One below, at and above the limit: whether it is still within. */
interface Probe {
  readonly isWithin: (amount: number) => boolean;
  /** `[true, true, false]` for what may be as much as the limit. */
  readonly expected: readonly [boolean, boolean, boolean];
  /** What one less and one more is. */
  readonly unit?: number;
}

const upTo = (isWithin: Probe['isWithin'], unit = 1): Probe => ({
  isWithin,
  expected: [true, true, false],
  unit,
});

/** A time after which something may happen again, or is over. */
const from = (isAllowed: Probe['isWithin']): Probe => ({
  isWithin: isAllowed,
  expected: [false, true, true],
});

function accepts(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (cause) {
    if (cause instanceof OtrError) return false;
    throw cause;
  }
}

const route = { senderTag: KNOWN_TAGS.bob, receiverTag: KNOWN_TAGS.alice };
const env = clockedEnv('limits', new Clock());
const noBytes = new Uint8Array(0);

function piece(change: Partial<Fragment>): Fragment {
  return { ...route, identifier: 1, index: 1, total: 2, piece: 'A', ...change };
}

/** How many unfinished messages are kept of so many. */
function keptOf(count: number): number {
  let state: Reassembly = NO_FRAGMENTS;
  for (let identifier = 0; identifier < count; identifier += 1) {
    state = addFragment(state, piece({ identifier }), 0).next;
  }
  return state.buffers.length;
}

/** Eight pieces of one message, of so many characters in all. */
function addChars(chars: number): ReassemblyStep['tag'] {
  const size = Math.floor(chars / 8);
  let [state, tag]: [Reassembly, ReassemblyStep['tag']] = [NO_FRAGMENTS, 'waiting'];
  for (let index = 1; index <= 8; index += 1) {
    const length = index === 8 ? chars - 7 * size : size;
    const added = addFragment(state, piece({ index, total: 9, piece: 'A'.repeat(length) }), 0);
    [state, tag] = [added.next, added.tag];
  }
  return tag;
}

const skippedKey = (chain: number, messageId: number): SkippedKey => ({
  ecdh: BASE_POINT.map((octet, at) => (at < 2 ? chain >> (8 * at) : octet)) as typeof BASE_POINT,
  messageId,
  messageKey: Secret.own<64>(new Uint8Array(64), 64),
  extraKey: Secret.own<64>(new Uint8Array(64), 64),
  storedAt: 0,
});

const many = <T>(count: number, make: (k: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, k) => make(k));

/** From Bob's live session to Alice's. */
const liveRoute = {
  senderTag: identityOf('bob').profile.ownerTag,
  receiverTag: identityOf('alice').profile.ownerTag,
};

/** An early data message of so many bytes in all. */
function dataOf(bytes: number): string {
  const header = { previousChainLength: 0, ratchetId: 0, messageId: 0, dhPublic: 2n };
  const make = (length: number): Uint8Array => {
    const ciphertext = new Uint8Array(length).fill(length % 251) as Ciphertext;
    const content = { ...liveRoute, ...header, ignoreUnreadable: true, ecdhPublic: BASE_POINT };
    return encodeDataMessage(
      encodeDataSections({ ...content, ciphertext }),
      new Uint8Array(64),
      [],
    );
  };
  const bare = make(0).length;
  return formatArmor(make(bytes - bare));
}

function keepsEarly(bytes: number): boolean {
  const { state, env: alice } = SITUATIONS['waiting-auth-i']();
  const half = Math.floor(bytes / 2) - 7;
  const first = step(state, { tag: 'receive', body: dataOf(half) }, alice);
  const second = step(first.next, { tag: 'receive', body: dataOf(bytes - half) }, alice);
  return second.next.early.length === 2;
}

const NO_SECTIONS = {
  ...route,
  ignoreUnreadable: false,
  previousChainLength: 0,
  ratchetId: 1,
  messageId: 0,
  ecdhPublic: BASE_POINT,
  dhPublic: undefined,
  ciphertext: noBytes as Ciphertext,
};

function admitsAll(count: number): boolean {
  let throttle: Throttle | undefined = NO_THROTTLE;
  for (let k = 0; k < count; k += 1) throttle = throttle && admitIdentity(throttle, 0);
  return throttle !== undefined;
}

function admitsAfterBurst(ms: number): boolean {
  let throttle: Throttle | undefined = NO_THROTTLE;
  for (let k = 0; k < LIMITS.identityBurst; k += 1)
    throttle = throttle && admitIdentity(throttle, 0);
  return throttle !== undefined && admitIdentity(throttle, ms) !== undefined;
}

function profileWith(versions: string): Uint8Array {
  const { ownerTag, publicKey, forgingKey, expiresAt } = identityOf('alice').profile;
  const fields = encodeProfileFields({ ownerTag, publicKey, forgingKey, versions, expiresAt });
  return encodeClientProfile(fields, new Uint8Array(114));
}

function lasts(ms: number): boolean {
  const { longTermKey, profile } = identityOf('alice');
  const { ownerTag, forgingKey } = profile;
  const raw = signClientProfile({ ownerTag, longTermKey, forgingKey }, env.nowMs() + ms).raw;
  return accepts(() => validatePublishedProfile(raw, ownerTag, env.nowMs()));
}

/** Whether a key exchange beside a live session is still under way after so long. */
function refreshes(ms: number): boolean {
  const { state, env: alice, parties } = SITUATIONS['encrypted, refreshing']();
  parties.clock.pass(ms);
  return step(state, { tag: 'tick' }, alice).next.dake.tag !== 'start';
}

function beats(ms: number): boolean {
  const parties = TwoParties.established({ seed: 'beats' });
  parties.bob.send('first');
  parties.settle();
  parties.alice.send('heard');
  parties.settle();
  parties.clock.pass(ms);
  parties.bob.send('again');
  for (const body of parties.bob.takeOutbox()) parties.alice.receive(body);
  return parties.alice.takeOutbox().length > 0;
}

const PROBES: Partial<Record<Limit, Probe>> = {
  messageBytes: upTo((bytes) => accepts(() => parseArmor(formatArmor(new Uint8Array(bytes))))),
  plaintextBytes: upTo((bytes) => {
    const { state, env: alice } = SITUATIONS.finished();
    const { effects } = step(state, { tag: 'send', ref: 1, text: 'x'.repeat(bytes) }, alice);
    return effects.every((effect) => effect.tag === 'refused' && effect.why !== 'too-long');
  }),
  fragmentInChars: upTo((chars) => {
    const around = '?OTR|1|100|200,1,2,,';
    const filled = 'A'.repeat(chars - around.length);
    return accepts(() => parseFragment(`?OTR|1|100|200,1,2,${filled},`));
  }),
  fragmentPieces: upTo((total) => accepts(() => parseFragment(`?OTR|1|100|200,1,${total},A,`))),
  fragmentBuffersPerSender: upTo((count) => keptOf(count) === count),
  fragmentBuffersPerStranger: upTo((count) => {
    const { state, env: alice } = SITUATIONS.finished();
    const stranger = reconfigure(state, { policy: { peer: 'stranger' } });
    const kept = many(count, (identifier) => piece({ ...liveRoute, identifier })).reduce(
      (at, fragment) => step(at, { tag: 'receive', body: formatFragment(fragment) }, alice).next,
      stranger,
    );
    return unfinishedOf(kept).messages === count;
  }),
  fragmentOutMaxChars: upTo(
    (chars) => completePolicy({ maxBodyLength: chars }).maxBodyLength === chars,
  ),
  sessionIdleMinMs: from((ms) => completePolicy({ expireAfterMs: ms }).expireAfterMs === ms),
  fragmentBytesPerSender: upTo((chars) => addChars(chars) === 'waiting'),
  fragmentLifetimeMs: {
    isWithin: (ms) => {
      const first = addFragment(NO_FRAGMENTS, piece({ identifier: 1 }), 0);
      return addFragment(first.next, piece({ identifier: 2 }), ms).next.buffers.length === 2;
    },
    expected: [true, false, false],
  },
  skipPerRatchet: upTo((missing) => {
    const { alice, bob } = ratchetPair();
    const messages = many(missing + 1, (k) => bob.say(k.toString()));
    return alice.hear(messages.at(-1) ?? noBytes) === missing.toString();
  }),
  skippedKeys: upTo((count) => {
    const keys = many(count, (k) => skippedKey(0, k));
    return evictSkipped(keys, RATCHET_LIMITS).evicted.length === 0;
  }),
  skippedChains: upTo((count) => {
    const keys = many(count, (k) => skippedKey(k, 0));
    return evictSkipped(keys, RATCHET_LIMITS).evicted.length === 0;
  }),
  earlyBytes: upTo(keepsEarly),
  outgoingQueue: upTo((count) => {
    const { state, env: alice } = SITUATIONS['waiting-auth-r']();
    const held = many(count, (k) => k).reduce(
      (at, ref) => step(at, { tag: 'send', ref, text: 'held' }, alice).next,
      state,
    );
    return held.held.length === count;
  }),
  identityBurst: upTo(admitsAll),
  identityIntervalMs: from(admitsAfterBurst),
  dakeTimeoutMs: { isWithin: refreshes, expected: [true, false, false] },
  errorReplyIntervalMs: from((ms) => {
    const told = admitErrorReply(NO_THROTTLE, 0);
    return told !== undefined && admitErrorReply(told, ms) !== undefined;
  }),
  queryIntervalMs: from((ms) => {
    const answered = admitQuery(NO_THROTTLE, 0);
    return answered !== undefined && admitQuery(answered, ms) !== undefined;
  }),
  heartbeatIntervalMs: from(beats),
  tlvs: upTo((count) => {
    const tlvs = many(count, () => ({ type: 0x99, value: noBytes }));
    return decodePlaintext(encodePlaintext({ text: '', tlvs })).tlvs.length === count;
  }),
  oldMacKeysBytes: upTo((bytes) => {
    const keys = [new Uint8Array(bytes)];
    const sections = encodeDataSections(NO_SECTIONS);
    return accepts(() => decodeDataMessage(encodeDataMessage(sections, new Uint8Array(64), keys)));
  }, 64),
  profileVersionsChars: upTo((count) =>
    accepts(() => decodeClientProfile(profileWith('4'.repeat(count)))),
  ),
  profileLifetimeMs: upTo(lasts, 1000),
  smpQuestionChars: upTo((count) => {
    const { state, env: alice } = SITUATIONS.encrypted();
    const question = 'x'.repeat(count);
    const { effects } = step(state, { tag: 'smp-start', secret: 'any', question }, alice);
    return effects.every(({ tag }) => tag !== 'smp-unavailable');
  }),
  jidBytes: upTo((bytes) => {
    const identity = new Uint8Array(bytes).fill(0x61);
    const message = { senderTag: route.senderTag, identity, versions: Uint8Array.of(0x34) };
    return accepts(() => decodeEnsembleQuery(encodeEnsembleQuery(message)));
  }),
  prekeyTextBytes: upTo((bytes) => {
    const message = { receiverTag: route.receiverTag, identity: noBytes };
    const encoded = encodeNoEnsembles({ ...message, text: new Uint8Array(bytes) });
    return accepts(() => decodeNoEnsembles(encoded));
  }),
  prekeyMessageBytes: upTo((bytes) => {
    const message = { senderTag: route.senderTag, sigma: new Uint8Array(342) };
    const encoded = encodeDake3({ ...message, message: new Uint8Array(bytes) });
    return accepts(() => decodeDake3(encoded));
  }),
  prekeyFragmentBuffers: upTo((count) => {
    let state: Reassembly = NO_FRAGMENTS;
    for (let identifier = 0; identifier < count; identifier += 1) {
      const fragment = { identifier, senderTag: 0, receiverTag: 0, index: 1, total: 2, piece: 'A' };
      state = addPrekeyFragment(state, fragment, 0).next;
    }
    return state.buffers.length === count;
  }),
};

const PREKEY = 'test/otr/prekey';
const SESSION = 'test/otr/session';

/** Limits whose edge is looked at where the thing itself is tested. */
const ELSEWHERE: Partial<Record<Limit, string>> = {
  skippedKeyLifetimeMs: `${SESSION}/lifecycle.test.ts`,
  earlyMessages: `${SESSION}/refresh.test.ts`,
  earlyLifetimeMs: `${SESSION}/offline.test.ts`,
  preparedKeysLifetimeMs: `${SESSION}/preparing.test.ts`,
  alwaysEncryptedAnswerMs: `${SESSION}/modes.test.ts`,
  ensembles: 'test/otr/profile/ensemble.test.ts',
  extraSymmetricKeys: `${SESSION}/extra-keys.test.ts`,
  extraKeyValuesBytes: `${SESSION}/extra-keys.test.ts`,
  profileBytes: 'test/otr/profile/client-profile.test.ts',
  ownProfileGraceMs: 'test/otr/profile/publication.test.ts',
  prekeyBodyChars: `${PREKEY}/fragments.test.ts`,
  prekeyFragmentPieces: `${PREKEY}/fragments.test.ts`,
  prekeyFragmentLifetimeMs: `${PREKEY}/fragments.test.ts`,
  prekeyFragmentSenders: `${PREKEY}/fragments.test.ts`,
  prekeyAnswerTimeoutMs: `${PREKEY}/client.test.ts`,
  prekeyRequestsWaiting: `${PREKEY}/client.test.ts`,
  prekeyQueriesOpen: `${PREKEY}/retrieval.test.ts`,
  prekeyQueryIntervalMs: `${PREKEY}/retrieval.test.ts`,
  spareEnsembles: `${PREKEY}/retrieval.test.ts`,
  prekeyDevices: `${PREKEY}/shelves.test.ts`,
  prekeySessions: `${PREKEY}/limits.test.ts`,
  prekeySessionsPerAccount: `${PREKEY}/limits.test.ts`,
  prekeySessionLifetimeMs: `${PREKEY}/limits.test.ts`,
  consumedPrekeyMarginMs: `${PREKEY}/shelves.test.ts`,
  smpAnswerTimeoutMs: 'test/otr/smp/machine.test.ts',
  sessionIdleMs: `${SESSION}/offline.test.ts`,
  sessionIdleMaxMs: `${SESSION}/offline.test.ts`,
};

/** Numbers that are compared under another name, or that no peer can reach. */
const BY_NAME: Partial<Record<Limit, string>> = {
  fragmentOutChars: 'a default of the policy: test/otr/session/fragments.test.ts',
  dsaOrderBits: 'sizes of keys: test/otr/crypto/dsa.test.ts',
  dsaModulusMinBits: 'sizes of keys: test/otr/crypto/dsa.test.ts',
  dsaModulusMaxBits: 'sizes of keys: test/otr/crypto/dsa.test.ts',
  ownProfileLifetimeMs: 'our own profile: test/otr/profile/client-profile.test.ts',
  prekeysTarget: 'our own plan: test/otr/prekey/schedule.test.ts',
  prekeysLow: 'our own plan: test/otr/prekey/schedule.test.ts',
  prekeysPerPublication: 'our own plan: test/otr/prekey/schedule.test.ts',
  prekeysOutstanding: 'our own plan: test/otr/prekey/schedule.test.ts',
  prekeysStored: 'rules of the shelf: test/otr/prekey/shelves.test.ts',
  prekeyRateEntries: 'the table of rates: test/otr/prekey/limits.test.ts',
};

/** For whoever holds several sessions: test/conversation/limits.test.ts. */
const OUTSIDE: readonly Limit[] = [
  'fragmentBuffersTotal',
  'fragmentBytesTotal',
  'instancesPerContact',
  'smpFailures',
  'smpFailureWindowMs',
  'smpFailurePauseMs',
  'smpCheatPauseMs',
  'smpGuards',
];

const limits = Object.keys(LIMITS) as Limit[];

describe('every limit', () => {
  it.each(Object.entries(PROBES) as [Limit, Probe][])(
    'sec:§8 %s holds one below it, at it and one above it',
    (limit, { isWithin, expected, unit = 1 }) => {
      const amount = LIMITS[limit];
      const found = [amount - unit, amount, amount + unit].map(isWithin);
      expect(found).toEqual(expected);
    },
  );

  it.each(Object.entries(ELSEWHERE))('%s is looked at in %s', (limit, file) => {
    expect(readFileSync(file, 'utf8')).toContain(`LIMITS.${limit}`);
  });

  it('is looked at somewhere, or belongs to somebody else, and only one of the two', () => {
    const places = [PROBES, ELSEWHERE, BY_NAME].flatMap((table) => Object.keys(table));
    expect([...places, ...OUTSIDE].toSorted()).toEqual(limits.toSorted());
  });
});
