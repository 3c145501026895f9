// SPDX-License-Identifier: GPL-3.0-or-later

import { formatArmor } from '#otr/codec/armor.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';
import { Shelf } from '../../test/support/offline-parties.ts';
import { SITUATIONS, type Situation } from '../../test/support/session-states.ts';
import { TwoParties } from '../../test/support/two-parties.ts';
import { addressed, otherBodies, realMessages } from './messages.ts';
import { BODY_SEPARATOR } from './mutate-text.ts';
import { offlineMessages } from './offline.ts';

/** Alice in some state, and what anybody might send her there. */
export interface Stage {
  readonly state: SessionState;
  /** What Bob really sends next: alone in this list is what may change keys. */
  readonly genuine: readonly string[];
  readonly others: readonly string[];
  /** Alice's prekeys, handed over when they are asked for. */
  readonly shelf: Shelf;
}

/** How Bob would begin, were Alice away, with what he writes then. */
function genuineOffline({ bob }: Situation, shelf: Shelf): readonly string[] {
  const begun = step(bob.state, { tag: 'start-offline', ensemble: shelf.publish() }, bob.env);
  const written = step(begun.next, { tag: 'send', ref: 1, text: 'while away' }, bob.env);
  return [...begun.effects, ...written.effects].flatMap((effect) =>
    effect.tag === 'transmit' ? effect.bodies : [],
  );
}

/** Bodies that Bob's client sends from here on, whatever happens to be possible. */
function genuineFrom(situation: Situation, shelf: Shelf): readonly string[] {
  const { bob, sent } = situation;
  const bodies = [...genuineOffline(situation, shelf)];
  const collect = (): void => {
    bodies.push(...bob.takeOutbox());
  };
  collect();
  bob.send('before');
  for (const body of sent) bob.receive(body);
  collect();
  for (const text of ['one', 'two', 'three'.repeat(200)]) bob.send(text);
  bob.do({ tag: 'smp-start', secret: 'same', question: 'which?' });
  collect();
  bob.do({ tag: 'end' });
  bob.do({ tag: 'start' });
  collect();
  return bodies;
}

/** Messages of another session of the same two, and everything that is no encoded message. */
function othersFor(): readonly string[] {
  const { identities, authR, authI, data } = realMessages('another time');
  return [
    ...identities.map((body) => addressed(body)),
    ...[authR, authI, ...data].map((body) => addressed(body)),
    addressed(formatArmor(offlineMessages().auth)),
    ...otherBodies(),
  ];
}

type Variant = (situation: Situation) => Situation;

const asIs: Variant = (situation) => situation;

const offering: Variant = (situation) => ({
  ...situation,
  state: reconfigure(situation.state, { policy: { answerOffers: true } }),
});

const asking: Variant = (situation) => ({
  ...situation,
  state: reconfigure(situation.state, { policy: { invitations: 'ask' } }),
});

/** A live session with keys of missing messages, and with a comparison under way on both sides. */
function withGaps(): Situation {
  const parties = TwoParties.established({ seed: 'gaps' });
  const { alice, bob } = parties;
  for (let turn = 0; turn < 3; turn += 1) {
    for (const text of ['lost', 'lost too', 'read']) bob.send(`${text} ${turn.toString()}`);
    const [, , read = ''] = bob.takeOutbox();
    alice.receive(read);
    alice.send('heard');
    for (const body of alice.takeOutbox()) bob.receive(body);
  }
  return { state: alice.state, env: alice.env, bob, parties, sent: [] };
}

const MADE: Readonly<Record<string, () => Situation>> = {
  ...SITUATIONS,
  'encrypted, with gaps': withGaps,
};

/** Says as much in clear as its policies permit, and answers whatever may be answered. */
const talkative: Variant = (situation) => {
  const policy = { answerOffers: true, offerOnError: true, tagPlainText: true } as const;
  return { ...situation, state: reconfigure(situation.state, { policy }) };
};

const VARIANTS: readonly (readonly [string, string, Variant])[] = [
  ['plaintext, answering offers', 'plaintext', offering],
  ['encrypted, answering offers', 'encrypted', offering],
  ['plaintext, asking first', 'plaintext', asking],
  ['finished, asking first', 'finished', asking],
  ['plaintext, talkative', 'plaintext', talkative],
];

/** Every state of a session, and some more under other policies. */
export const STAGE_NAMES: readonly string[] = [
  ...Object.keys(MADE),
  ...VARIANTS.map(([name]) => name),
];

function situationNamed(name: string): Situation {
  const [, base = name, vary = asIs] = VARIANTS.find(([variant]) => variant === name) ?? [];
  const make = MADE[base];
  if (make === undefined) throw new RangeError(`no situation named ${name}`);
  return vary(make());
}

export function stageNamed(name: string): Stage {
  const situation = situationNamed(name);
  const { state } = situation;
  const shelf = new Shelf('alice');
  return { state, genuine: genuineFrom(situation, shelf), others: othersFor(), shelf };
}

/** All of it, each alone, and what is genuine also in one sequence. */
export function seedsOf({ genuine, others }: Stage): readonly string[] {
  const inOneGo = genuine.slice(0, 6).join(BODY_SEPARATOR);
  return [...genuine, inOneGo, ...others];
}
