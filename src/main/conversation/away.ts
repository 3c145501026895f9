// SPDX-License-Identifier: GPL-3.0-or-later

import type { EncryptedView } from '#otr';
import { formatTag } from '#shared/model/instance-tag.ts';
import { type BareJid, type FullJid, parseFullJid, resourceOf } from '#shared/model/jid.ts';
import type { Chat, Device } from './chat.ts';
import { viewOf } from './sessions.ts';

const RESOURCE = /^away-[0-9a-f]{8}$/;

/**
 * Where a session stands whose device has no address yet: what is said to it goes to the account, and
 * its server keeps it. Whatever the device itself says moves the session to where it says it from.
 */
export function awayPlace(peer: BareJid, tag: number): FullJid {
  const place = parseFullJid(`${peer}/away-${formatTag(tag)}`);
  if (!place.ok) throw new TypeError('the address of a contact is no address');
  return place.value;
}

export const isAwayPlace = (full: FullJid): boolean => RESOURCE.test(resourceOf(full));

/** Such a session goes on while either side is away, and outlives the program. */
export const beganOffline = ({ role }: EncryptedView): boolean =>
  role === 'retriever' || role === 'publisher';

/** It can be written to although nobody is there to read it now. */
export function isWritableAway(device: Device): boolean {
  const view = viewOf(device);
  return view !== undefined && beganOffline(view);
}

/** The session with this device, wherever it stands. */
export function findByTag({ devices }: Chat, tag: number): Device | undefined {
  return [...devices.values()].find((device) => viewOf(device)?.theirTag === tag);
}
