// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { DeviceChange } from '#shared/ipc/contract.ts';
import { cleanLabel } from '#shared/model/device-label.ts';
import type { TimelineEvent } from '#shared/model/timeline.ts';
import type { DeviceChoice, SendToRow } from '#main/store/rows.ts';
import { deviceKey, isBlocked, sendToOf } from './choices.ts';
import { deviceWordOf, listOf } from './device-lists.ts';
import { cancel } from './commands.ts';
import { advance } from './effects.ts';
import { end } from './ending.ts';
import type { World } from './ports.ts';
import { mayBeStarting } from './reaching.ts';
import { liveOf } from './sessions.ts';
import { sendNotice } from './transmit.ts';
import { withdraw } from './trust.ts';
import type { Turn } from './turn.ts';

/** What the user decides about one device of the contact (ux 2.5.8). */
export function changeDevice(world: World, turn: Turn, tag: number, change: DeviceChange): void {
  requireKnown(world, turn, tag);
  switch (change.act) {
    case 'rename':
      save(world, turn, tag, { nickname: cleanLabel(change.nickname) || undefined });
      return;
    case 'allow':
      noted(world, turn, tag);
      decide(world, turn, tag, { name: 'device-allowed', choice: { use: 'allowed' } });
      return;
    case 'disallow':
      decide(world, turn, tag, { name: 'device-disallowed', choice: { use: 'ignored' } });
      return;
    case 'ignore':
      noted(world, turn, tag);
      save(world, turn, tag, { use: 'ignored' });
      return;
    case 'block':
      part(world, turn, tag, change.endsChat);
      decide(world, turn, tag, { name: 'device-blocked', choice: { blocked: true } });
      return;
    case 'unblock':
      decide(world, turn, tag, { name: 'device-unblocked', choice: { blocked: false } });
      return;
    case 'forget':
      forget(world, turn, tag, change.endsChat);
  }
}

/** Only what was met or listed: nothing is kept about numbers that nobody has ever shown. */
function requireKnown(world: World, { chat }: Turn, tag: number): void {
  const { store, account } = world;
  const isKnown =
    store.trust.ofPeer(account, chat.peer).some(({ instanceTag }) => instanceTag === tag) ||
    listOf(world, chat.peer).some((row) => row.tag === tag) ||
    liveOf(world, chat).some(({ view }) => view.theirTag === tag);
  if (!isKnown) throw new AppFailure('input-invalid');
}

function save(world: World, turn: Turn, tag: number, choice: Partial<DeviceChoice>): void {
  turn.write((tx) => {
    world.store.choices.save(tx, deviceKey(world, turn.chat.peer, tag), choice);
  });
}

interface Decision {
  readonly name: Exclude<
    Extract<TimelineEvent['name'], `device-${string}`>,
    'device-away' | 'device-back'
  >;
  readonly choice: Partial<DeviceChoice>;
}

/** Who gets messages may be others now: what was on the screen before counts no more (I-1). */
function decide(world: World, turn: Turn, tag: number, { name, choice }: Decision): void {
  save(world, turn, tag, choice);
  turn.set({ epoch: turn.chat.epoch + 1 });
  turn.tell({ name, device: deviceWordOf(world, turn.chat.peer, tag) });
}

function noted(world: World, turn: Turn, tag: number): void {
  turn.write((tx) => {
    const owner = { accountId: world.account, peer: turn.chat.peer };
    world.store.devices.saveNoted(tx, owner, tag, true);
  });
}

/** Nothing of it stays: neither its key nor what the user thought of it. */
function forget(world: World, turn: Turn, tag: number, endsChat: boolean): void {
  const { store, account } = world;
  const { peer } = turn.chat;
  const device = deviceWordOf(world, peer, tag);
  part(world, turn, tag, endsChat);
  for (const row of store.trust.ofPeer(account, peer)) {
    if (row.instanceTag === tag && row.verified) withdraw(world, turn, row.fingerprint);
  }
  turn.write((tx) => {
    const key = deviceKey(world, peer, tag);
    store.trust.forgetDevice(tx, key);
    store.choices.forget(tx, key);
    store.devices.forgetUnlisted(tx, key);
  });
  turn.set({ epoch: turn.chat.epoch + 1 });
  turn.tell({ name: 'device-forgotten', device });
}

/**
 * Ends what runs with this device. When it was the only one the chat is over, and what is written
 * next would not be encrypted: the user has to have been told (I-3).
 */
function part(world: World, turn: Turn, tag: number, endsChat: boolean): void {
  const live = liveOf(world, turn.chat);
  const here = live.filter(({ view }) => view.theirTag === tag);
  const isLast = here.length > 0 && here.length === live.length;
  if (isLast && !endsChat) throw new AppFailure('state-changed');
  giveUpStart(world, turn, tag);
  if (isLast) end(world, turn);
  else for (const { device } of here) advance({ world, turn }, device.full, { tag: 'end' });
  const sendTo = sendToOf(world, turn.chat);
  if (sendTo.rule === 'chosen' && sendTo.tag === tag) saveSendTo(world, turn, { rule: 'verified' });
}

/** Nothing is left of it: neither an invitation, nor a yes to one, nor the keys made for it. */
function giveUpStart(world: World, turn: Turn, tag: number): void {
  const { attempt, invitation } = turn.chat;
  if (invitation?.tag === tag) turn.set({ invitation: undefined });
  if (!mayBeStarting(world, turn, tag)) return;
  if (attempt?.by === 'peer') sendNotice(world, turn, attempt.full, 'DECLINED');
  cancel(world, turn);
}

/** Who gets messages from now on (ux 2.5.8). */
export function setSendTo(world: World, turn: Turn, sendTo: SendToRow): void {
  if (sendTo.rule === 'chosen') {
    requireKnown(world, turn, sendTo.tag);
    if (isBlocked(world, turn.chat.peer, sendTo.tag)) throw new AppFailure('input-invalid');
  }
  saveSendTo(world, turn, sendTo);
}

function saveSendTo(world: World, turn: Turn, sendTo: SendToRow): void {
  const { id, peer } = turn.chat;
  turn.write((tx) => {
    world.store.contacts.saveSendTo(tx, id, sendTo);
  });
  const device = sendTo.rule === 'chosen' ? deviceWordOf(world, peer, sendTo.tag) : undefined;
  turn.set({ epoch: turn.chat.epoch + 1 });
  turn.tell({ name: 'send-to', rule: sendTo.rule, device });
}
