// SPDX-License-Identifier: GPL-3.0-or-later

import { type BareJid, parseBareJid, parseDomain } from '../model/jid.ts';
import type { LinkedCode, XmppLink } from '../model/link.ts';
import { err, ok, type Result } from '../std/result.ts';
import { cleanLine, cleanText } from './clean-text.ts';
import { decodePercent, encodePercent } from './percent.ts';

export type LinkError =
  'not-a-link' | 'too-long' | 'bad-encoding' | 'bad-address' | 'bad-code' | 'group-chat';

/** In UTF-16 units. Long texts come percent-encoded; whatever is longer was not made for people. */
export const MAX_LINK = 400_000;
/** Octets of UTF-8 that a link may put into the field for messages (ux A9). */
export const MAX_BODY_OCTETS = 4096;
const MAX_PARTS = 64;
const MAX_NAME = 100;
/** XEP-0445 sets no limit; tokens in use are below 100. */
const TOKEN = /^[\x21-\x7e]{1,512}$/;

const CODE_PARAMETER = 'otr-fingerprint';
const CODES: Readonly<Record<number, LinkedCode['version']>> = { 40: 3, 112: 4 };

interface Parts {
  /** Whom the link asks us to be; rare. */
  readonly as: string | undefined;
  readonly path: string;
  readonly type: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/**
 * Reads a link as anybody may write one. Nothing in it is done by reading it.
 * @see RFC 5122, XEP-0147 "XMPP URI Query Components"
 */
export function parseXmppUri(text: string): Result<XmppLink, LinkError> {
  if (text.length > MAX_LINK) return err('too-long');
  const [, rest] = /^xmpp:(.*)$/isu.exec(text.trim()) ?? [];
  if (rest === undefined) return err('not-a-link');
  const parts = split(rest);
  if (!parts.ok) return parts;
  if (parts.value.type === 'register') return toRegistration(parts.value);
  return parts.value.type === 'join' ? err('group-chat') : toContactLink(parts.value);
}

/** Authority, path and query. What stands behind `#` means nothing here. */
function split(rest: string): Result<Parts, LinkError> {
  const [, hierarchy = '', query] = /^([^?#]*)(?:\?([^#]*))?/u.exec(rest) ?? [];
  const [, as, path = hierarchy] = /^\/\/([^/]+)\/(.*)$/su.exec(hierarchy) ?? [];
  const pairs = toPairs(query);
  if (!pairs.ok) return pairs;
  const hasType = query !== undefined && /^[^=;&]+(?:[;&]|$)/u.test(query);
  return ok({ as, path, type: hasType ? (pairs.value[0]?.[0] ?? '') : '', pairs: pairs.value });
}

function toPairs(query: string | undefined): Result<Parts['pairs'], LinkError> {
  if (query === undefined) return ok([]);
  // Both signs part pairs: `;` is what the text says, `&` is what people are used to.
  const raw = query.split(/[;&]/u);
  if (raw.length > MAX_PARTS) return err('too-long');
  const pairs = raw.map(toPair).filter((pair) => pair !== undefined);
  return pairs.length < raw.length ? err('bad-encoding') : ok(pairs);
}

function toPair(part: string): readonly [name: string, value: string] | undefined {
  const [, rawName = '', rawValue = ''] = /^([^=]*)(?:=(.*))?$/su.exec(part) ?? [];
  const name = decodePercent(rawName);
  const value = decodePercent(rawValue);
  return name === undefined || value === undefined ? undefined : [name.toLowerCase(), value];
}

const valueOf = ({ pairs }: Parts, wanted: string): string | undefined =>
  pairs.find(([name, value]) => name === wanted && value !== '')?.[1];

/** The signs that part an address must not come out of an encoding: `%40` is no `@`. */
function parseAddress(path: string): BareJid | undefined {
  const [bare = ''] = path.split('/', 1);
  const decoded = bare.split('@').map(decodePercent);
  if (decoded.some((part) => part === undefined || /[@/]/u.test(part))) return undefined;
  const jid = parseBareJid(decoded.join('@'));
  return jid.ok ? jid.value : undefined;
}

function toContactLink(parts: Parts): Result<XmppLink, LinkError> {
  const jid = parseAddress(parts.path);
  const as = parts.as === undefined ? undefined : parseAddress(parts.as);
  if (jid === undefined || (parts.as !== undefined && as === undefined)) return err('bad-address');
  const code = toCode(parts);
  return code.ok
    ? ok({ tag: 'contact', jid, as, action: toAction(parts), code: code.value })
    : code;
}

type ContactLink = Extract<XmppLink, { readonly tag: 'contact' }>;

/** An action that is not known means the address alone (XEP-0147, section 1). */
function toAction(parts: Parts): ContactLink['action'] {
  switch (parts.type) {
    case 'message': {
      const body = cleanText(valueOf(parts, 'body') ?? '', MAX_BODY_OCTETS);
      return body.text === '' ? { tag: 'chat' } : { tag: 'message', ...body };
    }
    case 'subscribe':
    case 'roster':
      return toAdding(parts);
    case 'remove':
    case 'unsubscribe':
      return { tag: 'remove' };
    default:
      return { tag: 'chat' };
  }
}

function toAdding(parts: Parts): ContactLink['action'] {
  const name = cleanLine(valueOf(parts, 'name') ?? '', MAX_NAME);
  const mayRegister = valueOf(parts, 'ibr')?.toLowerCase() === 'y';
  return {
    tag: 'add',
    name: name === '' ? undefined : name,
    token: mayRegister ? toToken(parts) : undefined,
  };
}

function toToken(parts: Parts): string | undefined {
  const token = valueOf(parts, 'preauth');
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/**
 * One code of each version at most: of two different ones nobody can tell which is meant.
 * A code that cannot be read spoils the link, or it would look like one without a code.
 */
function toCode(parts: Parts): Result<LinkedCode | undefined, LinkError> {
  const found = new Map<LinkedCode['version'], string>();
  for (const [name, value] of parts.pairs) {
    if (name !== CODE_PARAMETER) continue;
    const code = parseCode(value);
    if (code === undefined) return err('bad-code');
    if ((found.get(code.version) ?? code.hex) !== code.hex) return err('bad-code');
    found.set(code.version, code.hex);
  }
  const [newer, older] = [found.get(4), found.get(3)];
  if (newer !== undefined) return ok({ version: 4, hex: newer });
  return ok(older === undefined ? undefined : { version: 3, hex: older });
}

/** 112 hexadecimal digits, or the 40 of OTR 3, in any case. */
export function parseCode(text: string): LinkedCode | undefined {
  const version = CODES[text.length];
  if (version === undefined || !/^[0-9a-f]+$/iu.test(text)) return undefined;
  return { version, hex: text.toUpperCase() };
}

function toRegistration(parts: Parts): Result<XmppLink, LinkError> {
  const token = toToken(parts);
  if (parts.path.includes('@')) {
    const jid = parseAddress(parts.path);
    if (jid === undefined) return err('bad-address');
    return ok({ tag: 'register', domain: jid.slice(jid.indexOf('@') + 1), jid, token });
  }
  const [host = ''] = parts.path.split('/', 1);
  const domain = parseDomain(decodePercent(host) ?? '');
  return domain === undefined
    ? err('bad-address')
    : ok({ tag: 'register', domain, jid: undefined, token });
}

/**
 * The link that says: this address speaks with this key.
 * @param hex 112 digits
 * @see XEP draft, S-28
 */
export function formatCodeLink(jid: BareJid, hex: string): string {
  const at = jid.indexOf('@');
  const [local, domain] = [jid.slice(0, at), jid.slice(at + 1)];
  // A literal address of the network keeps its brackets and colons.
  const host = domain.startsWith('[') ? domain : encodePercent(domain);
  return `xmpp:${encodePercent(local)}@${host}?${CODE_PARAMETER}=${hex.toUpperCase()}`;
}
