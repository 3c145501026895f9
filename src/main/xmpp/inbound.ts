// SPDX-License-Identifier: GPL-3.0-or-later

import type { Stanzas } from 'stanza';
import { type BareJid, domainOf, parseDomain } from '#shared/model/jid.ts';
import { parseSender, parseSenderOr } from './addresses.ts';
import { readEvent } from './devices-node.ts';
import { limits } from './limits.ts';
import type { Carbon, ChatState, Hints, Sender, Show, WireEvent, WireMessage } from './wire.ts';
import { toXmlText } from '#main/xml/xml-text.ts';

/** What a stanza is judged by. */
export interface InboundContext {
  readonly own: BareJid;
  readonly now: number;
  /** Is this account in our roster, in whatever state? */
  readonly isContact: (jid: BareJid) => boolean;
  /** Is this domain a prekey server that we have written to? */
  readonly isPrekeyServer: (domain: string) => boolean;
}

/** Delay stamps outside of this range are lies or broken clocks (RFC 6121 has no earlier deployments). */
const EARLIEST_AT = Date.UTC(2010, 0, 1);
const ONE_DAY_MS = 86_400_000;

const NOTHING: readonly WireEvent[] = [];

function toHints(hints: Stanzas.ProcessingHints | undefined): Hints {
  return {
    noCopy: hints?.noCopy ?? false,
    noStore: hints?.noStore ?? false,
    noPermanentStore: hints?.noPermanentStore ?? false,
    store: hints?.store ?? false,
  };
}

/** What stanza's type promises, a sender may still leave out. */
type WireDelay = Partial<Stanzas.Delay>;

/** Only our own server's stamp counts: others could move their messages about in our history. */
function toDelayedAt(delay: WireDelay | undefined, context: InboundContext): number | undefined {
  if (delay?.timestamp === undefined) return undefined;
  const byUs = delay.from === context.own || delay.from === domainOf(context.own);
  const stampedAt = delay.timestamp.getTime();
  if (!byUs || Number.isNaN(stampedAt)) return undefined;
  return Math.min(Math.max(stampedAt, EARLIEST_AT), context.now + ONE_DAY_MS);
}

const toId = (id: string | undefined): string | undefined =>
  id !== undefined && id !== '' && id.length <= limits.stanzaIdUnits ? id : undefined;

interface Parties {
  readonly from: Sender;
  readonly to: Sender;
  readonly carbon: Carbon;
}

function toMessage(
  stanza: Stanzas.Message,
  { from, to, carbon }: Parties,
  context: InboundContext,
): WireMessage | undefined {
  const { body } = stanza;
  if (body === undefined || body === '') return undefined;
  return {
    tag: 'message',
    id: toId(stanza.id),
    from,
    to,
    body: toXmlText(body),
    carbon,
    own: from.bare === context.own,
    delayedAt: toDelayedAt(stanza.delay, context),
    originId: toId(stanza.originId),
    stanzaId: toId(stanza.stanzaIds?.find(({ by }) => by === context.own)?.id),
    receiptRequested: stanza.receipt?.type === 'request',
    encryption: toId(stanza.encryptionMethod?.id),
    hints: toHints(stanza.processingHints),
  };
}

function toBounce(stanza: Stanzas.Message, from: Sender): readonly WireEvent[] {
  const forId = toId(stanza.id);
  if (forId === undefined) return NOTHING;
  const condition = stanza.error?.condition ?? 'undefined-condition';
  return [{ tag: 'bounced', forId, from, condition }];
}

const isConversation = (type: string | undefined): boolean =>
  type === undefined || type === 'chat' || type === 'normal';

/** Something between two people, not itself wrapped around anything. */
const isPlain = ({ type, ...inside }: Stanzas.Message): boolean =>
  isConversation(type) &&
  [inside.carbon, inside.forward, inside.archive, inside.pubsub].every(
    (part) => part === undefined,
  );

/** Both ends of a copied message; one of them must be the own account. */
function toParties(
  { from, to }: Stanzas.Message,
  carbon: 'sent' | 'received',
  own: BareJid,
): Parties | undefined {
  const parties = { from: parseSender(from), to: parseSender(to) };
  if (parties.from === undefined || parties.to === undefined) return undefined;
  const ours = carbon === 'sent' ? parties.from : parties.to;
  return ours.bare === own ? { from: parties.from, to: parties.to, carbon } : undefined;
}

/**
 * XEP-0280, section 11: a copy counts only when the own account itself, without a resource, hands it
 * on; and what is inside must be a message from or to it. Copies of copies do not exist.
 */
function fromCarbon(
  from: string | undefined,
  { type, forward }: Pick<Stanzas.CarbonMessage, 'type'> & Partial<Stanzas.CarbonMessage>,
  context: InboundContext,
): readonly WireEvent[] {
  if (from !== undefined && from !== context.own) return NOTHING;
  const inner = forward?.message;
  if (inner === undefined || !isPlain(inner)) return NOTHING;
  const message = toCopy(inner, type, context);
  if (message === undefined) return NOTHING;
  const delayedAt = message.delayedAt ?? toDelayedAt(forward?.delay, context);
  return [{ ...message, delayedAt }];
}

/** A stamp of the archive counts, whoever it says to be from: the archive handed it on. */
function toArchivedAt(delay: WireDelay | undefined, context: InboundContext): number | undefined {
  return toDelayedAt(delay && { ...delay, from: context.own }, context);
}

/**
 * A result of a question to the own archive. Like a copy it is never a reason to answer: as such it is
 * handed on, under the id by which the archive knows it.
 */
export function fromArchive(
  { id, item }: Partial<Stanzas.MAMResult>,
  context: InboundContext,
): WireMessage | undefined {
  const inner = item?.message;
  const stanzaId = toId(id);
  if (inner === undefined || stanzaId === undefined || !isPlain(inner)) return undefined;
  const sent = parseSender(inner.from)?.bare === context.own;
  const message = toCopy(inner, sent ? 'sent' : 'received', context);
  const delayedAt = toArchivedAt(item?.delay, context) ?? context.now;
  return message && { ...message, stanzaId, delayedAt };
}

function toCopy(
  inner: Stanzas.Message,
  carbon: 'sent' | 'received',
  context: InboundContext,
): WireMessage | undefined {
  const parties = toParties(inner, carbon, context.own);
  return parties === undefined ? undefined : toMessage(inner, parties, context);
}

/** Archive results and wrapped messages: nothing of the kind has been asked for. */
const isUnasked = ({ archive, forward }: Stanzas.Message): boolean =>
  archive !== undefined || forward !== undefined;

/**
 * Of all events those of device lists alone, and only from the account itself, without a resource:
 * anybody may send a message that looks like an event (xep S-06).
 */
function fromEvent(
  { from, type, pubsub }: Stanzas.Message,
  context: InboundContext,
): readonly WireEvent[] {
  const sender = parseSenderOr(from, context.own);
  if (sender === undefined || sender.full !== undefined || type === 'error') return NOTHING;
  if (sender.bare !== context.own && !context.isContact(sender.bare)) return NOTHING;
  if (pubsub?.context !== 'event') return NOTHING;
  const event = readEvent(sender.bare, pubsub);
  return event === undefined ? NOTHING : [event];
}

/** What somebody else than a person or a device has to say: nothing, but for servers that we wrote to. */
function fromService(
  domain: string,
  { to, type, id, body, delay }: Stanzas.Message,
  context: InboundContext,
): readonly WireEvent[] {
  if (!context.isPrekeyServer(domain) || delay !== undefined) return NOTHING;
  if (parseSenderOr(to, context.own)?.bare !== context.own) return NOTHING;
  if (type === 'error') {
    const forId = toId(id);
    return forId === undefined ? NOTHING : [{ tag: 'prekey-bounced', from: domain, forId }];
  }
  return body === undefined || body === '' ? NOTHING : [{ tag: 'prekey', from: domain, body }];
}

/** A message stanza in our words; nothing for what we did not ask for or do not trust. */
export function fromMessage(
  stanza: Stanzas.Message,
  context: InboundContext,
): readonly WireEvent[] {
  if (stanza.carbon !== undefined) return fromCarbon(stanza.from, stanza.carbon, context);
  if (isUnasked(stanza)) return NOTHING;
  if (stanza.pubsub !== undefined) return fromEvent(stanza, context);
  const service = parseDomain(stanza.from ?? '');
  return service === undefined
    ? fromPerson(stanza, context)
    : fromService(service, stanza, context);
}

function fromPerson(stanza: Stanzas.Message, context: InboundContext): readonly WireEvent[] {
  const from = parseSenderOr(stanza.from, context.own);
  const to = parseSenderOr(stanza.to, context.own);
  if (from === undefined || to?.bare !== context.own) return NOTHING;
  if (stanza.type === 'error') return toBounce(stanza, from);
  if (!isConversation(stanza.type)) return NOTHING;
  return [
    toReceipt(stanza.receipt, from),
    toChatState(stanza, from, context),
    toMessage(stanza, { from, to, carbon: 'none' }, context),
  ].filter((event) => event !== undefined);
}

const CHAT_STATES: ReadonlySet<string> = new Set<ChatState>([
  'active',
  'composing',
  'paused',
  'inactive',
  'gone',
]);
const isChatState = (state: string): state is ChatState => CHAT_STATES.has(state);

/** Of contacts alone; one that a server kept says nothing about now. */
function toChatState(
  { type, chatState, delay }: Stanzas.Message,
  { bare, full }: Sender,
  context: InboundContext,
): WireEvent | undefined {
  if (type !== 'chat' || full === undefined || delay !== undefined) return undefined;
  if (chatState === undefined || !isChatState(chatState)) return undefined;
  if (bare === context.own || !context.isContact(bare)) return undefined;
  return { tag: 'chat-state', from: full, state: chatState };
}

function toReceipt(
  receipt: Stanzas.MessageReceipt | undefined,
  from: Sender,
): WireEvent | undefined {
  const forId = receipt?.type === 'received' ? toId(receipt.id) : undefined;
  return forId === undefined ? undefined : { tag: 'receipt', forId, from };
}

const SHOWS: ReadonlySet<string> = new Set<Show>(['chat', 'away', 'xa', 'dnd']);
const isShow = (show: string | undefined): show is Show => show !== undefined && SHOWS.has(show);

const cut = (text: string | undefined, units: number): string | undefined =>
  text === undefined || text === '' ? undefined : toXmlText(text.slice(0, units));

const SUBSCRIPTION_STEPS = {
  subscribe: 'requested',
  subscribed: 'approved',
  unsubscribe: 'withdrawn',
  unsubscribed: 'refused',
} as const;

type SubscriptionType = keyof typeof SUBSCRIPTION_STEPS;
const isSubscription = (type: string): type is SubscriptionType =>
  Object.hasOwn(SUBSCRIPTION_STEPS, type);

function toPriority(priority: number | undefined): number {
  const whole = Math.trunc(priority ?? 0);
  return Number.isNaN(whole) ? 0 : Math.min(Math.max(whole, -128), 127);
}

function toSubscription(
  type: SubscriptionType,
  from: BareJid,
  text: string | undefined,
): WireEvent {
  const step = SUBSCRIPTION_STEPS[type];
  return { tag: 'subscription', from, step, text: cut(text, limits.requestTextUnits) };
}

/** A presence stanza in our words. Strangers have none; they may only ask to become contacts. */
export function fromPresence(
  stanza: Stanzas.Presence,
  context: InboundContext,
): readonly WireEvent[] {
  const from = parseSender(stanza.from);
  if (from === undefined) return NOTHING;
  const type: string = stanza.type ?? 'available';
  const ours = from.bare === context.own;
  if (isSubscription(type))
    return ours ? NOTHING : [toSubscription(type, from.bare, stanza.status)];
  if (type !== 'available' && type !== 'unavailable') return NOTHING;
  if (!ours && !context.isContact(from.bare)) return NOTHING;
  return [
    {
      tag: 'presence',
      from,
      available: type === 'available',
      show: isShow(stanza.show) ? stanza.show : undefined,
      status: cut(stanza.status, limits.statusUnits),
      priority: toPriority(stanza.priority),
    },
  ];
}
