// SPDX-License-Identifier: GPL-3.0-or-later

import type { EncryptedView, TransmitEffect } from '#otr';
import { newStanzaId } from '#shared/std/random-hex.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { OtrKind } from '#main/xmpp/wire.ts';
import type { World } from './ports.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import { beganOffline, isAwayPlace, isWritableAway } from './away.ts';
import { viewOf } from './sessions.ts';
import type { Carried, Turn } from './turn.ts';

function kindOf(body: string): OtrKind {
  if (body.startsWith('?OTR Error:')) return 'error';
  return body.startsWith('?OTRv') ? 'query' : 'encoded';
}

interface Way {
  readonly full: FullJid;
  /** The session that stood there when the step began. */
  readonly before: EncryptedView | undefined;
}

/**
 * To the device itself: others could not read it. While it is away to its account, whose server keeps
 * it (xep C-14, C-15).
 */
export function transmit(
  world: World,
  turn: Turn,
  { full, before }: Way,
  effect: TransmitEffect,
): void {
  const address = isAway(turn, full, before)
    ? ({ to: turn.chat.peer, keep: true } as const)
    : { to: full };
  const last = effect.bodies.length - 1;
  for (const [index, body] of effect.bodies.entries()) {
    turn.transmissions.push({
      tag: 'otr',
      message: { ...address, body, id: newStanzaId(world), kind: kindOf(body) },
      // A text has arrived when its last fragment has.
      carries: index === last ? carriedBy(turn, full, effect) : undefined,
    });
  }
}

function isAway(turn: Turn, full: FullJid, before: EncryptedView | undefined): boolean {
  const device = turn.device(full);
  if (isAwayPlace(full)) return true;
  if (device.online) return false;
  return isWritableAway(device) || (before !== undefined && beganOffline(before));
}

function carriedBy(turn: Turn, full: FullJid, { ref }: TransmitEffect): Carried | undefined {
  const view = viewOf(turn.device(full));
  if (ref === undefined || view === undefined) return undefined;
  return { item: String(ref) as ItemId, device: formatTag(view.theirTag) };
}

/**
 * What OTR has no words for. An error message is what other clients show as a line or ignore; ours
 * knows these two. Unauthenticated like every error: they may end an attempt, never a session.
 */
export type Notice = 'DECLINED' | 'WITHDRAWN';

const NOTICES: Readonly<Record<Notice, string>> = {
  DECLINED: 'The invitation to talk off the record was declined.',
  WITHDRAWN: 'The invitation to talk off the record was withdrawn.',
};
const NOTICE = /^\?OTR Error:\s*(DECLINED|WITHDRAWN):/;

export function sendNotice(world: World, turn: Turn, full: FullJid, notice: Notice): void {
  const body = `?OTR Error: ${notice}: ${NOTICES[notice]}`;
  const message = { to: full, body, id: newStanzaId(world), kind: 'error' } as const;
  turn.transmissions.push({ tag: 'otr', message, carries: undefined });
}

export function findNotice(body: string): Notice | undefined {
  return NOTICE.exec(body)?.[1] as Notice | undefined;
}
