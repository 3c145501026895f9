// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Retrieving Prekey Ensembles": asking for somebody's keys, and judging the answer.

import { encodeUtf8 } from '../../bytes.ts';
import type { InstanceTag } from '../../bytes.ts';
import { equalBytes } from '../../crypto/constant-time.ts';
import type { Env } from '../../env.ts';
import { LIMITS } from '../../limits.ts';
import { chooseEnsembles } from '../../profile/ensemble.ts';
import { transitionalIn } from '../../profile/client-profile.ts';
import { formatPrekeyArmor } from '../armor.ts';
import { encodeEnsembleQuery } from '../message/ensemble-query.ts';
import { decodeEnsembleRetrieval } from '../message/ensemble-retrieval.ts';
import { decodeNoEnsembles } from '../message/no-ensembles.ts';
import { ignorePrekey, refusePrekey } from './state.ts';
import type {
  AskedQuery,
  PrekeyClient,
  PrekeyClientEffect,
  PrekeyClientStep,
  PrekeyGoneWhy,
} from './state.ts';

const VERSIONS = encodeUtf8('4');

/**
 * Asks for the ensembles of `identity`. Every answer uses up a key of each of their devices, so the
 * same address is not asked twice within a minute, answered or not.
 *
 * @see Prekey Server "Prekey Ensemble Query Retrieval Message"
 */
export function query(client: PrekeyClient, identity: string, env: Env): PrekeyClientStep {
  const now = env.monotonicMs();
  const recent = client.queries.filter((asked) => asked.open || !isOver(asked, now));
  if (recent.some((asked) => asked.identity === identity)) return refusePrekey(client, 'too-soon');
  if (recent.filter(({ open }) => open).length >= LIMITS.prekeyQueriesOpen) {
    return refusePrekey(client, 'busy');
  }
  const bytes = encodeEnsembleQuery({
    senderTag: tagOf(client),
    identity: encodeUtf8(identity),
    versions: VERSIONS,
  });
  const about = { tag: 'query', identity } as const;
  return {
    next: { ...client, queries: [...recent, { identity, askedAt: now, open: true }] },
    effects: [{ tag: 'transmit', body: formatPrekeyArmor(bytes), about }],
  };
}

function isOver({ askedAt }: AskedQuery, now: number): boolean {
  return now - askedAt >= LIMITS.prekeyQueryIntervalMs;
}

function tagOf({ context }: PrekeyClient): InstanceTag {
  return context.own.profile.ownerTag;
}

/**
 * @throws {OtrError} when it is malformed
 * @see Prekey Server "Prekey Ensemble Retrieval Message"
 */
export function receiveEnsembles(
  client: PrekeyClient,
  bytes: Uint8Array,
  env: Env,
): PrekeyClientStep {
  const { receiverTag, identity, ensembles } = decodeEnsembleRetrieval(bytes);
  return receive(client, { receiverTag, identity }, (asked) => {
    const transitional = transitionalIn(client.context.mode);
    const at = { nowMs: env.nowMs(), ourTag: tagOf(client), transitional };
    const chosen = chooseEnsembles(ensembles, at);
    return chosen.length === 0
      ? { tag: 'no-ensembles', identity: asked, why: 'none-valid' }
      : { tag: 'ensembles', identity: asked, ensembles: chosen };
  });
}

/**
 * The server's text is for nobody: the application has its own.
 *
 * @throws {OtrError} when it is malformed
 * @see Prekey Server "No Prekey Ensembles in Storage Message"
 */
export function receiveNoEnsembles(client: PrekeyClient, bytes: Uint8Array): PrekeyClientStep {
  return receive(client, decodeNoEnsembles(bytes), (asked) => ({
    tag: 'no-ensembles',
    identity: asked,
    why: 'none-stored',
  }));
}

/** Neither answer is authenticated: it must be to us, and to a question that is open. */
function receive(
  client: PrekeyClient,
  answer: { readonly receiverTag: InstanceTag; readonly identity: Uint8Array },
  judge: (identity: string) => PrekeyClientEffect,
): PrekeyClientStep {
  if (answer.receiverTag !== tagOf(client)) return ignorePrekey(client, 'not-for-us');
  const asked = client.queries.find(
    ({ open, identity }) => open && equalBytes(encodeUtf8(identity), answer.identity),
  );
  if (asked === undefined) return ignorePrekey(client, 'unexpected');
  return { next: close(client, asked), effects: [judge(asked.identity)] };
}

function close(client: PrekeyClient, ...ended: readonly AskedQuery[]): PrekeyClient {
  const queries = client.queries.map((asked) =>
    ended.includes(asked) ? { ...asked, open: false } : asked,
  );
  return { ...client, queries };
}

/** No answer will come to these. */
export function giveUpQueries(
  client: PrekeyClient,
  isLost: (asked: AskedQuery) => boolean,
  why: PrekeyGoneWhy,
): PrekeyClientStep {
  const lost = client.queries.filter((asked) => asked.open && isLost(asked));
  if (lost.length === 0) return ignorePrekey(client, 'nothing-to-do');
  return {
    next: close(client, ...lost),
    effects: lost.map(({ identity }) => ({ tag: 'query-failed', identity, why })),
  };
}

/** Whether the answer to an open query has not come in time. */
export function isQueryLate({ askedAt }: AskedQuery, now: number): boolean {
  return now - askedAt >= LIMITS.prekeyAnswerTimeoutMs;
}
