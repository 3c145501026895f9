// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import { type LinkError, parseXmppUri } from '#shared/links/xmpp-uri.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { LinkRefusal, LinkView } from '#shared/model/link.ts';

const REFUSALS: Readonly<Record<LinkError, LinkRefusal>> = {
  'not-a-link': 'unreadable',
  'too-long': 'unreadable',
  'bad-encoding': 'unreadable',
  'bad-address': 'unreadable',
  'bad-code': 'bad-code',
  'group-chat': 'group-chat',
};

/**
 * The link that was opened last, read and cleaned, until the user has dealt with it. It waits while
 * the profile is locked or without an account. Nothing is done because of a link alone.
 */
export class LinkDesk {
  readonly #publish: Publish<AppContract>;
  readonly #ours: () => BareJid | undefined;
  #last = 0;
  #view: LinkView | undefined;

  /** `ours`: the address of the account, as soon as there is one. */
  constructor(publish: Publish<AppContract>, ours: () => BareJid | undefined) {
    this.#publish = publish;
    this.#ours = ours;
  }

  view(): LinkView | undefined {
    const view = this.#view;
    if (view?.link.tag !== 'contact' || view.link.as === undefined) return view;
    const ours = this.#ours();
    if (ours === undefined || ours === view.link.as) return view;
    return { id: view.id, link: { tag: 'refused', why: 'other-account' } };
  }

  /** From the system. What cannot be read is said: the user has just clicked on something. */
  take(text: string): void {
    const parsed = parseXmppUri(text);
    this.#show(parsed.ok ? parsed.value : { tag: 'refused', why: REFUSALS[parsed.error] });
  }

  /** Pasted by the user. What cannot be read is told beside the field. */
  open(text: string): void {
    const parsed = parseXmppUri(text);
    if (!parsed.ok) throw new AppFailure('link-invalid');
    this.#show(parsed.value);
  }

  /** The user has dealt with this one; a later one stays. */
  settle(id: number): void {
    if (this.#view?.id !== id) return;
    this.#view = undefined;
    this.#publish('link.changed', undefined);
  }

  #show(link: LinkView['link']): void {
    this.#last += 1;
    this.#view = { id: this.#last, link };
    this.#publish('link.changed', this.view());
  }
}
