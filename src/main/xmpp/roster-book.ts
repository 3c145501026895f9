// SPDX-License-Identifier: GPL-3.0-or-later

import type { Stanzas } from 'stanza';
import { type BareJid, parseBareJid } from '#shared/model/jid.ts';
import type { RosterItem, Subscription, WireEvent } from './wire.ts';
import { toXmlText } from '#main/xml/xml-text.ts';

const SUBSCRIPTIONS: ReadonlySet<string> = new Set<Subscription>(['none', 'to', 'from', 'both']);
const isSubscription = (text: string): text is Subscription => SUBSCRIPTIONS.has(text);

/** What stanza's type promises, a server may still leave out. */
type WireItem = Partial<Stanzas.RosterItem>;

/** Undefined for what is not the address of a person, such as a service. */
function toRosterItem(item: WireItem): RosterItem | undefined {
  const jid = parseBareJid(item.jid ?? '');
  if (!jid.ok) return undefined;
  // Absent means `none` (RFC 6121, section 2.1.2.5).
  const subscription = item.subscription ?? 'none';
  return {
    jid: jid.value,
    name: item.name === undefined || item.name === '' ? undefined : toXmlText(item.name),
    subscription: isSubscription(subscription) ? subscription : 'none',
    pending: item.pending === 'subscribe',
    groups: (item.groups ?? []).map(toXmlText),
  };
}

/** The roster as the server last told it. */
export class RosterBook {
  readonly #items = new Map<BareJid, RosterItem>();

  items(): readonly RosterItem[] {
    return [...this.#items.values()];
  }

  get(jid: BareJid): RosterItem | undefined {
    return this.#items.get(jid);
  }

  /** Does this account see our presence anyway? */
  maySeeUs(jid: BareJid): boolean {
    const subscription = this.#items.get(jid)?.subscription;
    return subscription === 'from' || subscription === 'both';
  }

  replace(items: readonly WireItem[]): WireEvent {
    this.#items.clear();
    for (const item of items.map(toRosterItem)) {
      if (item !== undefined) this.#items.set(item.jid, item);
    }
    return { tag: 'roster', items: this.items() };
  }

  /** A push holds exactly one item (RFC 6121, section 2.1.6). */
  push(items: readonly WireItem[]): WireEvent | undefined {
    const [pushed] = items;
    const item = pushed === undefined || items.length !== 1 ? undefined : toRosterItem(pushed);
    if (item === undefined) return undefined;
    if (pushed?.subscription === 'remove') {
      this.#items.delete(item.jid);
      return { tag: 'roster-removed', jid: item.jid };
    }
    this.#items.set(item.jid, item);
    return { tag: 'roster-changed', item };
  }
}
