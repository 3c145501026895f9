// SPDX-License-Identifier: GPL-3.0-or-later

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { classify } from '#otr/codec/classify.ts';
import { findError } from '#otr/codec/error-message.ts';
import { formatFragment, parseFragment } from '#otr/codec/fragment.ts';
import { findQuery } from '#otr/codec/query.ts';
import { addFragment, NO_FRAGMENTS, type Reassembly } from '#otr/codec/reassembly.ts';
import { addWhitespaceTag, findWhitespaceTag } from '#otr/codec/whitespace-tag.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatFingerprint, parseFingerprint } from '#otr/profile/fingerprint.ts';
import { ALICE, otherBodies, realMessages } from '../messages.ts';
import { BODY_SEPARATOR } from '../mutate-text.ts';
import { asText, expectThat, refusal, type Input, type TargetPlan } from '../target.ts';

function encodedBodies(): readonly string[] {
  const { identities, authR, authI, data } = realMessages();
  return [...identities, authR, authI, ...data];
}

function allBodies(): readonly string[] {
  return [...encodedBodies(), ...otherBodies()];
}

const FRAGMENT_NAMES = /^\?OTR\|[0-9a-f]{8}\|[0-9a-f]{8}\|[0-9a-f]{8},\d{5},\d{5},/;

function tryArmor(input: Input): string {
  const text = asText(input);
  try {
    const bytes = parseArmor(text);
    expectThat(formatArmor(bytes) === text, 'two-spellings', 'armour');
    expectThat(bytes.length <= LIMITS.messageBytes, 'growth', 'armour');
    return 'read';
  } catch (cause) {
    return refusal(cause);
  }
}

function tryFragment(input: Input): string {
  const text = asText(input);
  try {
    const fragment = parseFragment(text);
    const again = formatFragment(fragment);
    if (FRAGMENT_NAMES.test(text)) expectThat(again === text, 'two-spellings', 'fragment');
    expectThat(formatFragment(parseFragment(again)) === again, 'two-spellings', 'fragment');
    expectThat(fragment.index >= 1 && fragment.index <= fragment.total, 'forgery', 'index');
    return 'read';
  } catch (cause) {
    return refusal(cause);
  }
}

/** Fragments one after the other, as one full address might send them. */
function tryReassembly(input: Input): string {
  let state: Reassembly = NO_FRAGMENTS;
  const tags = new Set<string>();
  for (const [at, body] of asText(input).split(BODY_SEPARATOR).entries()) {
    try {
      const step = addFragment(state, parseFragment(body), at);
      tags.add(step.tag);
      if (step.tag === 'complete') parseArmor(step.message);
      state = step.next;
    } catch (cause) {
      tags.add(refusal(cause));
    }
    const chars = state.buffers.reduce((sum, buffer) => sum + buffer.chars, 0);
    expectThat(state.buffers.length <= LIMITS.fragmentBuffersPerSender, 'growth', 'buffers');
    expectThat(chars <= LIMITS.fragmentBytesPerSender, 'growth', 'characters');
  }
  return [...tags].sort().join(' ');
}

/** One class for each body, and text without a tag stays the text it was. */
function tryClassify(input: Input): string {
  const body = asText(input);
  const kind = classify(body);
  const tag = findWhitespaceTag(body);
  const error = findError(body);
  const query = findQuery(body);
  if (tag !== undefined) {
    expectThat(body.length - tag.text.length >= 16, 'two-spellings', 'tag shorter than a tag');
    const around = body.startsWith(tag.text.slice(0, body.indexOf(' \t')));
    expectThat(around, 'two-spellings', 'the text before a tag changed');
  }
  if (kind.kind === 'plaintext') {
    const isPlain = tag === undefined && error === undefined && query === undefined;
    expectThat(isPlain, 'two-spellings', 'plaintext that is also something else');
  }
  const tagged = findWhitespaceTag(addWhitespaceTag('x'));
  expectThat(tagged?.text === 'x' && tagged.versions === '4', 'two-spellings', 'own tag');
  return kind.kind === 'message' ? `message ${kind.message}` : kind.kind;
}

function tryFingerprint(input: Input): string {
  const text = asText(input);
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) return 'refused';
  const again = formatFingerprint(fingerprint);
  const digits = text.replaceAll(' ', '').toUpperCase();
  expectThat(again.replaceAll(' ', '') === digits, 'two-spellings', 'fingerprint');
  expectThat(
    equalBytes(parseFingerprint(again) ?? new Uint8Array(0), fingerprint),
    'two-spellings',
    'fingerprint',
  );
  return 'read';
}

const TEXT = { boundMs: 25, batch: 1000 } as const;

export const TEXT_TARGETS: readonly TargetPlan[] = [
  {
    ...TEXT,
    name: 'armor',
    tries: ['parseArmor'],
    make: () => ({ seeds: encodedBodies(), attempt: tryArmor }),
  },
  {
    ...TEXT,
    name: 'fragment',
    tries: ['parseFragment', 'validatePlace'],
    make: () => ({
      seeds: otherBodies().filter((body) => body.startsWith('?OTR|')),
      attempt: tryFragment,
    }),
  },
  {
    ...TEXT,
    name: 'reassembly',
    tries: [],
    make: () => ({
      seeds: [...otherBodies().filter((body) => body.startsWith('?OTR|')), ...encodedBodies()],
      attempt: tryReassembly,
      isSequence: true,
    }),
  },
  {
    ...TEXT,
    name: 'classify',
    tries: [
      'classify',
      'findQuery',
      'findWhitespaceTag',
      'findError',
      'peekVersion3',
      'peekVersion3Fragment',
    ],
    make: () => ({ seeds: allBodies(), attempt: tryClassify }),
  },
  {
    ...TEXT,
    name: 'fingerprint',
    tries: ['parseFingerprint', 'parseFingerprintDigits', 'parseHex'],
    make: () => ({
      seeds: [
        formatFingerprint(ALICE.fingerprint),
        formatFingerprint(ALICE.fingerprint).toLowerCase(),
      ],
      attempt: tryFingerprint,
    }),
  },
];
