// SPDX-License-Identifier: GPL-3.0-or-later

import type { SrvRecord } from 'node:dns';
import type { Random, ResolveSrv } from '../ports.ts';

/** One address to try. */
export interface Candidate {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'direct';
}

interface Weighted extends SrvRecord {
  readonly tls: Candidate['tls'];
}

/** The service is decidedly not available at this domain (RFC 2782: target "."). */
export class NoServiceError extends Error {
  readonly code = 'ENOTFOUND';
}

const DEFAULT_PORT = 5222;
/** More targets than this is not a deployment but an attempt to keep us busy. */
const MAX_CANDIDATES = 16;

/** A number in [0, below). */
function pick(random: Random, below: number): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % below;
}

/** RFC 2782: within one priority, each next target is drawn in proportion to its weight. */
function drawByWeight(records: readonly Weighted[], random: Random): Weighted[] {
  const left = [...records].sort((a, b) => a.weight - b.weight);
  const drawn: Weighted[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, record) => sum + record.weight, 0);
    let ticket = pick(random, total + 1);
    const index = left.findIndex((record) => (ticket -= record.weight) <= 0);
    drawn.push(...left.splice(index, 1));
  }
  return drawn;
}

function order(records: readonly Weighted[], random: Random): Weighted[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}

async function lookUp(
  resolve: ResolveSrv,
  name: string,
  tls: Candidate['tls'],
): Promise<readonly Weighted[]> {
  try {
    return (await resolve(name)).map((record) => ({ ...record, tls }));
  } catch {
    // No record, no answer and a broken resolver all mean: go on with the domain's own address.
    return [];
  }
}

const isRefusal = (record: SrvRecord): boolean => record.name === '' || record.name === '.';

/**
 * The addresses to try, best first. SRV records for both ways of TLS are mixed by priority (XEP-0368); a domain
 * without any is tried itself on the standard port. No TXT records: they could redirect us
 * unauthenticated.
 *
 * @throws NoServiceError when the domain says that it offers no such service.
 */
export async function findCandidates(
  domain: string,
  ports: { readonly resolveSrv: ResolveSrv; readonly random: Random },
): Promise<readonly Candidate[]> {
  const [starttls, direct] = await Promise.all([
    lookUp(ports.resolveSrv, `_xmpp-client._tcp.${domain}`, 'starttls'),
    lookUp(ports.resolveSrv, `_xmpps-client._tcp.${domain}`, 'direct'),
  ]);
  const records = [...starttls, ...direct];
  const usable = records.filter((record) => !isRefusal(record)).slice(0, MAX_CANDIDATES);
  if (usable.length > 0) {
    return order(usable, ports.random).map(({ name, port, tls }) => ({ host: name, port, tls }));
  }
  if (starttls.some(isRefusal)) throw new NoServiceError('the domain offers no XMPP service');
  return [{ host: domain, port: DEFAULT_PORT, tls: 'starttls' }];
}
