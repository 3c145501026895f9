// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { Rules } from '#shared/model/rules.ts';
import { advance } from './effects.ts';
import { planAway } from './away-plan.ts';
import { applyKeep } from './keep.ts';
import type { World } from './ports.ts';
import { isAccepted, rulesOf, toOverrides } from './rules.ts';
import { deviceToStart } from './reaching.ts';
import { requireKeys } from './sessions.ts';
import { dropAttempt } from './starting.ts';
import { sendNotice } from './transmit.ts';
import type { Turn } from './turn.ts';

function requireContact(world: World, turn: Turn): void {
  if (!isAccepted(world.store.contacts.get(turn.chat.id))) throw new AppFailure('contact-unknown');
}

/** The user starts, starts again, or refreshes the keys of a live chat. */
export function start(world: World, turn: Turn): void {
  requireContact(world, turn);
  requireKeys(world);
  if (world.wire.state().tag !== 'online') throw new AppFailure('not-connected');
  if (rulesOf(world, world.store.contacts.get(turn.chat.id)).otr === 'never') {
    throw new AppFailure('conversation-locked');
  }
  const { invitation } = turn.chat;
  if (invitation !== undefined) {
    accept(world, turn);
    return;
  }
  const full = deviceToStart(world, turn.chat);
  if (full === undefined) {
    beginAway(world, turn);
    return;
  }
  advance({ world, turn }, full, { tag: 'start' });
}

/** Nobody is there to answer: keys of theirs may have been left for that. */
function beginAway(world: World, turn: Turn): void {
  turn.set({ away: { tag: 'wanted' }, failure: undefined });
  if (planAway(world, turn.chat, turn.entries()) !== undefined) return;
  turn.set({ away: undefined, failure: 'offline' });
}

export function accept(world: World, turn: Turn): void {
  const { invitation } = turn.chat;
  if (invitation === undefined) throw new AppFailure('session-needed');
  requireKeys(world);
  if (world.wire.state().tag !== 'online') throw new AppFailure('not-connected');
  const { full, body, fingerprint } = invitation;
  const { epoch } = turn.chat;
  turn.set({ invitation: undefined, agreement: { full, fingerprint, at: turn.now } });
  advance({ world, turn }, full, { tag: 'receive', body, accepted: true });
  // The engine did not take it: too old, or withdrawn in the meantime.
  const isTaken = turn.chat.attempt?.full === full || turn.chat.epoch !== epoch;
  if (!isTaken) turn.tell({ name: 'start-failed' });
}

export function decline(world: World, turn: Turn): void {
  const { invitation } = turn.chat;
  if (invitation === undefined) return;
  turn.set({ invitation: undefined });
  turn.tell({ name: 'declined-by-us' });
  sendNotice(world, turn, invitation.full, 'DECLINED');
}

/** Takes our own invitation back; a live chat beside it goes on. */
export function cancel(world: World, turn: Turn): void {
  const { attempt } = turn.chat;
  if (attempt === undefined) {
    turn.set({ failure: undefined, agreement: undefined, away: undefined });
    return;
  }
  dropAttempt(world, turn, undefined);
  turn.set({ agreement: undefined });
  advance({ world, turn }, attempt.full, { tag: 'cancel' });
  if (attempt.by === 'us') sendNotice(world, turn, attempt.full, 'WITHDRAWN');
}

export function setRules(world: World, turn: Turn, rules: Rules): void {
  const contact = world.store.contacts.get(turn.chat.id);
  if (contact === undefined) throw new AppFailure('conversation-unknown');
  const defaults = world.settings().rules;
  // Not chosen but forced: it must not stay when the account may speak in clear again.
  const otr = permitsClear(world.mode()) ? rules.otr : (contact.rules.otr ?? defaults.otr);
  const overrides = toOverrides({ ...rules, otr }, contact.rules, defaults);
  turn.write((tx) => {
    world.store.contacts.saveRules(tx, contact.id, overrides);
  });
  applyKeep(turn, rules.keep);
  turn.set({ epoch: turn.chat.epoch + 1 });
}
