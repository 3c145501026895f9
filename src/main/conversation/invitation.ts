// SPDX-License-Identifier: GPL-3.0-or-later

import type { LifecycleEffect } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import { RECOVERY } from './interruption.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { viewOf } from './sessions.ts';
import { INVITATION_MS } from './starting.ts';
import { sendNotice } from './transmit.ts';
import { hasShown, sameKey, verificationOf } from './trust.ts';
import type { Turn } from './turn.ts';

type InvitationEffect = Extract<LifecycleEffect, { readonly tag: 'invitation' }>;

const MINUTE_MS = 60_000;

/**
 * A contact asks to talk off the record. What the user decided beforehand is done at once; otherwise
 * a card is shown and nothing leaves this device.
 */
export function decideInvitation(
  world: World,
  turn: Turn,
  full: FullJid,
  effect: InvitationEffect,
): void {
  const rules = rulesOf(world, world.store.contacts.get(turn.chat.id));
  if (rules.otr === 'never') {
    refuse(world, turn, full);
  } else if (isWelcome(world, turn, full, effect)) {
    turn.stepLater(full, { tag: 'receive', body: effect.body, accepted: true });
  } else {
    const { invitation } = turn.chat;
    const at = invitation?.full === full ? invitation.at : turn.now;
    const { body, theirTag: tag, claimedFingerprint: fingerprint } = effect;
    turn.set({ invitation: { full, at, body, tag, fingerprint }, offered: true });
  }
}

function isWelcome(
  world: World,
  turn: Turn,
  full: FullJid,
  { claimedFingerprint, theirTag }: InvitationEffect,
): boolean {
  const live = viewOf(turn.device(full));
  if (live !== undefined && sameKey(live.theirFingerprint, claimedFingerprint)) return true;
  const { peer } = turn.chat;
  if (isAgreed(turn, full, claimedFingerprint)) return true;
  const { accept } = rulesOf(world, world.store.contacts.get(turn.chat.id));
  if (accept === 'ask') return false;
  if (accept === 'contacts') return true;
  if (verificationOf(world, peer, claimedFingerprint) !== undefined) return true;
  // We could not read what this device sent: it restores a session that we have lost.
  const until = turn.chat.quiet.get(`${RECOVERY}${full}`) ?? 0;
  return world.clock.monotonicNow() < until && hasShown(world, peer, theirTag, claimedFingerprint);
}

/** The user has said yes to this device, and the line broke before there was a chat. */
function isAgreed(turn: Turn, full: FullJid, fingerprint: Uint8Array): boolean {
  const { agreement } = turn.chat;
  if (agreement?.full !== full || turn.now - agreement.at >= INVITATION_MS) return false;
  return sameKey(agreement.fingerprint, fingerprint);
}

/** The rule "never": said once a minute, so that the other side need not wait. */
function refuse(world: World, turn: Turn, full: FullJid): void {
  const nowMs = world.clock.monotonicNow();
  if (nowMs < (turn.chat.quiet.get('refusal') ?? -Infinity)) return;
  turn.set({ quiet: new Map(turn.chat.quiet).set('refusal', nowMs + MINUTE_MS) });
  sendNotice(world, turn, full, 'DECLINED');
}

/** The inviter cancelled, went away, or waited too long. */
export function withdrawInvitation(turn: Turn): void {
  turn.set({ invitation: undefined });
  turn.tell({ name: 'invitation-withdrawn' });
}
