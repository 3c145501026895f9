// SPDX-License-Identifier: GPL-3.0-or-later

import type { Stanzas } from 'stanza';
import { type BareJid, domainOf } from '#shared/model/jid.ts';
import { parseSender, parseSenderOr } from './addresses.ts';
import { limits } from './limits.ts';
import type { Carbon, Hints, Sender, Show, WireEvent, WireMessage } from './wire.ts';
import { toXmlText } from './xml-text.ts';

/** What a stanza is judged by. */
export interface InboundContext {
  readonly own: BareJid;
  readonly now: number;
  /** Is this account in our roster, in whatever state? */
  readonly isContact: (jid: BareJid) => boolean;
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

/** Only our own server's stamp counts: others could move their messages about in our history. */
function toDelayedAt(
  delay: Stanzas.Delay | undefined,
  context: InboundContext,
): number | undefined {
  if (delay === undefined) return undefined;
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

/**
 * XEP-0280, section 11: a copy counts only when the own account itself, without a resource, hands it
 * on; and what is inside must be a message from or to it. Copies of copies do not exist.
 */
function fromCarbon(
  stanza: Stanzas.Message & { readonly carbon: Stanzas.CarbonMessage },
  context: InboundContext,
): readonly WireEvent[] {
  const { type: carbon, forward } = stanza.carbon;
  const inner = forward.message;
  if (stanza.from !== undefined && stanza.from !== context.own) return NOTHING;
  if (inner === undefined || !isConversation(inner.type)) return NOTHING;
  if (inner.carbon !== undefined || inner.forward !== undefined) return NOTHING;
  const from = parseSender(inner.from);
  const to = parseSender(inner.to);
  if (from === undefined || to === undefined) return NOTHING;
  const ours = carbon === 'sent' ? from : to;
  if (ours.bare !== context.own) return NOTHING;
  const delayed = inner.delay ?? forward.delay;
  const copy = delayed === undefined ? inner : { ...inner, delay: delayed };
  const message = toMessage(copy, { from, to, carbon }, context);
  return message === undefined ? NOTHING : [message];
}

const hasCarbon = (
  stanza: Stanzas.Message,
): stanza is Stanzas.Message & { readonly carbon: Stanzas.CarbonMessage } =>
  stanza.carbon !== undefined;

/** A message stanza in our words; nothing for what we did not ask for or do not trust. */
export function fromMessage(
  stanza: Stanzas.Message,
  context: InboundContext,
): readonly WireEvent[] {
  if (hasCarbon(stanza)) return fromCarbon(stanza, context);
  // Archive results, wrapped messages and events: nothing of the kind has been asked for.
  if (stanza.archive !== undefined || stanza.forward !== undefined) return NOTHING;
  if (stanza.pubsub !== undefined) return NOTHING;
  const from = parseSenderOr(stanza.from, context.own);
  const to = parseSenderOr(stanza.to, context.own);
  if (from === undefined || to?.bare !== context.own) return NOTHING;
  if (stanza.type === 'error') return toBounce(stanza, from);
  if (!isConversation(stanza.type)) return NOTHING;

  const events: WireEvent[] = [];
  const forId = stanza.receipt?.type === 'received' ? toId(stanza.receipt.id) : undefined;
  if (forId !== undefined) events.push({ tag: 'receipt', forId, from });
  const message = toMessage(stanza, { from, to, carbon: 'none' }, context);
  if (message !== undefined) events.push(message);
  return events;
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

/** A presence stanza in our words. Strangers have none; they may only ask to become contacts. */
export function fromPresence(
  stanza: Stanzas.Presence,
  context: InboundContext,
): readonly WireEvent[] {
  const from = parseSender(stanza.from);
  if (from === undefined) return NOTHING;
  const type: string = stanza.type ?? 'available';
  if (isSubscription(type)) {
    if (from.bare === context.own) return NOTHING;
    const text = cut(stanza.status, limits.requestTextUnits);
    return [{ tag: 'subscription', from: from.bare, step: SUBSCRIPTION_STEPS[type], text }];
  }
  if (type !== 'available' && type !== 'unavailable') return NOTHING;
  if (from.bare !== context.own && !context.isContact(from.bare)) return NOTHING;
  const priority = Math.trunc(stanza.priority ?? 0);
  return [
    {
      tag: 'presence',
      from,
      available: type === 'available',
      show: isShow(stanza.show) ? stanza.show : undefined,
      status: cut(stanza.status, limits.statusUnits),
      priority: Number.isNaN(priority) ? 0 : Math.min(Math.max(priority, -128), 127),
    },
  ];
}
