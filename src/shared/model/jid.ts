// SPDX-License-Identifier: GPL-3.0-or-later

import type { Brand } from '../std/brand.ts';
import { err, ok, type Result } from '../std/result.ts';

/** `local@domain`, normalised, without resource. */
export type BareJid = Brand<string, 'BareJid'>;
/** `local@domain/resource`, the first two parts normalised. */
export type FullJid = Brand<string, 'FullJid'>;

export type JidError =
  'empty' | 'no-local-part' | 'no-domain' | 'bad-local-part' | 'bad-domain' | 'bad-resource';

interface JidParts {
  readonly local: string;
  readonly domain: string;
  readonly resource: string | undefined;
}

/** RFC 7622: each part takes at most 1023 octets of UTF-8. */
const MAX_PART_OCTETS = 1023;
// Characters the localpart profile excludes, besides white space and controls (RFC 7622, 3.3.1).
const LOCAL_FORBIDDEN = /["&'/:<>@\s\p{C}]/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u;
const IPV6_LITERAL = /^\[[0-9a-f:.]{2,45}\]$/;
const CONTROL = /[\p{Cc}\p{Cs}\p{Cn}]/u;

/** UTF-8 length without an encoder, since this room has neither Node's nor the browser's. */
function octets(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

const fits = (part: string): boolean => part !== '' && octets(part) <= MAX_PART_OCTETS;

function split(text: string): JidParts {
  const slash = text.indexOf('/');
  const bare = slash === -1 ? text : text.slice(0, slash);
  const at = bare.indexOf('@');
  return {
    local: at === -1 ? '' : bare.slice(0, at),
    domain: at === -1 ? bare : bare.slice(at + 1),
    resource: slash === -1 ? undefined : text.slice(slash + 1),
  };
}

function normaliseDomain(domain: string): string | undefined {
  const lower = domain.normalize('NFKC').toLowerCase().replace(/\.$/, '');
  if (!fits(lower)) return undefined;
  if (IPV6_LITERAL.test(lower)) return lower;
  return lower.split('.').every((label) => DOMAIN_LABEL.test(label)) ? lower : undefined;
}

function normaliseLocal(local: string): string | undefined {
  // UsernameCaseMapped: width mapping is part of NFKC, which also keeps look-alikes from differing.
  const mapped = local.normalize('NFKC').toLowerCase().normalize('NFC');
  return fits(mapped) && !LOCAL_FORBIDDEN.test(mapped) ? mapped : undefined;
}

/** Reads what a user typed or a server sent as an address without a resource. */
export function parseBareJid(text: string): Result<BareJid, JidError> {
  const trimmed = text.trim();
  if (trimmed === '') return err('empty');
  const parts = split(trimmed);
  if (parts.resource !== undefined) return err('bad-resource');
  return join(parts) as Result<BareJid, JidError>;
}

/** Reads a full address: it must have a resource. */
export function parseFullJid(text: string): Result<FullJid, JidError> {
  if (text === '') return err('empty');
  const parts = split(text);
  const resource = parts.resource?.normalize('NFC');
  if (resource === undefined || !fits(resource) || CONTROL.test(resource)) {
    return err('bad-resource');
  }
  const bare = join(parts);
  return bare.ok ? ok(`${bare.value}/${resource}` as FullJid) : bare;
}

function join(parts: JidParts): Result<string, JidError> {
  if (parts.local === '') return err('no-local-part');
  if (parts.domain === '') return err('no-domain');
  const local = normaliseLocal(parts.local);
  if (local === undefined) return err('bad-local-part');
  const domain = normaliseDomain(parts.domain);
  return domain === undefined ? err('bad-domain') : ok(`${local}@${domain}`);
}

/** Reads a server's name, without an account. */
export const parseDomain = (text: string): string | undefined => normaliseDomain(text.trim());

/** Drops the resource of an address that is already normalised. */
export function bareOf(jid: BareJid | FullJid): BareJid {
  const slash = jid.indexOf('/');
  return (slash === -1 ? jid : jid.slice(0, slash)) as BareJid;
}

export function domainOf(jid: BareJid | FullJid): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

export function localOf(jid: BareJid | FullJid): string {
  return jid.slice(0, jid.indexOf('@'));
}

export function resourceOf(jid: FullJid): string {
  return jid.slice(jid.indexOf('/') + 1);
}
