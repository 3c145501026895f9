// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "State Machine": the client's end, one machine for each server.

import { dropStaleFragments, nextStaleAt, NO_FRAGMENTS } from '../../codec/reassembly.ts';
import type { Secret } from '../../crypto/secret.ts';
import type { Env } from '../../env.ts';
import { tryRead } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import { permitsOffline } from '../../mode.ts';
import { parsePrekeyArmor } from '../armor.ts';
import { addPrekeyFragment, parsePrekeyFragment, PREKEY_FRAGMENT_PREFIX } from '../fragment.ts';
import { peekPrekeyType, PREKEY_TYPE } from '../message/header.ts';
import { receiveAnswer } from './answer.ts';
import { giveUp, receiveDake2, request } from './exchange.ts';
import {
  giveUpQueries,
  isQueryLate,
  query,
  receiveEnsembles,
  receiveNoEnsembles,
} from './retrieval.ts';
import { exchangeSecrets, ignorePrekey, NOT_IN_DAKE, refusePrekey } from './state.ts';
import type {
  PrekeyClient,
  PrekeyClientContext,
  PrekeyClientEffect,
  PrekeyClientInput,
  PrekeyClientStep,
  SentAbout,
} from './state.ts';

/** A client that has not spoken to this server yet. */
export function createPrekeyClient(context: PrekeyClientContext): PrekeyClient {
  return { context, exchange: NOT_IN_DAKE, waiting: [], queries: [], fragments: NO_FRAGMENTS };
}

/**
 * Advances the client by one input. Pure, as every machine of the engine; never throws because of
 * what a server sent. In interactive-only mode nothing is asked and nothing is looked at.
 *
 * @see Prekey Server "State Machine"
 */
export function stepPrekeyClient(
  client: PrekeyClient,
  input: PrekeyClientInput,
  env: Env,
): PrekeyClientStep {
  const allowed = permitsOffline(client.context.mode);
  switch (input.tag) {
    case 'request':
      return allowed ? request(client, input.request, env) : refusePrekey(client, 'mode');
    case 'query':
      return allowed ? query(client, input.identity, env) : refusePrekey(client, 'mode');
    case 'receive':
      return allowed ? receive(client, input, env) : ignorePrekey(client, 'not-allowed');
    case 'bounced':
      return bounced(client, input.about);
    case 'disconnected':
      return andThen(giveUp(client, 'disconnected'), (at) =>
        giveUpQueries(at, () => true, 'disconnected'),
      );
    case 'tick':
      return tick(client, env);
  }
}

/** The same client under a renewed profile, a key of the server that the user accepted, another mode. */
export function reconfigurePrekeyClient(
  client: PrekeyClient,
  change: Partial<PrekeyClientContext>,
): PrekeyClient {
  return { ...client, context: { ...client.context, ...change } };
}

/** Everything secret that belongs to the client: to be wiped by whoever lets it go. */
export function prekeyClientSecrets({ exchange }: PrekeyClient): readonly Secret[] {
  return exchangeSecrets(exchange);
}

function receive(
  client: PrekeyClient,
  { from, body }: Extract<PrekeyClientInput, { tag: 'receive' }>,
  env: Env,
): PrekeyClientStep {
  if (from !== client.context.serverJid) return ignorePrekey(client, 'foreign-sender');
  const trimmed = body.trim();
  const handle = trimmed.startsWith(PREKEY_FRAGMENT_PREFIX) ? receiveFragment : receiveMessage;
  return tryRead(() => handle(client, trimmed, env)) ?? ignorePrekey(client, 'malformed');
}

/** @see Prekey Server "Receiving Fragments" */
function receiveFragment(client: PrekeyClient, body: string, env: Env): PrekeyClientStep {
  const fragment = parsePrekeyFragment(body);
  const { receiverTag } = fragment;
  if (receiverTag !== 0 && receiverTag !== client.context.own.profile.ownerTag) {
    return ignorePrekey(client, 'not-for-us');
  }
  const added = addPrekeyFragment(client.fragments, fragment, env.monotonicMs());
  if (added.next === client.fragments) return ignorePrekey(client, 'fragment');
  const kept: PrekeyClient = { ...client, fragments: added.next };
  if (added.tag !== 'complete') return ignorePrekey(kept, 'fragment');
  return receive(
    kept,
    { tag: 'receive', from: client.context.serverJid, body: added.message },
    env,
  );
}

function receiveMessage(client: PrekeyClient, body: string, env: Env): PrekeyClientStep {
  const bytes = parsePrekeyArmor(body);
  const type = peekPrekeyType(bytes);
  switch (type) {
    case PREKEY_TYPE.dake2:
      return receiveDake2(client, bytes, env);
    case PREKEY_TYPE.storageStatus:
    case PREKEY_TYPE.success:
    case PREKEY_TYPE.failure:
      return receiveAnswer(client, type, bytes, env);
    case PREKEY_TYPE.ensembleRetrieval:
      return receiveEnsembles(client, bytes, env);
    case PREKEY_TYPE.noEnsembles:
      return receiveNoEnsembles(client, bytes);
    default:
      return ignorePrekey(client, 'unexpected');
  }
}

function bounced(client: PrekeyClient, about: SentAbout): PrekeyClientStep {
  return about.tag === 'exchange'
    ? giveUp(client, 'bounced')
    : giveUpQueries(client, ({ identity }) => identity === about.identity, 'bounced');
}

/** Ends what is overdue. */
function tick(client: PrekeyClient, env: Env): PrekeyClientStep {
  const now = env.monotonicMs();
  const fragments = dropStaleFragments(client.fragments, now);
  const kept = fragments === client.fragments ? client : { ...client, fragments };
  const { exchange } = client;
  const isLate =
    // Stryker disable next-line ConditionalExpression: what has not begun has no time, and no end
    exchange.tag !== 'not-in-dake' && now - exchange.startedAt >= LIMITS.prekeyAnswerTimeoutMs;
  const step = isLate ? giveUp(kept, 'timed-out') : ignorePrekey(kept, 'nothing-to-do');
  return andThen(step, (at) => giveUpQueries(at, (asked) => isQueryLate(asked, now), 'timed-out'));
}

/** Two steps as one; what did nothing is not told unless neither did anything. */
function andThen(
  first: PrekeyClientStep,
  then: (client: PrekeyClient) => PrekeyClientStep,
): PrekeyClientStep {
  const second = then(first.next);
  const effects = [...first.effects, ...second.effects];
  const told = effects.filter(({ tag }) => tag !== 'ignored');
  return { next: second.next, effects: told.length === 0 ? second.effects : retireLast(told) };
}

function retireLast(effects: readonly PrekeyClientEffect[]): readonly PrekeyClientEffect[] {
  const isRetire = ({ tag }: PrekeyClientEffect): boolean => tag === 'retire';
  return [...effects.filter((effect) => !isRetire(effect)), ...effects.filter(isRetire)];
}

/** When `tick` next has something to do, on the monotonic clock. */
export function nextPrekeyTickAt({
  exchange,
  queries,
  fragments,
}: PrekeyClient): number | undefined {
  const started = queries.filter(({ open }) => open).map(({ askedAt }) => askedAt);
  if (exchange.tag !== 'not-in-dake') started.push(exchange.startedAt);
  const due = started.map((at) => at + LIMITS.prekeyAnswerTimeoutMs);
  const stale = nextStaleAt(fragments);
  const all = stale === undefined ? due : [...due, stale];
  return all.length === 0 ? undefined : Math.min(...all);
}
