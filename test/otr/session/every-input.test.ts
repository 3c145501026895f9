// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { classify } from '#otr/codec/classify.ts';
import type { BodyKind, OtrMessageKind } from '#otr/codec/classify.ts';
import type { Version3Kind } from '#otr/codec/version-3.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';

import { COLUMNS, EXPECTED } from '../../support/expected-steps.ts';
import type { InputName } from '../../support/expected-steps.ts';
import { OfflineParties, Shelf } from '../../support/offline-parties.ts';
import { answeringBodies, fixedBodies, STRANGER, withTags } from '../../support/session-bodies.ts';
import { allSituations } from '../../support/session-states.ts';
import type { Situation, SituationName } from '../../support/session-states.ts';
import { identityOf } from '../../support/two-parties.ts';

const situations = allSituations();
const fixed = fixedBodies();
const offline = offlineMessage();

/** What the world may do to a session, by the tag of the input. */
const DONE = {
  start: { tag: 'start' },
  'start-offline': { tag: 'start-offline', ensemble: new Shelf('bob').publish() },
  cancel: { tag: 'cancel' },
  end: { tag: 'end' },
  tick: { tag: 'tick' },
  prepare: { tag: 'prepare' },
  send: { tag: 'send', ref: 1, text: 'text' },
  'send-plain': { tag: 'send-plain', ref: 1, text: 'text' },
  offer: { tag: 'offer' },
  'extra-keys': { tag: 'extra-keys', ref: 1, requests: [{ context: new Uint8Array(4) }] },
  'smp-start': { tag: 'smp-start', secret: 'secret' },
  'smp-answer': { tag: 'smp-answer', secret: 'secret' },
  'smp-abort': { tag: 'smp-abort' },
} as const satisfies Readonly<Record<Exclude<SessionInput['tag'], 'receive'>, SessionInput>>;

/** As Bob writes to Alice while she is away, and the prekey of hers that he used. */
function offlineMessage() {
  const shelf = new Shelf('alice');
  const ensemble = shelf.publish();
  const { bob } = new OfflineParties({ seed: 'every input' });
  bob.do({ tag: 'start-offline', ensemble });
  const prekey = shelf.find(ensemble.prekeyMessage.id);
  if (prekey === undefined) throw new RangeError('no such prekey');
  return { body: bob.takeOutbox()[0] ?? '', prekey };
}

const receive = (body: string): SessionInput => ({ tag: 'receive', body });

function inputsFor(situation: Situation): Readonly<Record<InputName, SessionInput>> {
  const bodies = { ...fixed, ...answeringBodies(situation, fixed) };
  const received = Object.entries(bodies).map(([name, body]) => [name, receive(body)] as const);
  const bobTag = identityOf('bob').profile.ownerTag;
  return {
    ...DONE,
    ...(Object.fromEntries(received) as Record<keyof typeof bodies, SessionInput>),
    'a Non-Interactive-Auth': receive(offline.body),
    'a Non-Interactive-Auth for another client': receive(withTags(offline.body, bobTag, STRANGER)),
    'a Non-Interactive-Auth with its prekey': { tag: 'receive', ...offline },
  };
}

/** Of a user who lets offers be answered, and with nothing held back for coming too often. */
function readyOf({ state }: Situation): SessionState {
  const willing = reconfigure(state, { policy: { answerOffers: true } });
  const throttle = { ...willing.throttle, lastQueryAt: -1e9, nextIdentityAt: -1e9 };
  return { ...willing, throttle };
}

const MESSAGES = { plaintext: 'P', encrypted: 'E', finished: 'F' } as const;
const EXCHANGES = { start: '', 'waiting-auth-r': 'R', 'waiting-auth-i': 'I' } as const;

const stageOf = ({ messages, dake }: SessionState) => MESSAGES[messages.tag] + EXCHANGES[dake.tag];

/** `-` for nothing at all; what is retired goes without saying. */
function summary(effects: readonly SessionEffect[]): string {
  const told = effects.filter(({ tag }) => tag !== 'retire');
  const words = told.map((effect) =>
    effect.tag === 'ignored' ? `ignored:${effect.why}` : effect.tag,
  );
  return words.join(' ') || '-';
}

const columns = COLUMNS.map((name): readonly [SituationName, Situation] => [
  name,
  situations[name],
]);

describe('the table of everything that can happen', () => {
  it('has a column for every state', () => {
    expect([...COLUMNS].toSorted()).toEqual(Object.keys(situations).toSorted());
  });

  it('has a row for every input, and for every kind of body', () => {
    const names = columns.map(([, situation]) => Object.keys(inputsFor(situation)).toSorted());
    for (const list of names) expect(list).toEqual(Object.keys(EXPECTED).toSorted());
    const kinds = columns.flatMap(([, situation]) =>
      Object.values(inputsFor(situation)).flatMap((input) =>
        input.tag === 'receive' ? [nameOf(classify(input.body))] : [],
      ),
    );
    expect([...new Set(kinds)].toSorted()).toEqual(Object.keys(KINDS).toSorted());
  });
});

/** Complete by its type: a kind more in the engine is a row more here. */
const KINDS: Readonly<Record<KindName, true>> = {
  plaintext: true,
  'whitespace-tag': true,
  query: true,
  error: true,
  fragment: true,
  foreign: true,
  identity: true,
  'auth-r': true,
  'auth-i': true,
  'non-interactive-auth': true,
  data: true,
  '3:dh-commit': true,
  '3:dh-key': true,
  '3:reveal-signature': true,
  '3:signature': true,
  '3:data': true,
  '3:fragment': true,
  '3:unknown': true,
};

type KindName =
  Exclude<BodyKind['kind'], 'message' | 'version-3'> | OtrMessageKind | `3:${Version3Kind}`;

function nameOf(kind: BodyKind): KindName {
  switch (kind.kind) {
    case 'message':
      return kind.message;
    case 'version-3':
      return `3:${kind.message}`;
    default:
      return kind.kind;
  }
}

describe.each(columns)('in the state "%s"', (name, situation) => {
  const at = COLUMNS.indexOf(name);
  const rows = Object.entries(inputsFor(situation)).map(
    ([input, value]) => [input, EXPECTED[input as InputName][at], value] as const,
  );

  it.each(rows)('%s leads to "%s"', (_, expected, input) => {
    const ready = readyOf(situation);
    const { next, effects } = step(ready, input, situation.env);
    expect(`${next === ready ? '=' : stageOf(next)} ${summary(effects)}`).toBe(expected);
    // What is not used is not kept either, but for what waits for more of it.
    const isIgnored = effects.some(({ tag }) => tag === 'ignored');
    if (isIgnored) expect([next.messages, next.dake]).toEqual([ready.messages, ready.dake]);
  });
});
