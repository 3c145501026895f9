// SPDX-License-Identifier: GPL-3.0-or-later

import { classify, describe, type OtrMessageKind, permitsClear, senderOfFragment } from '#otr';
import type { WireMessage } from '#main/xmpp/wire.ts';
import type { FullJid } from '#shared/model/jid.ts';
import { findByTag, isWritableAway } from './away.ts';
import { isBlocked } from './choices.ts';
import { advance, advanceMoved } from './effects.ts';
import { withdrawInvitation } from './invitation.ts';
import { INVITATIONS, spendOne } from './budgets.ts';
import { dropSession, findElsewhere } from './moving.ts';
import { noteOlderVersion } from './older-version.ts';
import { receiveText } from './plain-text.ts';
import type { World } from './ports.ts';
import { dropAttempt } from './starting.ts';
import { findNotice, type Notice } from './transmit.ts';
import type { Turn } from './turn.ts';
import { stripWhitespaceTag } from './untrusted-text.ts';

/** Longest body that is looked at, in characters: what the engine may have to put together. */
const MAX_BODY = 262_144;
const MINUTE_MS = 60_000;
export type Body =
  | { readonly tag: 'text'; readonly text: string; readonly offers: boolean }
  | { readonly tag: 'offer' }
  /** An offer of versions that are not spoken here. */
  | { readonly tag: 'older-offer' }
  | { readonly tag: 'notice'; readonly notice: Notice }
  /** `senderTag`: who it claims to be from, where its outer form says so. */
  | { readonly tag: 'otr'; readonly form: Form; readonly senderTag: number | undefined }
  | { readonly tag: 'nothing' };

/** `identity` wants to begin, `offline-start` began while one side was away; `data` belongs to a session that stands; a `piece` may be of either. */
type Form = 'identity' | 'offline-start' | 'data' | 'piece' | 'other';

const OTR: Body = { tag: 'otr', form: 'other', senderTag: undefined };

function formOf(message: OtrMessageKind): Form {
  if (message === 'non-interactive-auth') return 'offline-start';
  return message === 'identity' || message === 'data' ? message : 'other';
}

/** What a body is for us. Text of the protocol is never shown, whoever wrote it. */
export function readBody(body: string): Body {
  if (body.length > MAX_BODY) return { tag: 'nothing' };
  const kind = classify(body);
  switch (kind.kind) {
    case 'plaintext':
      return readText(body, false);
    case 'whitespace-tag':
      return readText(stripWhitespaceTag(body), kind.versions.includes('4'));
    case 'query':
      return readQuery(body, kind.versions);
    case 'error':
      return readError(body);
    case 'message':
      return { tag: 'otr', form: formOf(kind.message), senderTag: kind.senderTag };
    case 'fragment':
      return { tag: 'otr', form: 'piece', senderTag: senderOfFragment(body) };
    case 'version-3':
    case 'foreign':
      return OTR;
  }
}

/** Only at the start it is one (xep S-19); quoted in a sentence it is that sentence. */
function readQuery(body: string, versions: string): Body {
  if (!body.trimStart().startsWith('?OTR')) return readText(body, false);
  return versions.includes('4') ? { tag: 'offer' } : { tag: 'older-offer' };
}

function readError(body: string): Body {
  const notice = findNotice(body);
  return notice === undefined ? OTR : { tag: 'notice', notice };
}

const readText = (text: string, offers: boolean): Body =>
  text.trim() === '' ? { tag: offers ? 'offer' : 'nothing' } : { tag: 'text', text, offers };

/**
 * What a server has kept of a contact's words. Of the protocol it is only what began while one side was
 * away: everything else belongs to sessions that are over (xep X-42). Read once it is never read again.
 */
export function applyKept(world: World, turn: Turn, message: WireMessage, body: Body): void {
  const { full } = message.from;
  if (body.tag !== 'otr' || full === undefined || message.own) return;
  if (isFromBlocked(world, turn, body)) return;
  const input = { tag: 'receive', body: message.body } as const;
  if (body.form === 'offline-start') {
    forgetEnd(world, turn, full);
    advance({ world, turn }, full, input, message);
    return;
  }
  const device = body.senderTag === undefined ? undefined : findByTag(turn.chat, body.senderTag);
  if (device === undefined || !isWritableAway(device)) return;
  advanceMoved({ world, turn }, { from: device.full, to: full }, input, message);
}

/** A message of an accepted contact. Strangers never get here. */
export function applyMessage(world: World, turn: Turn, message: WireMessage, body: Body): void {
  switch (body.tag) {
    case 'text':
      if (permitsClear(world.mode())) applyText(world, turn, message, body);
      else refuseText(world, turn, message);
      return;
    case 'offer':
      if (permitsClear(world.mode())) turn.set({ offered: true });
      return;
    case 'older-offer':
      // What another device of ours sent says nothing about the contact.
      if (message.carbon !== 'sent') noteOlderVersion(world, turn);
      return;
    case 'notice':
    case 'otr':
      applyToSession(world, turn, message, body);
      return;
    case 'nothing':
  }
}

function applyText(
  world: World,
  turn: Turn,
  message: WireMessage,
  { offers, text }: Extract<Body, { readonly tag: 'text' }>,
): void {
  if (offers) turn.set({ offered: true });
  receiveText(world, turn, message, text);
}

/** It is not opened, kept or acknowledged; the user hears that there was something. */
function refuseText(world: World, turn: Turn, { carbon }: WireMessage): void {
  if (carbon === 'sent') return;
  turn.tellOnce({ name: 'plain-refused' }, MINUTE_MS, world.clock.monotonicNow());
}

/** A session is with one device: what was copied to us, or comes from nobody, is not ours. */
function applyToSession(
  world: World,
  turn: Turn,
  message: WireMessage,
  body: Extract<Body, { readonly tag: 'notice' | 'otr' }>,
): void {
  const { full } = message.from;
  if (full === undefined || message.carbon !== 'none') return;
  if (body.tag === 'notice') {
    applyNotice(world, turn, full, body.notice);
  } else if (body.senderTag !== undefined && body.senderTag === ownTagOf(world)) {
    turn.tellOnce({ name: 'reflected' }, MINUTE_MS, world.clock.monotonicNow());
  } else if (isFromBlocked(world, turn, body)) {
    return;
  } else if (body.form !== 'identity' || mayInvite(world, turn, full, message)) {
    receive(world, turn, full, { ...body, message });
  }
}

type OtrBody = Extract<Body, { readonly tag: 'otr' }>;

const isFromBlocked = (world: World, { chat }: Turn, { senderTag }: OtrBody): boolean =>
  senderTag !== undefined && isBlocked(world, chat.peer, senderTag);

/** What a device says from another address than before is still its own (xep X-42). */
function receive(
  world: World,
  turn: Turn,
  full: FullJid,
  { form, senderTag, message }: OtrBody & { readonly message: WireMessage },
): void {
  const input = { tag: 'receive', body: message.body } as const;
  const isNewPlace = turn.device(full).session === undefined;
  const mayBeKnown = form === 'data' || (form === 'piece' && isNewPlace);
  const known =
    mayBeKnown && senderTag !== undefined ? findElsewhere(turn.chat, full, senderTag) : undefined;
  const way = known && { from: known.full, to: full };
  if (way !== undefined && advanceMoved({ world, turn }, way, input, message)) return;
  if (form === 'offline-start' || form === 'piece') forgetEnd(world, turn, full);
  advance({ world, turn }, full, input, message);
}

/**
 * Whoever goes offline with a live session ends it before beginning another way, and a session that was
 * ended takes nothing (OTRv4 "Receiving a Non-Interactive-Auth Message"). The end has been shown, and
 * the chat stays locked by its own means: what begins now begins with a new session (ADR 0036). What
 * comes in pieces may begin too, and nothing else that may come now needs the ended one.
 */
function forgetEnd(world: World, turn: Turn, full: FullJid): void {
  const { session } = turn.device(full);
  if (session !== undefined && describe(session).tag === 'finished') dropSession(world, turn, full);
}

const ownTagOf = (world: World): number | undefined => world.ownKeys()?.identity.profile.ownerTag;

/** An old invitation that a server kept is nobody's wish any more; a flood of them is none either. */
function mayInvite(world: World, turn: Turn, full: FullJid, { delayedAt }: WireMessage): boolean {
  if (delayedAt !== undefined) return false;
  // Both spoke first: theirs is no invitation but half of what we are doing.
  if (turn.chat.attempt?.full === full && turn.chat.attempt.by === 'us') return true;
  return spendOne(turn, INVITATIONS, `invitation:${full}`, world.clock.monotonicNow());
}

function applyNotice(world: World, turn: Turn, full: FullJid, notice: Notice): void {
  const { attempt, invitation } = turn.chat;
  if (notice === 'DECLINED') {
    if (attempt?.full !== full || attempt.by !== 'us') return;
    dropAttempt(world, turn, 'declined');
    advance({ world, turn }, full, { tag: 'cancel' });
    return;
  }
  if (invitation?.full === full) withdrawInvitation(turn);
  if (attempt?.full === full && attempt.by === 'peer') {
    advance({ world, turn }, full, { tag: 'cancel' });
  }
}
