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
  /** The Identity message of Bob's that she answered last. */
  readonly answered?: string | undefined;
  /** The last data message of Bob's that she read. */
  readonly read?: string | undefined;
}

export type SituationName =
  | 'plaintext'
  | 'waiting-auth-r'
  | 'waiting-auth-i'
  | 'encrypted'
  | 'encrypted, refreshing'
  | 'encrypted, answering a refresh'
  | 'finished';

type Trace = Partial<Pick<Situation, 'answered' | 'read'>>;

interface Begun {
  readonly parties: TwoParties;
  readonly trace: Trace;
}

function situation({ parties, trace: { answered, read } }: Begun): Situation {
  const { alice, bob } = parties;
  const sent = alice.takeOutbox();
  return { state: alice.state, env: alice.env, bob, parties, sent, answered, read };
}

const fresh = (): Begun => ({ parties: new TwoParties(), trace: {} });

function established(): Begun {
  const parties = new TwoParties({ seed: 'situations' });
  const { alice, bob } = parties;
  bob.do({ tag: 'start' });
  const [answered] = bob.outbox;
  parties.settle();
  bob.send('hello');
  const [read] = bob.outbox;
  parties.settle();
  alice.send('hello back');
  parties.settle();
  return { parties, trace: { answered, read } };
}

function answering({ parties, trace }: Begun): Situation {
  parties.bob.do({ tag: 'start' });
  const [answered = ''] = parties.bob.takeOutbox();
  parties.alice.receive(answered);
  return situation({ parties, trace: { ...trace, answered } });
}

function starting(begun: Begun): Situation {
  begun.parties.alice.do({ tag: 'start' });
  return situation(begun);
}

function finished(): Situation {
  const begun = established();
  begun.parties.bob.do({ tag: 'end' });
  begun.parties.settle();
  return situation(begun);
}

/** How Alice comes into each state there is. */
export const SITUATIONS: Readonly<Record<SituationName, () => Situation>> = {
  plaintext: () => situation(fresh()),
  'waiting-auth-r': () => starting(fresh()),
  'waiting-auth-i': () => answering(fresh()),
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
