// SPDX-License-Identifier: GPL-3.0-or-later

import { type BareJid, bareOf, parseBareJid, parseFullJid } from '#shared/model/jid.ts';
import type { Sender } from './wire.ts';

/** Undefined for anything that is not the address of an account or of one of its devices. */
export function parseSender(text: string | undefined): Sender | undefined {
  if (text === undefined) return undefined;
  if (!text.includes('/')) {
    const bare = parseBareJid(text);
    return bare.ok ? { bare: bare.value, full: undefined } : undefined;
  }
  const full = parseFullJid(text);
  return full.ok ? { bare: bareOf(full.value), full: full.value } : undefined;
}

/** A stanza without sender comes from the own account (RFC 6120, section 8.1.2.1). */
export function parseSenderOr(text: string | undefined, own: BareJid): Sender | undefined {
  return text === undefined || text === '' ? { bare: own, full: undefined } : parseSender(text);
}
