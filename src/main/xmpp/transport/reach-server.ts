// SPDX-License-Identifier: GPL-3.0-or-later

import { domainToASCII } from 'node:url';
import type { JXT } from 'stanza';
import type { Endpoint, ServerConfig } from '../client.ts';
import type { Clock, Random, ResolveSrv } from '../ports.ts';
import { type Candidate, findCandidates } from './endpoints.ts';
import type { Line, LineEvents } from './line.ts';
import { ConnectError, dial, secure } from './sockets.ts';
import { negotiateStartTls } from './starttls.ts';
import { TcpLine } from './tcp-line.ts';
import { upgrade, WebSocketLine } from './websocket-line.ts';
import { parseWebSocketUrl } from './websocket-url.ts';
import type { StreamAddress } from './xml-stream.ts';

export interface ReachSettings {
  readonly server: Pick<ServerConfig, 'endpoint' | 'extraCertificates' | 'language'>;
  readonly domain: string;
  readonly registry: JXT.Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly resolveSrv: ResolveSrv;
}

/** One way to the server: a host and port for TCP, or the address of a WebSocket. */
export type Way = Exclude<Endpoint, { readonly tag: 'domain' }>;

/** The other end stands and is verified; nothing has been said yet. */
export interface Reached {
  readonly way: Way;
  readonly begin: (address: StreamAddress, events: LineEvents) => Line;
}

const HTTPS_PORT = 443;

/** Dials, and hangs up when the signal comes, however far the line has come by then. */
async function dialUntil(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): ReturnType<typeof dial> {
  const raw = await dial(host, port, signal);
  const drop = (): void => {
    raw.destroy();
  };
  signal.addEventListener('abort', drop);
  if (signal.aborted) drop();
  return raw;
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
  const { hostname, port } = new URL(url);
  // The brackets around IPv6 addresses belong to the notation of URLs.
  const host = hostname.replace(/^\[|\]$/g, '');
  const raw = await dialUntil({ host, port: port === '' ? HTTPS_PORT : Number(port) }, signal);
  const tls = await secure(raw, {
    name: host,
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

/** The first way on which we get as far as verified TLS; otherwise the last failure is thrown. */
async function reachFirst(
  ways: readonly Way[],
  settings: ReachSettings,
  signal: AbortSignal,
): Promise<Reached> {
  let failure: unknown = new ConnectError('no-such-host');
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

async function findWays({ server, domain, ...ports }: ReachSettings): Promise<readonly Way[]> {
  const { endpoint } = server;
  if (endpoint.tag !== 'domain') return [endpoint];
  const candidates = await findCandidates(domainToASCII(domain), ports);
  return candidates.map((candidate): Way => ({ ...candidate, tag: 'fixed' }));
}

/** @throws ConnectError, NoServiceError */
export async function reachServer(settings: ReachSettings, signal: AbortSignal): Promise<Reached> {
  return reachFirst(await findWays(settings), settings, signal);
}
