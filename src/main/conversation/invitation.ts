// SPDX-License-Identifier: GPL-3.0-or-later

import type { LifecycleEffect } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import { RECOVERY } from './interruption.ts';
import { isOfflineStart } from './offline-receiving.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { liveOf, viewOf } from './sessions.ts';
import { INVITATION_MS } from './starting.ts';
import { sendNotice } from './transmit.ts';
import { hasShown, sameKey, verificationOf } from './trust.ts';
import type { Arrival, Turn } from './turn.ts';

type InvitationEffect = Extract<LifecycleEffect, { readonly tag: 'invitation' }> & {
  readonly arrival: Arrival | undefined;
};

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
  const isAway = isOfflineStart(effect.body);
  if (rules.otr === 'never') {
    // Whoever wrote while we were away waits for no answer.
    if (!isAway) refuse(world, turn, full);
  } else if (isAway ? mayBeRead(turn, full, effect) : isWelcome(world, turn, full, effect)) {
    const { body, arrival } = effect;
    turn.stepLater(full, { tag: 'receive', body, accepted: true }, arrival);
  } else {
    const { invitation } = turn.chat;
    const at = invitation?.full === full ? invitation.at : turn.now;
    const { body, theirTag: tag, claimedFingerprint: fingerprint } = effect;
    turn.set({ invitation: { full, at, body, tag, fingerprint }, offered: true });
  }
}

/**
 * What a contact wrote while we were away is read like any message: nothing is answered by that, and
 * what follows it cannot wait for the user (ADR 0036). A stranger's key does not take the place of one
 * that talks with us.
 */
function mayBeRead(turn: Turn, full: FullJid, { claimedFingerprint }: InvitationEffect): boolean {
  const live = viewOf(turn.device(full));
  return live === undefined || sameKey(live.theirFingerprint, claimedFingerprint);
}

function isWelcome(
  world: World,
  turn: Turn,
  full: FullJid,
  { claimedFingerprint, theirTag }: InvitationEffect,
): boolean {
  const { peer } = turn.chat;
  const isRefresh = liveOf(world, turn.chat).some(
    ({ view }) => view.theirTag === theirTag && sameKey(view.theirFingerprint, claimedFingerprint),
  );
  if (isRefresh) return true;
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
