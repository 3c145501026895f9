// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import type { ReadHttps } from '../ports.ts';
import { parseWebSocketUrl } from './websocket-url.ts';
import { XmlGuard } from '#main/xml/xml-guard.ts';

const RELATION = 'urn:xmpp:alt-connections:websocket';
const XRD = 'http://docs.oasis-open.org/ns/xri/xrd-1.0';
/** More than this is not a deployment but an attempt to keep us busy. */
const MAX_WEBSOCKETS = 4;

interface Link {
  readonly rel: unknown;
  readonly href: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function parseJson(text: string): readonly Link[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const links: unknown = isRecord(value) ? value.links : undefined;
  if (!Array.isArray(links)) return [];
  return links.filter(isRecord).map(({ rel, href }) => ({ rel, href }));
}

/** The guard passes it as it passes a stream: the same limits, no document type, no comments. */
function parseXml(text: string): readonly Link[] {
  const document = text.trim();
  const { units, fatal } = new XmlGuard().scan(document);
  const spoiled = units.some((unit) => unit.spoiled !== undefined);
  if (fatal !== undefined || spoiled || units.at(-1)?.tag !== 'end') return [];
  try {
    const root = JXT.parse(document.replace(/^<\?xml[^>]*\?>/, ''), { allowComments: false });
    if (root.getName() !== 'XRD' || root.getNamespace() !== XRD) return [];
    return root
      .getChildren('Link', XRD)
      .map((link) => ({ rel: link.getAttribute('rel'), href: link.getAttribute('href') }));
  } catch {
    return [];
  }
}

const FORMS = [
  {
    path: 'host-meta.json',
    types: ['application/json', 'application/jrd+json'],
    parse: parseJson,
  },
  {
    path: 'host-meta',
    types: ['application/xrd+xml', 'application/xml', 'text/xml'],
    parse: parseXml,
  },
] as const;

function toUrls(links: readonly Link[]): readonly string[] {
  const urls = links
    .filter(({ rel }) => rel === RELATION)
    .map(({ href }) => (typeof href === 'string' ? parseWebSocketUrl(href) : undefined))
    .filter((url) => url !== undefined);
  return [...new Set(urls)].slice(0, MAX_WEBSOCKETS);
}

/**
 * The WebSockets that a domain itself names over HTTPS (XEP-0156, section 3.2): first in JSON, otherwise in
 * XML. Never rejects: no answer, a wrong one and none at all mean the same.
 *
 * @param domain in ASCII
 */
export async function findWebSockets(
  domain: string,
  readHttps: (request: Pick<Parameters<ReadHttps>[0], 'url' | 'types'>) => ReturnType<ReadHttps>,
): Promise<readonly string[]> {
  for (const { path, types, parse } of FORMS) {
    const url = `https://${domain}/.well-known/${path}`;
    const text = URL.canParse(url) ? await readHttps({ url, types }) : undefined;
    const urls = text === undefined ? [] : toUrls(parse(text));
    if (urls.length > 0) return urls;
  }
  return [];
}
