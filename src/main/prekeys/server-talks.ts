// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnIdentity, ServerFingerprint } from '#otr';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import type { PrekeysWorld } from './ports.ts';
import type { KnownServer } from './server-finder.ts';
import { type Persist, ServerTalk } from './server-talk.ts';

/** Servers that are remembered when nothing is said to them any more. */
const MAX_TALKS = 16;

interface Talk {
  readonly fingerprint: ServerFingerprint;
  readonly talk: ServerTalk;
}

/** One machine for each prekey server, whatever it is asked for. */
export class ServerTalks {
  readonly #world: PrekeysWorld;
  readonly #persist: Persist;
  readonly #talks = new Map<string, Talk>();

  constructor(world: PrekeysWorld, persist: Persist) {
    this.#world = world;
    this.#persist = persist;
  }

  with({ jid, fingerprint }: KnownServer, own: OwnIdentity): ServerTalk {
    const { ourJid, mode } = this.#world;
    const context = { own, ourJid, serverJid: jid, serverFingerprint: fingerprint, mode: mode() };
    const known = this.#talks.get(jid);
    if (known !== undefined && equalBytes(known.fingerprint, fingerprint)) {
      known.talk.reconfigure(context);
      return known.talk;
    }
    known?.talk.stop();
    const talk = new ServerTalk(this.#world, context, this.#persist);
    this.#makeRoom();
    this.#talks.set(jid, { fingerprint, talk });
    return talk;
  }

  hear(event: WireEvent): void {
    for (const { talk } of [...this.#talks.values()]) talk.hear(event);
  }

  /** The user does not want it, or its key is another one now. */
  drop(jid: string): void {
    this.#talks.get(jid)?.talk.stop();
    this.#talks.delete(jid);
  }

  stop(): void {
    for (const { talk } of this.#talks.values()) talk.stop();
    this.#talks.clear();
  }

  #makeRoom(): void {
    for (const [jid, { talk }] of this.#talks) {
      if (this.#talks.size < MAX_TALKS) return;
      if (!talk.isIdle) continue;
      talk.stop();
      this.#talks.delete(jid);
    }
  }
}
