// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Storage of Prekeys Ensembles for XMPP": an account is its bare address.

import { validateInstanceTag } from '../../codec/instance-tag.ts';
import type { InstanceTag } from '../../bytes.ts';

/** Without the resource. @param jid normalised, as the XMPP server delivers it */
export function toBareJid(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? jid : jid.slice(0, slash);
}

/** Of a bare address. */
export function toDomain(bareJid: string): string {
  return bareJid.slice(bareJid.indexOf('@') + 1);
}

/** Whose ensembles are asked for: those of all devices, or of one. */
export interface QueriedIdentity {
  readonly identity: string;
  readonly ownerTag: InstanceTag | undefined;
}

const DEVICE = /^([^/]+)\/([0-9a-f]{8})$/i;

/** A bare address; or one with "/" and an instance tag behind it, as the XMPP draft asks in one place. */
export function toQueriedIdentity(text: string): QueriedIdentity {
  const match = DEVICE.exec(text);
  if (match === null) return { identity: text, ownerTag: undefined };
  const [, identity = '', tag = ''] = match;
  return { identity, ownerTag: validateInstanceTag(Number.parseInt(tag, 16), 'identity') };
}
