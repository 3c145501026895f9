// SPDX-License-Identifier: GPL-3.0-or-later

import type { Stanzas } from 'stanza';
import { type BareJid, bareOf, type FullJid } from '#shared/model/jid.ts';
import type {
  CreateXmppClient,
  FetchedArchive,
  FetchedDevices,
  FetchedPrekeyServers,
  NewContact,
  RequestResult,
  XmppClient,
  XmppConfig,
} from './client.ts';
import { ArchiveReader } from './archive.ts';
import { toCodePlace, toErrorKind } from '#main/log/code-place.ts';
import { Connector } from './connector.ts';
import { fetchDevices, publishDevices } from './devices-node.ts';
import { fromMessage, fromPresence, type InboundContext } from './inbound.ts';
import { limits } from './limits.ts';
import {
  toChatStanza,
  toChatStateStanza,
  toOtrStanza,
  toPrekeyStanza,
  toPresenceStanza,
  toReceiptStanza,
} from './outbound.ts';
import type { XmppDeps } from './ports.ts';
import { fetchPrekeyServers } from './prekey-servers.ts';
import { request } from './requests.ts';
import { RosterBook } from './roster-book.ts';
import { fetchServerTime } from './server-time.ts';
import type {
  ArchiveStart,
  ChatState,
  ListedDevice,
  OutgoingChat,
  OutgoingOtr,
  OutgoingPrekey,
  OwnPresence,
  RosterItem,
  SendResult,
  WireEvent,
} from './wire.ts';
import { toXmlText } from '#main/xml/xml-text.ts';

type PresenceType = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed';

class StanzaXmppClient {
  readonly #config: XmppConfig;
  readonly #deps: XmppDeps;
  readonly #book = new RosterBook();
  readonly #listeners = new Set<(event: WireEvent) => void>();
  readonly connector: Connector;
  readonly #archive: ArchiveReader;
  /** Those that we have written to: nobody else can say anything of this kind. */
  readonly #prekeyServers = new Set<string>();
  #presence: OwnPresence = { show: undefined, status: undefined };

  constructor(config: XmppConfig, deps: XmppDeps) {
    this.#config = config;
    this.#deps = deps;
    this.connector = new Connector(config, deps, {
      emit: (event) => {
        this.#emit(event);
      },
      maySeeUs: (jid) => this.#book.maySeeUs(jid),
      prepare: () => this.#prepare(),
    });
    this.#archive = new ArchiveReader(this.connector.agent, () => this.#context());
    this.#listen();
  }

  subscribe(listen: (event: WireEvent) => void): () => void {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  sendChat(message: OutgoingChat): SendResult {
    return this.#sendMessage(toChatStanza(message));
  }

  sendOtr(message: OutgoingOtr): SendResult {
    return this.#sendMessage(toOtrStanza(message));
  }

  sendPrekey(message: OutgoingPrekey): SendResult {
    const result = this.#sendMessage(toPrekeyStanza(message));
    if (result === 'sent') this.#prekeyServers.add(message.to);
    return result;
  }

  sendReceipt(to: FullJid, forId: string): SendResult | 'not-allowed' {
    if (!this.#book.maySeeUs(bareOf(to))) return 'not-allowed';
    return this.#sendMessage(toReceiptStanza(to, forId, this.connector.agent.nextId()));
  }

  sendChatState(to: FullJid, state: ChatState): SendResult | 'not-allowed' {
    if (!this.#book.maySeeUs(bareOf(to))) return 'not-allowed';
    return this.#sendMessage(toChatStateStanza(to, state, this.connector.agent.nextId()));
  }

  setPresence(presence: OwnPresence): void {
    this.#presence = presence;
    if (this.#isOnline()) this.#sendPresence();
  }

  roster(): readonly RosterItem[] {
    return this.#book.items();
  }

  saveContact(contact: NewContact): Promise<RequestResult> {
    const { jid, name, groups } = contact;
    return this.#requestRoster({
      jid,
      subscription: this.#book.get(jid)?.subscription ?? 'none',
      groups: groups.map(toXmlText),
      ...(name === undefined ? {} : { name: toXmlText(name) }),
    });
  }

  renameContact(jid: BareJid, name: string): Promise<RequestResult> {
    return this.saveContact({ jid, name, groups: this.#book.get(jid)?.groups ?? [] });
  }

  removeContact(jid: BareJid): Promise<RequestResult> {
    return this.#requestRoster({ jid, subscription: 'remove' });
  }

  sendSubscription(to: BareJid, type: PresenceType): SendResult {
    if (!this.#isOnline()) return 'offline';
    this.connector.agent.sendPresence({ to, type });
    return 'sent';
  }

  async fetchDevices(of: BareJid): Promise<FetchedDevices> {
    if (!this.#isOnline()) return { tag: 'offline' };
    const answer = await fetchDevices(this.connector.agent, of);
    if (of === this.#config.jid && answer.tag === 'list') {
      this.#emit({ tag: 'device-list', of, devices: answer.devices });
    }
    return answer;
  }

  async fetchArchive(start: ArchiveStart): Promise<FetchedArchive> {
    return this.#isOnline() ? this.#archive.fetch(start) : { tag: 'offline' };
  }

  async fetchPrekeyServers(domain: string): Promise<FetchedPrekeyServers> {
    if (!this.#isOnline()) return { tag: 'offline' };
    return fetchPrekeyServers(this.connector.agent, this.#deps.clock, domain);
  }

  async fetchServerTime(): Promise<number | undefined> {
    return this.#isOnline() ? fetchServerTime(this.connector.agent, this.#config.jid) : undefined;
  }

  async publishDevices(devices: readonly ListedDevice[]): Promise<RequestResult> {
    return this.#isOnline() ? publishDevices(this.connector.agent, devices) : { tag: 'offline' };
  }

  #isOnline(): boolean {
    return this.connector.state.tag === 'online';
  }

  #emit(event: WireEvent): void {
    for (const listen of [...this.#listeners]) {
      this.#guard(() => {
        listen(event);
      });
    }
  }

  /** A fault of ours must not reach stanza: it would lose count of the stanzas it has handled. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#deps.note('bug', { kind: toErrorKind(cause), place: toCodePlace(cause) });
    }
  }

  #context(): InboundContext {
    return {
      own: this.#config.jid,
      now: this.#deps.clock.now(),
      isContact: (jid) => this.#book.get(jid) !== undefined,
      isPrekeyServer: (domain) => this.#prekeyServers.has(domain),
    };
  }

  #listen(): void {
    const { agent } = this.connector;
    agent.on('message', (stanza) => {
      this.#guard(() => {
        const { from, archive } = stanza;
        if (archive !== undefined) this.#archive.take({ from, archive });
        for (const event of fromMessage(stanza, this.#context())) this.#emit(event);
      });
    });
    agent.on('presence', (stanza) => {
      this.#guard(() => {
        for (const event of fromPresence(stanza, this.#context())) this.#emit(event);
      });
    });
    agent.on('iq:set:roster', (iq) => {
      agent.sendIQResult(iq);
      const event = this.#book.push(iq.roster.items ?? []);
      if (event !== undefined) this.#emit(event);
    });
    agent.on('message:acked', ({ id, body }) => {
      if (id !== undefined && body !== undefined) this.#emit({ tag: 'acknowledged', id });
    });
    agent.on('message:failed', ({ id, body }) => {
      if (id !== undefined && body !== undefined) this.#emit({ tag: 'not-sent', id });
    });
  }

  /** Carbons before presence: afterwards messages may arrive. The roster first: it judges senders. */
  async #prepare(): Promise<void> {
    const { agent } = this.connector;
    const carbons = request(agent, { type: 'set', carbons: { action: 'enable' } });
    try {
      const answer: Stanzas.IQ = await agent.sendIQ({ type: 'get', roster: {} });
      this.#emit(this.#book.replace(answer.roster?.items ?? []));
    } catch {
      // The last known roster stays in use; pushes keep it going.
      this.#deps.note('xmpp.roster-unavailable', {});
    }
    if ((await carbons).tag !== 'done') this.#deps.note('xmpp.carbons-unavailable', {});
    this.#sendPresence();
  }

  #sendPresence(): void {
    const { agent } = this.connector;
    const capabilities = agent.getCurrentCaps()?.legacyCapabilities ?? [];
    agent.sendPresence(toPresenceStanza(this.#presence, capabilities));
  }

  #sendMessage(stanza: Stanzas.Message): SendResult {
    const { agent } = this.connector;
    if (!this.#isOnline()) return 'offline';
    if (agent.sm.unacked.length >= limits.unacknowledgedStanzas) return 'offline';
    if (!this.connector.fits('message', stanza)) return 'too-long';
    void agent.send('message', stanza);
    return 'sent';
  }

  async #requestRoster(item: Stanzas.RosterItem): Promise<RequestResult> {
    if (!this.#isOnline()) return { tag: 'offline' };
    return request(this.connector.agent, { type: 'set', roster: { items: [item] } });
  }
}

export const createXmppClient: CreateXmppClient = (config, deps): XmppClient => {
  const client = new StanzaXmppClient(config, deps);
  const { connector } = client;
  return {
    connect: (options) => {
      connector.connect(options);
    },
    disconnect: () => connector.disconnect(),
    state: () => connector.state,
    hold: () => {
      connector.hold(true);
    },
    release: () => {
      connector.hold(false);
    },
    subscribe: (listen) => client.subscribe(listen),
    sendChat: (message) => client.sendChat(message),
    sendOtr: (message) => client.sendOtr(message),
    sendPrekey: (message) => client.sendPrekey(message),
    sendReceipt: (to, forId) => client.sendReceipt(to, forId),
    sendChatState: (to, state) => client.sendChatState(to, state),
    setPresence: (presence) => {
      client.setPresence(presence);
    },
    roster: () => client.roster(),
    addContact: (contact) => client.saveContact(contact),
    renameContact: (jid, name) => client.renameContact(jid, name),
    removeContact: (jid) => client.removeContact(jid),
    requestSubscription: (jid) => client.sendSubscription(jid, 'subscribe'),
    approveSubscription: (jid) => client.sendSubscription(jid, 'subscribed'),
    denySubscription: (jid) => client.sendSubscription(jid, 'unsubscribed'),
    cancelSubscription: (jid) => client.sendSubscription(jid, 'unsubscribe'),
    fetchPrekeyServers: (domain) => client.fetchPrekeyServers(domain),
    fetchArchive: (start) => client.fetchArchive(start),
    fetchDevices: (of) => client.fetchDevices(of),
    fetchServerTime: () => client.fetchServerTime(),
    publishDevices: (devices) => client.publishDevices(devices),
  };
};
