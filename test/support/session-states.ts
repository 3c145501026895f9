// SPDX-License-Identifier: GPL-3.0-or-later
import type { Env } from '#otr/env.ts';
import type { SessionState } from '#otr/session/state.ts';

import { TwoParties } from './two-parties.ts';
import type { Party } from './two-parties.ts';

/** A state Alice may be in, what she steps with, and the peer and messages it came about by. */
export interface Situation {
  readonly state: SessionState;
  readonly env: Env;
  readonly bob: Party;
  readonly parties: TwoParties;
  /** What Alice sent last to come into this state, and Bob has not received. */
  readonly sent: readonly string[];
}

export type SituationName =
  | 'plaintext'
  | 'waiting-auth-r'
  | 'waiting-auth-i'
  | 'encrypted'
  | 'encrypted, refreshing'
  | 'encrypted, answering a refresh'
  | 'finished';

function situation(parties: TwoParties): Situation {
  const { alice, bob } = parties;
  const sent = alice.takeOutbox();
  return { state: alice.state, env: alice.env, bob, parties, sent };
}

function established(): TwoParties {
  const parties = TwoParties.established({ seed: 'situations' });
  parties.bob.send('hello');
  parties.settle();
  parties.alice.send('hello back');
  parties.settle();
  return parties;
}

function answering(parties: TwoParties): Situation {
  parties.bob.do({ tag: 'start' });
  for (const body of parties.bob.takeOutbox()) parties.alice.receive(body);
  return situation(parties);
}

function starting(parties: TwoParties): Situation {
  parties.alice.do({ tag: 'start' });
  return situation(parties);
}

function finished(): Situation {
  const parties = established();
  parties.bob.do({ tag: 'end' });
  parties.settle();
  return situation(parties);
}

/** How Alice comes into each state there is. */
export const SITUATIONS: Readonly<Record<SituationName, () => Situation>> = {
  plaintext: () => situation(new TwoParties()),
  'waiting-auth-r': () => starting(new TwoParties()),
  'waiting-auth-i': () => answering(new TwoParties()),
  encrypted: () => situation(established()),
  'encrypted, refreshing': () => starting(established()),
  'encrypted, answering a refresh': () => answering(established()),
  finished,
};

/** Alice in every state there is. Slow to make: once for each test file. */
export function allSituations(): Readonly<Record<SituationName, Situation>> {
  const made = Object.entries(SITUATIONS).map(([name, make]) => [name, make()] as const);
  return Object.fromEntries(made) as Record<SituationName, Situation>;
}
