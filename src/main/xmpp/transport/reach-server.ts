// SPDX-License-Identifier: GPL-3.0-or-later

import { domainToASCII } from 'node:url';
import type { JXT } from 'stanza';
import type { ServerConfig } from '../client.ts';
import { delays } from '../limits.ts';
import type { Clock, Random, ReadHttps, ResolveSrv } from '../ports.ts';
import { type Candidate, findCandidates } from './endpoints.ts';
import { findWebSockets } from './host-meta.ts';
import type { Line, LineEvents } from './line.ts';
import { ConnectError, dialUntil, secure, toTarget } from './sockets.ts';
import { negotiateStartTls } from './starttls.ts';
import { TcpLine } from './tcp-line.ts';
import { upgrade, WebSocketLine } from './websocket-line.ts';
import type { WayBook } from './way-book.ts';
import { formatWay, type Way } from './ways.ts';
import { parseWebSocketUrl } from './websocket-url.ts';
import type { StreamAddress } from './xml-stream.ts';

export interface ReachSettings {
  readonly server: Pick<ServerConfig, 'endpoint' | 'extraCertificates' | 'language'>;
  readonly domain: string;
  readonly registry: JXT.Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly resolveSrv: ResolveSrv;
  readonly readHttps: ReadHttps;
  readonly ways: WayBook;
}

/** The other end stands and is verified; nothing has been said yet. */
export interface Reached {
  readonly way: Way;
  readonly begin: (address: StreamAddress, events: LineEvents) => Line;
}

async function reachByTcp(
  candidate: Candidate,
  { server, domain, registry }: ReachSettings,
  signal: AbortSignal,
): Promise<Reached> {
  const raw = await dialUntil(candidate, signal);
  const direct = candidate.tls === 'direct';
  if (!direct) await negotiateStartTls(raw, { registry, domain, language: server.language });
  const socket = await secure(raw, {
    name: domainToASCII(domain),
    extraCertificates: server.extraCertificates,
    protocol: direct ? 'xmpp-client' : undefined,
  });
  return {
    way: { ...candidate, tag: 'fixed' },
    begin: (address, events) => new TcpLine(socket, address, events),
  };
}

async function reachByWebSocket(
  url: string,
  { server, clock }: ReachSettings,
  signal: AbortSignal,
): Promise<Reached> {
  if (parseWebSocketUrl(url) === undefined) throw new ConnectError('no-such-host');
  const target = toTarget(url);
  const raw = await dialUntil(target, signal);
  const tls = await secure(raw, {
    name: target.host,
    extraCertificates: server.extraCertificates,
    protocol: 'http/1.1',
  });
  const open = await upgrade(tls, url, clock);
  return {
    way: { tag: 'websocket', url },
    begin: (address, events) => new WebSocketLine(open, address, events),
  };
}

function reach(way: Way, settings: ReachSettings, signal: AbortSignal): Promise<Reached> {
  return way.tag === 'websocket'
    ? reachByWebSocket(way.url, settings, signal)
    : reachByTcp(way, settings, signal);
}

/** There was nothing to try. */
class NoWayError extends Error {}

/** The first way on which we get as far as verified TLS; otherwise the last failure is thrown. */
async function reachFirst(
  ways: readonly Way[],
  settings: ReachSettings,
  signal: AbortSignal,
): Promise<Reached> {
  let failure: unknown = new NoWayError();
  for (const way of ways) {
    if (signal.aborted) break;
    try {
      return await reach(way, settings, signal);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Gives up after a while, so that there is time left for other ways. */
async function within(
  { delayMs, clock, signal }: { readonly delayMs: number; readonly clock: Clock } & Giving,
  act: (signal: AbortSignal) => Promise<Reached>,
): Promise<Reached> {
  const late = new AbortController();
  const cancel = clock.after(delayMs, () => {
    late.abort();
  });
  try {
    return await act(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    throw late.signal.aborted && !signal.aborted ? new ConnectError('timeout') : error;
  } finally {
    cancel();
  }
}

interface Giving {
  readonly signal: AbortSignal;
}

interface Stage {
  readonly find: (signal: AbortSignal) => Promise<readonly Way[]>;
  readonly delayMs: number;
}

/**
 * What worked last; TCP as DNS says; WebSocket as the domain says over HTTPS. Whatever has
 * just failed comes once more at the end.
 */
function planStages({ server, domain, ways, ...ports }: ReachSettings): readonly Stage[] {
  const name = domainToASCII(domain);
  const remembered = ways.remembered();
  const tried = remembered === undefined ? undefined : formatWay(remembered);
  const last: Way[] = [];
  const sift = (found: readonly Way[]): readonly Way[] => {
    const isLast = (way: Way): boolean => ways.hasFailed(way) || formatWay(way) === tried;
    last.push(...found.filter(isLast));
    return found.filter((way) => !isLast(way));
  };
  return [
    {
      find: () => Promise.resolve(remembered === undefined ? [] : [remembered]),
      delayMs: delays.rememberedWay,
    },
    {
      find: async () => {
        const candidates = await findCandidates(name, ports);
        return sift(candidates.map((candidate): Way => ({ ...candidate, tag: 'fixed' })));
      },
      delayMs: delays.tcpWays,
    },
    {
      find: async (signal) => {
        const { extraCertificates } = server;
        const urls = await findWebSockets(name, (request) =>
          ports.readHttps({ ...request, extraCertificates, signal }),
        );
        return sift(urls.map((url): Way => ({ tag: 'websocket', url })));
      },
      delayMs: delays.webSocketWays,
    },
    { find: () => Promise.resolve(last), delayMs: delays.connect },
  ];
}

/** @throws ConnectError with what went wrong by TCP, if anything did: users can do most about that. */
async function discover(settings: ReachSettings, signal: AbortSignal): Promise<Reached> {
  let failure: Error | undefined;
  for (const { find, delayMs } of planStages(settings)) {
    if (signal.aborted) break;
    try {
      return await within({ delayMs, clock: settings.clock, signal }, async (inTime) =>
        reachFirst(await find(inTime), settings, inTime),
      );
    } catch (error) {
      if (error instanceof Error && !(error instanceof NoWayError)) failure ??= error;
    }
  }
  throw failure ?? new ConnectError('no-such-host');
}

/** @throws ConnectError, NoServiceError */
export function reachServer(settings: ReachSettings, signal: AbortSignal): Promise<Reached> {
  const { endpoint } = settings.server;
  return endpoint.tag === 'domain' ? discover(settings, signal) : reach(endpoint, settings, signal);
}
