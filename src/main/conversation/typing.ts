// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import type { ChatState } from '#main/xmpp/wire.ts';
import { type Chat, NOBODY_TYPES } from './chat.ts';
import { deriveTurn } from './facts.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import type { Turn } from './turn.ts';

/** Who types says so again or writes; who does neither has stopped, though nobody says it. */
const TYPING_MS = 30_000;

export function applyChatState(world: World, turn: Turn, full: FullJid, state: ChatState): void {
  const until = world.clock.monotonicNow() + TYPING_MS;
  const peer = state === 'composing' ? { full, until } : undefined;
  // A device that left the chat need not hear of it any more.
  const hears = state === 'gone' ? undefined : full;
  turn.set({ typing: { ...turn.chat.typing, peer, hears } });
}

/** It has written, or is gone. */
export function stopTyping(turn: Turn, full: FullJid, isGone = false): void {
  const { typing } = turn.chat;
  if (typing.peer?.full === full) turn.set({ typing: { ...typing, peer: undefined } });
  if (isGone && typing.hears === full) turn.set({ typing: NOBODY_TYPES });
}

export function expireTyping(world: World, turn: Turn): void {
  const { peer } = turn.chat.typing;
  if (peer !== undefined && peer.until <= world.clock.monotonicNow()) stopTyping(turn, peer.full);
}

/** What the window shows. Not beside a chat off the record, where nobody knows who says it. */
export const showsTyping = (world: World, chat: Chat): boolean =>
  chat.typing.peer !== undefined && liveOf(world, chat).length === 0;

/** The user types, or has stopped. It is told only where the next text would go in clear. */
export function sayTyping(world: World, turn: Turn, isTyping: boolean): void {
  const { typing } = turn.chat;
  if (isTyping === typing.told) return;
  const { hears } = typing;
  if (hears === undefined || !mayTell(world, turn, hears)) {
    turn.set({ typing: { ...typing, told: false } });
    return;
  }
  turn.set({ typing: { ...typing, told: isTyping } });
  const state = isTyping ? 'composing' : 'paused';
  turn.transmissions.push({ tag: 'chat-state', to: hears, state });
}

/** The text itself says that we have stopped. */
export function forgetTold(turn: Turn): void {
  turn.set({ typing: { ...turn.chat.typing, told: false } });
}

function mayTell(world: World, turn: Turn, to: FullJid): boolean {
  if (!world.settings().sendTyping || !permitsClear(world.mode())) return false;
  const { state, composer } = deriveTurn(world, turn);
  const isPlain = state === 'plain' || state === 'plain-available';
  const isThere = turn.chat.devices.get(to)?.online === true;
  return isPlain && composer === 'send' && isThere && world.wire.state().tag === 'online';
}
