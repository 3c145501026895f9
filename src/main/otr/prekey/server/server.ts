// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "State Machine": the server's end. It knows no stanza and no database: what it needs
// of them are effects, and their answers go through `replies.ts`.

import type { Secret } from '../../crypto/secret.ts';
import type { Env } from '../../env.ts';
import { tryRead } from '../../errors.ts';
import { parsePrekeyArmor } from '../armor.ts';
import { peekPrekeyType, PREKEY_TYPE } from '../message/header.ts';
import { receiveDake1, receiveDake3 } from './dake.ts';
import {
  assemblePrekeyBody,
  dropLateFragments,
  nextLateFragmentAt,
  NO_FRAGMENT_SENDERS,
} from './fragments.ts';
import { NO_RATES } from './rates.ts';
import { receiveQuery } from './retrieval.ts';
import { dropLateSessions, nextLateSessionAt, NO_SESSIONS } from './sessions.ts';
import { ignoreAtServer } from './state.ts';
import type {
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerInput,
  PrekeyServerStep,
} from './state.ts';

export function createPrekeyServer(context: PrekeyServerContext): PrekeyServer {
  return { context, sessions: NO_SESSIONS, rates: NO_RATES, fragments: NO_FRAGMENT_SENDERS };
}

/**
 * Advances the server by one input. Pure, as every machine of the engine; never throws because of
 * what anyone sent. Sessions of different accounts share nothing but the limits on their number, so
 * that several servers may each serve some of the accounts.
 *
 * @see Prekey Server "State Machine"
 */
export function stepPrekeyServer(
  server: PrekeyServer,
  input: PrekeyServerInput,
  env: Env,
): PrekeyServerStep {
  switch (input.tag) {
    case 'receive':
      return receive(server, input, env);
    case 'tick':
      return tick(server, env);
  }
}

/** Everything secret that belongs to the server's sessions. */
export function prekeyServerSecrets({ sessions }: PrekeyServer): readonly Secret[] {
  return [...sessions.values()].map(({ secret }) => secret);
}

type ReceiveInput = Extract<PrekeyServerInput, { tag: 'receive' }>;

function receive(server: PrekeyServer, input: ReceiveInput, env: Env): PrekeyServerStep {
  // Two servers that answer each other would never stop.
  if (input.from === server.context.serverJid) return ignoreAtServer(server, 'not-allowed');
  const { fragments } = server;
  const assembled = assemblePrekeyBody(fragments, input.from, input.body, env.monotonicMs());
  const kept: PrekeyServer =
    assembled.next === fragments ? server : { ...server, fragments: assembled.next };
  switch (assembled.tag) {
    case 'malformed':
      return ignoreAtServer(kept, 'malformed');
    case 'waiting':
    case 'rejected':
      return ignoreAtServer(kept, 'fragment');
    case 'whole': {
      const { body } = assembled;
      const handled = tryRead(() => receiveMessage(kept, { ...input, body }, env));
      return handled ?? ignoreAtServer(kept, 'malformed');
    }
  }
}

/** Publications and storage requests count inside DAKE-3 only: here nobody has vouched for them. */
function receiveMessage(
  server: PrekeyServer,
  { from, body }: ReceiveInput,
  env: Env,
): PrekeyServerStep {
  const bytes = parsePrekeyArmor(body);
  switch (peekPrekeyType(bytes)) {
    case PREKEY_TYPE.dake1:
      return receiveDake1(server, from, bytes, env);
    case PREKEY_TYPE.dake3:
      return receiveDake3(server, from, bytes, env);
    case PREKEY_TYPE.ensembleQuery:
      return receiveQuery(server, from, bytes, env);
    default:
      return ignoreAtServer(server, 'unexpected');
  }
}

/** Forgets what is overdue. */
function tick(server: PrekeyServer, env: Env): PrekeyServerStep {
  const now = env.monotonicMs();
  const { next: sessions, retired } = dropLateSessions(server.sessions, now);
  const fragments = dropLateFragments(server.fragments, now);
  if (sessions === server.sessions && fragments === server.fragments) {
    return ignoreAtServer(server, 'nothing-to-do');
  }
  return {
    next: { ...server, sessions, fragments },
    effects: retired.length === 0 ? [] : [{ tag: 'retire', secrets: retired }],
  };
}

/** When `tick` next has something to do, on the monotonic clock. */
export function nextPrekeyServerTickAt({ sessions, fragments }: PrekeyServer): number | undefined {
  const due = [nextLateSessionAt(sessions), nextLateFragmentAt(fragments)];
  const known = due.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
