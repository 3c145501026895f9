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
  return { state: alice.state, env: alice.env, bob, parties };
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
  parties.alice.takeOutbox();
  return situation(parties);
}

function starting(parties: TwoParties): Situation {
  parties.alice.do({ tag: 'start' });
  parties.alice.takeOutbox();
  return situation(parties);
}

function finished(): Situation {
  const parties = established();
  parties.bob.do({ tag: 'end' });
  parties.settle();
  return situation(parties);
}

/** Alice in every state there is. Slow to make: once for each test file. */
export function allSituations(): Readonly<Record<SituationName, Situation>> {
  return {
    plaintext: situation(new TwoParties()),
    'waiting-auth-r': starting(new TwoParties()),
    'waiting-auth-i': answering(new TwoParties()),
    encrypted: situation(established()),
    'encrypted, refreshing': starting(established()),
    'encrypted, answering a refresh': answering(established()),
    finished: finished(),
  };
}
