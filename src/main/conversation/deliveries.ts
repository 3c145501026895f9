// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationId } from '#shared/model/ids.ts';
import type { MessageId } from '#main/store/rows.ts';
import type { Carried } from './turn.ts';

/** What a stanza under way carried. */
export interface UnderWay {
  readonly conversation: ConversationId;
  readonly what:
    { readonly tag: 'stored'; readonly row: MessageId } | ({ readonly tag: 'memory' } & Carried);
}

/** More than the server may leave unacknowledged; the oldest is forgotten first. */
const MAX_UNDER_WAY = 2000;

/** Stanzas whose fate is not known yet, by their id. */
export class Deliveries {
  readonly #underWay = new Map<string, UnderWay>();
  /** Those that were written while there was no line, and wait for one. */
  readonly #kept = new Set<string>();

  /** It could not be handed over. */
  keep(stanzaId: string): void {
    this.#kept.add(stanzaId);
  }

  /** Whether it may be known anywhere else. Of those of an earlier start nobody can tell. */
  mayHaveLeft(stanzaId: string): boolean {
    return !this.#kept.has(stanzaId);
  }

  add(stanzaId: string, underWay: UnderWay): void {
    this.#kept.delete(stanzaId);
    const [oldest] = this.#underWay.keys();
    if (oldest !== undefined && this.#underWay.size >= MAX_UNDER_WAY) this.#underWay.delete(oldest);
    this.#underWay.set(stanzaId, underWay);
  }

  get(stanzaId: string): UnderWay | undefined {
    return this.#underWay.get(stanzaId);
  }

  forget(stanzaId: string): void {
    this.#underWay.delete(stanzaId);
  }
}
