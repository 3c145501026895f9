// SPDX-License-Identifier: GPL-3.0-or-later

import type { Endpoint } from '../client.ts';
import { parseWebSocketUrl } from './websocket-url.ts';

/** One way to the server: a host and port for TCP, or the address of a WebSocket. */
export type Way = Exclude<Endpoint, { readonly tag: 'domain' }>;

const SCHEMES = { starttls: 'xmpp', direct: 'xmpps' } as const;
const TCP_WAY = /^(xmpps?):\/\/([^\s/:@?#]+|\[[0-9a-fA-F:.]+\]):([1-9][0-9]{0,4})$/;
const MAX_PORT = 65_535;

/** As one text, to be kept and compared. */
export function formatWay(way: Way): string {
  if (way.tag === 'websocket') return way.url;
  const host = way.host.includes(':') ? `[${way.host}]` : way.host;
  return `${SCHEMES[way.tls]}://${host}:${String(way.port)}`;
}

/** Undefined for anything that `formatWay` does not write. */
export function parseWay(text: string): Way | undefined {
  const url = parseWebSocketUrl(text);
  if (url !== undefined) return { tag: 'websocket', url };
  const [, scheme, host = '', digits] = TCP_WAY.exec(text) ?? [];
  const port = Number(digits);
  if (scheme === undefined || port > MAX_PORT) return undefined;
  const tls = scheme === SCHEMES.direct ? 'direct' : 'starttls';
  return { tag: 'fixed', host: host.replace(/^\[|\]$/g, ''), port, tls };
}
