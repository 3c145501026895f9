// SPDX-License-Identifier: GPL-3.0-or-later

import type { Presence } from '#shared/model/contact.ts';
import type { ConversationView, InvitationView, StartingView } from '#shared/model/conversation.ts';
import type { VerificationView } from '#shared/model/verification.ts';
import type { ContactRow } from '#main/store/rows.ts';
import { audienceOf, everyoneIn } from './audience.ts';
import type { Chat } from './chat.ts';
import { toContactView } from './contact-view.ts';
import { toSendToView } from './choices.ts';
import { type DeviceBook, deviceBookOf } from './device-lists.ts';
import { toAudienceView, toDeviceViews, toSessionView } from './device-views.ts';
import { factsOf } from './facts.ts';
import { toNoKeys } from './no-keys.ts';
import type { World } from './ports.ts';
import { derive } from './state.ts';
import type { Shared, Thread } from './thread.ts';
import { type Entry, isOffTheRecord } from './timeline.ts';
import { hasVerified, verificationOf } from './trust.ts';
import { showsTyping } from './typing.ts';

/** The whole conversation as the window shows it. */
export function toConversationView(
  world: World,
  chat: Chat,
  entries: readonly Entry[],
): ConversationView {
  const contact = world.store.contacts.get(chat.id);
  const book = deviceBookOf(world, chat.peer);
  const audience = audienceOf(world, chat);
  const facts = factsOf(world, chat, entries, audience);
  const { state, composer, token } = derive(facts);
  return {
    id: chat.id,
    jid: chat.peer,
    name: nameOf(chat, contact),
    presence: presenceOf(chat, contact),
    typing: showsTyping(world, chat),
    isContact: contact?.inRoster === true,
    state,
    composer,
    stateToken: token,
    noKeys: chat.away?.tag === 'none' ? toNoKeys(chat.away.why) : undefined,
    starting: toStartingView(chat),
    invitation: toInvitationView(world, chat, book),
    verification: toVerificationView(chat, book),
    ...toDeviceViews(world, chat, book),
    audience: toAudienceView(everyoneIn(audience), book),
    sendTo: toSendToView(world, chat, book),
    session: toSessionView(world, audience.now[0], book),
    rules: facts.rules,
    endedAt: chat.ended?.at,
    heldCount: facts.held,
    offTheRecordCount: entries.filter(isOffTheRecord).length,
  };
}

export function nameOf(chat: Chat, contact: ContactRow | undefined): string {
  return contact?.name ?? chat.peer.slice(0, chat.peer.indexOf('@'));
}

const OF_SHOW = { chat: 'online', away: 'away', xa: 'away', dnd: 'busy' } as const;

export function presenceOf(chat: Chat, contact: ContactRow | undefined): Presence {
  const online = [...chat.devices.values()].filter((device) => device.online);
  const [best] = online.toSorted((a, b) => b.priority - a.priority);
  if (best !== undefined) return best.show === undefined ? 'online' : OF_SHOW[best.show];
  const told = contact?.subscription === 'to' || contact?.subscription === 'both';
  return told ? 'offline' : 'unknown';
}

function toStartingView({ attempt, failure, away }: Chat): StartingView | undefined {
  if (away?.tag === 'wanted' || away?.tag === 'asking') {
    return { by: 'keys', since: 0, lastFailure: undefined };
  }
  if (attempt !== undefined) {
    return { by: attempt.by, since: attempt.since, lastFailure: failure };
  }
  return failure === undefined ? undefined : { by: 'us', since: 0, lastFailure: failure };
}

function toInvitationView(
  world: World,
  { invitation, peer }: Chat,
  book: DeviceBook,
): InvitationView | undefined {
  if (invitation === undefined) return undefined;
  const { at, tag, fingerprint } = invitation;
  const isStrange =
    hasVerified(world, peer) && verificationOf(world, peer, fingerprint) === undefined;
  return { at, device: book.nameOf(tag), isStrange };
}

function toVerificationView({ verification }: Chat, book: DeviceBook): VerificationView {
  const { now } = verification;
  if (now.tag === 'idle') return now;
  const device = book.nameOf(now.instanceTag);
  switch (now.tag) {
    case 'waiting':
      return { tag: now.tag, method: now.method, device, since: now.since, code: now.code };
    case 'asked':
      return { tag: now.tag, question: now.question, device, at: now.at };
    case 'checking':
      return { tag: now.tag, device };
    case 'result': {
      const { tag, outcome, method, at, paused } = now;
      return { tag, outcome, method, device, at, paused };
    }
  }
}

/** Tells the window what is new; saying the same twice is left out, not harmful. */
export function publishViews({ world }: Shared, thread: Thread): void {
  const entries = thread.timeline.all();
  const conversation = toConversationView(world, thread.chat, entries);
  const contact = toContactView(world, thread.chat, conversation, entries);
  const told = {
    conversation: JSON.stringify(conversation),
    contact: contact === undefined ? '' : JSON.stringify(contact),
  };
  if (told.conversation !== thread.published.conversation) {
    world.publish('conversation.changed', conversation);
  }
  if (contact !== undefined && told.contact !== thread.published.contact) {
    world.publish('contact.changed', contact);
  }
  thread.published = told;
}
