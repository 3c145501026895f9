// SPDX-License-Identifier: GPL-3.0-or-later

import type { RosterItem, WireEvent } from '#main/xmpp/wire.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import { openSession, type SessionOptions } from '../support/rogue-scripts.ts';
import { type RoguePeer, type RogueScript, RogueServer } from '../support/rogue-server.ts';
import { configure, Party } from './parties.ts';

export const ME = 'alice@localhost';
export const ROSTER =
  "<item jid='bob@localhost' subscription='both'/><item jid='carol@localhost' subscription='to'/>";
/** Comes after what a test is about, so that seeing it means the rest has been dealt with. */
export const MARK = "<message from='bob@localhost/x' type='chat'><body>mark</body></message>";
const QUIET: ReadonlySet<string> = new Set(['connection', 'session', 'roster']);

export interface Outcome {
  /** What the client made of it, apart from the mark and how it came online. */
  readonly events: readonly WireEvent[];
  /** Everything that it said. */
  readonly heard: string;
  /** The part of it that came after the login. */
  readonly said: string;
}

/** A hostile server, and clients that come to it. */
export class RogueTalk implements AsyncDisposable {
  readonly #authority: TestAuthority;
  readonly #keys: KeyPair;

  private constructor(authority: TestAuthority, keys: KeyPair) {
    this.#authority = authority;
    this.#keys = keys;
  }

  static async open(): Promise<RogueTalk> {
    const authority = await TestAuthority.create();
    return new RogueTalk(authority, await authority.issue({ names: ['DNS:localhost'] }));
  }

  /** What a client makes of stanzas that arrive in a session. */
  async receive(xml: string, options: SessionOptions = {}): Promise<Outcome> {
    return this.talk(async (peer) => {
      peer.send(xml + MARK);
      await Promise.resolve();
    }, options);
  }

  /** The same for a talk; the mark has to come at its end. */
  async talk(
    act: (peer: RoguePeer) => Promise<void>,
    options: SessionOptions = {},
    during: (party: Party) => Promise<void> = () => Promise.resolve(),
  ): Promise<Outcome> {
    let before = '';
    await using rogue = await this.#serve(async (peer) => {
      await openSession(peer, { roster: ROSTER, ...options });
      before = peer.heard;
      await act(peer);
    });
    const party = await this.#visitor(rogue).online();
    await during(party);
    await party.see('message', ({ body }) => body === 'mark');
    await party.client.disconnect();
    const events = party.events.filter(
      (event) => !QUIET.has(event.tag) && !(event.tag === 'message' && event.body === 'mark'),
    );
    return { events, heard: rogue.heard, said: rogue.heard.slice(before.length) };
  }

  /** The roster of a client that meets a server which plays this. */
  async meet(script: RogueScript): Promise<{ readonly roster: readonly RosterItem[] }> {
    await using rogue = await this.#serve(script);
    const party = await this.#visitor(rogue).online();
    await party.see('message', ({ body }) => body === 'mark');
    const roster = party.client.roster();
    await party.client.disconnect();
    return { roster };
  }

  /** How the line ends when a server plays this. */
  async ending(script: RogueScript): Promise<WireEvent[]> {
    await using rogue = await this.#serve(script);
    const party = this.#visitor(rogue);
    party.client.connect({ persist: true });
    await party.see('connection', ({ state }) => state.tag === 'waiting');
    await party.client.disconnect();
    return party.events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#authority[Symbol.asyncDispose]();
  }

  #serve(script: RogueScript): Promise<RogueServer> {
    return RogueServer.start(this.#keys, script);
  }

  #visitor(rogue: RogueServer): Party {
    const { host, port } = rogue;
    return new Party(configure({ host, port, certificatePem: this.#authority.certificate }, ME));
  }
}

/** A copy of a message, as a server hands it on (XEP-0280). */
export const carbon = (outer: string, inner: string, direction = 'received'): string =>
  `<message ${outer} type='chat'><${direction} xmlns='urn:xmpp:carbons:2'>` +
  `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></${direction}></message>`;

export const innerFrom = (from: string, to: string, type = 'chat', body = 'inner'): string =>
  `<message xmlns='jabber:client' from='${from}' to='${to}' type='${type}'><body>${body}</body></message>`;
