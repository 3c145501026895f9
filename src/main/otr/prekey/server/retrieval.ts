// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Retrieving Prekey Ensembles": the server's side. The sender's address is all that
// authenticates a query.

import { decodeUtf8 } from '../../bytes.ts';
import type { Env } from '../../env.ts';
import { asksForVersion4, decodeEnsembleQuery } from '../message/ensemble-query.ts';
import { toBareJid, toDomain, toQueriedIdentity } from './jid.ts';
import { admit, PREKEY_RATES } from './rates.ts';
import { answerQuery } from './replies.ts';
import { ignoreAtServer } from './state.ts';
import type { PrekeyServer, PrekeyServerContext, PrekeyServerStep } from './state.ts';

/**
 * @param from full address
 * @throws {OtrError} when it is malformed
 * @see Prekey Server "Prekey Ensemble Query Retrieval Message"
 */
export function receiveQuery(
  server: PrekeyServer,
  from: string,
  bytes: Uint8Array,
  env: Env,
): PrekeyServerStep {
  const requester = toBareJid(from);
  if (!mayRetrieve(requester, server.context)) return ignoreAtServer(server, 'not-allowed');
  const message = decodeEnsembleQuery(bytes);
  const asked = toQueriedIdentity(decodeUtf8(message.identity));
  const rates = admit(server.rates, claimsOf(requester, asked.identity), env.monotonicMs());
  if (rates === undefined) {
    return {
      next: server,
      effects: [{ tag: 'reject', to: from, why: 'resource-constraint' }],
    };
  }
  const next: PrekeyServer = { ...server, rates };
  const ticket = { to: from, receiverTag: message.senderTag, identity: message.identity };
  return asksForVersion4(message)
    ? { next, effects: [{ tag: 'take', command: { tag: 'take', ...asked }, ticket }] }
    : { next, effects: answerQuery(ticket, []) };
}

function mayRetrieve(requester: string, { retrieverDomains }: PrekeyServerContext): boolean {
  return retrieverDomains === 'any' || retrieverDomains.includes(toDomain(requester));
}

/** One who asks, the same one about the same account, and all who ask about it. */
function claimsOf(requester: string, target: string) {
  return [
    { key: `from|${requester}`, rate: PREKEY_RATES.queriesPerRequester },
    { key: `pair|${requester}|${target}`, rate: PREKEY_RATES.queriesPerPair },
    { key: `of|${target}`, rate: PREKEY_RATES.queriesPerTarget },
  ];
}
