// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import { parseDomain } from '#shared/model/jid.ts';
import type { FetchedPrekeyServers } from './client.ts';
import { delays, limits } from './limits.ts';
import type { Clock } from './ports.ts';
import { toErrorCondition } from './requests.ts';
import type { OfferedPrekeyServer } from './wire.ts';

const FEATURE = 'http://jabber.org/protocol/otrv4-prekey-server';
const FINGERPRINT_NODE = 'fingerprint';
/** 56 bytes (xep X-20, S-11). */
const FINGERPRINT = /^[0-9A-Fa-f]{112}$/;

/** What a server says when it does not know the question: it offers nothing, then. */
const NO_ITEMS: ReadonlySet<string> = new Set([
  'service-unavailable',
  'feature-not-implemented',
  'item-not-found',
]);

/** What stanza's types promise, the answer of a stranger may leave out. */
interface WireDisco {
  readonly items?: readonly Partial<Stanzas.DiscoItem>[];
  readonly features?: readonly string[];
  readonly identities?: readonly Partial<Stanzas.DiscoInfoIdentity>[];
}

type Answer =
  | { readonly tag: 'answer'; readonly disco: WireDisco }
  | { readonly tag: 'none'; readonly condition: string };

/** Asks with a patience of its own: one of many must not hold up the rest. */
class Asking {
  readonly #agent: Agent;
  readonly #clock: Pick<Clock, 'after'>;

  constructor(agent: Agent, clock: Pick<Clock, 'after'>) {
    this.#agent = agent;
    this.#clock = clock;
  }

  ask(to: string, type: 'items' | 'info'): Promise<Answer> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delays.discovery, () => {
        resolve({ tag: 'none', condition: 'timeout' });
      });
      void this.#send(to, type).then((answer) => {
        cancel();
        resolve(answer);
      });
    });
  }

  async #send(to: string, type: 'items' | 'info'): Promise<Answer> {
    try {
      const question = { to, type: 'get', disco: { type } } as const;
      const { disco }: Partial<Stanzas.IQ> = await this.#agent.sendIQ(question);
      return { tag: 'answer', disco: disco ?? {} };
    } catch (rejection) {
      return { tag: 'none', condition: toErrorCondition(rejection) };
    }
  }
}

/** The services among the items, each once. Whoever is no service, but somebody's account, is not one. */
function toCandidates({ items = [] }: WireDisco): readonly string[] {
  const domains = items
    .filter(({ node }) => node === undefined)
    .map(({ jid }) => parseDomain(jid ?? ''))
    .filter((domain) => domain !== undefined);
  return [...new Set(domains)].slice(0, limits.discoveredServices);
}

/** All identities count, the first is not special, and names say nothing (xep X-17, S-10). */
function isPrekeyServer({ features = [], identities = [] }: WireDisco): boolean {
  return (
    features.includes(FEATURE) &&
    identities.some(({ category, type }) => category === 'auth' && type === 'otr-prekey')
  );
}

/** Of one key, or the server is not used (xep S-11). */
function readFingerprint(jid: string, { items = [] }: WireDisco): string | undefined {
  const [item, ...others] = items.filter(({ node }) => node === FINGERPRINT_NODE);
  if (item === undefined || others.length > 0) return undefined;
  const name = item.name ?? '';
  const isOwn = parseDomain(item.jid ?? '') === jid;
  return isOwn && FINGERPRINT.test(name) ? name.toUpperCase() : undefined;
}

async function examine(asking: Asking, jid: string): Promise<OfferedPrekeyServer | undefined> {
  const info = await asking.ask(jid, 'info');
  if (info.tag === 'none' || !isPrekeyServer(info.disco)) return undefined;
  const items = await asking.ask(jid, 'items');
  const fingerprint = items.tag === 'none' ? undefined : readFingerprint(jid, items.disco);
  return fingerprint === undefined ? undefined : { jid, fingerprint };
}

/** Does the same to all of them, some at a time; in the order in which they stand. */
async function inParallel<T, Result>(
  all: readonly T[],
  work: (one: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const queue = all.entries();
  const worker = async (): Promise<void> => {
    for (const [place, one] of queue) results.set(place, await work(one));
  };
  await Promise.all(Array.from({ length: limits.discoveriesAtOnce }, worker));
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

/**
 * The prekey servers that a domain names, with the keys they announce. Every service of the domain is
 * asked what it is (xep ); nothing that is said is proven.
 */
export async function fetchPrekeyServers(
  agent: Agent,
  clock: Pick<Clock, 'after'>,
  domain: string,
): Promise<FetchedPrekeyServers> {
  const asking = new Asking(agent, clock);
  const items = await asking.ask(domain, 'items');
  if (items.tag === 'none') {
    const { condition } = items;
    return NO_ITEMS.has(condition) ? { tag: 'list', servers: [] } : { tag: 'refused', condition };
  }
  const examined = await inParallel(toCandidates(items.disco), (jid) => examine(asking, jid));
  return { tag: 'list', servers: examined.filter((server) => server !== undefined) };
}
