// SPDX-License-Identifier: GPL-3.0-or-later
import type { Wire } from '#main/conversation/ports.ts';
import type { FetchedArchive } from '#main/xmpp/client.ts';
import type {
  ArchiveStart,
  ChatState,
  ConnectionState,
  ListedDevice,
  OutgoingChat,
  OutgoingOtr,
  Sender,
  WireEvent,
  WireMessage,
} from '#main/xmpp/wire.ts';
import { bareOf, type BareJid, type FullJid } from '#shared/model/jid.ts';

type Hear = (event: WireEvent) => Promise<void>;

interface Frame {
  readonly from: Line;
  readonly to: BareJid | FullJid;
  readonly id: string;
  readonly event: WireEvent;
  /** Servers are asked to keep it for whoever is away. */
  readonly keep?: true | undefined;
}

/** Everything that left a device, as a server on the way would have seen it. */
export interface Seen {
  readonly from: FullJid;
  readonly to: BareJid | FullJid;
  readonly body: string;
  readonly id: string;
  readonly kind: 'chat' | OutgoingOtr['kind'];
  /** For whoever is away. */
  readonly keep?: true | undefined;
}

export const senderOf = (full: FullJid): Sender => ({ bare: bareOf(full), full });

/** A message in the archive of an account. */
export interface Archived {
  readonly id: string;
  readonly at: number;
  readonly message: WireMessage;
}

/** Two or more devices and a server that forwards, loses and repeats as it is told. */
export class FakeNetwork {
  readonly seen: Seen[] = [];
  readonly lines: Line[] = [];
  /** Decides what becomes of each frame: how often it is delivered. */
  fate: (seen: Seen) => number = () => 1;
  /** What the servers answer who are asked for lists, and who was asked. */
  readonly lists = new Map<BareJid, readonly ListedDevice[]>();
  readonly asked: BareJid[] = [];
  /** While it is pending, no server answers. */
  listsAnswer: Promise<unknown> = Promise.resolve();
  /** What the servers have kept of each account, oldest first; none: they keep nothing. */
  readonly archives = new Map<BareJid, Archived[]>();
  /** How each server was asked, and how many messages it hands out at once. */
  readonly archiveAsked: ArchiveStart[] = [];
  archivePage = 100;
  readonly chatStates: {
    readonly from: FullJid;
    readonly to: FullJid;
    readonly state: ChatState;
  }[] = [];
  readonly receipts: { readonly from: FullJid; readonly to: FullJid; readonly forId: string }[] =
    [];
  acknowledges = true;
  #frames: Frame[] = [];
  /** What waits for an account of which nobody is there. */
  readonly spools = new Map<BareJid, Frame[]>();
  /** When a server writes down that it keeps a message. */
  now: () => number = () => 0;

  line(jid: FullJid, hear: Hear): Line {
    const line = new Line(this, jid, hear);
    this.lines.push(line);
    return line;
  }

  /** Delivers until nothing is under way any more. */
  async settle(): Promise<void> {
    for (;;) {
      const [frame, ...rest] = this.#frames;
      if (frame === undefined) return;
      this.#frames = rest;
      await this.#deliver(frame);
    }
  }

  /** Delivers one frame. Returns whether there was one. */
  async deliverOne(): Promise<boolean> {
    const [frame, ...rest] = this.#frames;
    if (frame === undefined) return false;
    this.#frames = rest;
    await this.#deliver(frame);
    return true;
  }

  /** The server dies and comes back: everything under way is lost, nothing is resumed. */
  async restart(): Promise<void> {
    const lost = this.#frames;
    this.#frames = [];
    const lines = this.lines.filter((line) => line.isOnline);
    for (const line of lines) await line.lose(lost);
    for (const line of lines) await line.return();
  }

  send(frame: Frame, seen: Seen | undefined): void {
    if (seen !== undefined) this.seen.push(seen);
    const times = seen === undefined ? 1 : this.fate(seen);
    for (let sent = 0; sent < times; sent += 1) this.#frames.push(frame);
  }

  /** As after a login: what was kept comes at once, and says since when. */
  async unspool(line: Line): Promise<void> {
    const account = bareOf(line.jid);
    const kept = this.spools.get(account) ?? [];
    this.spools.delete(account);
    for (const { event } of kept) await line.hear(event);
  }

  #spool(frame: Frame): void {
    const account = bareOf(frame.to);
    if (frame.event.tag !== 'message') return;
    const kept = { ...frame, event: { ...frame.event, delayedAt: this.now() } };
    this.spools.set(account, [...(this.spools.get(account) ?? []), kept]);
  }

  /** Where there is an archive, it gets whatever is to be kept. */
  #archive({ to, event }: Frame): void {
    const archive = this.archives.get(bareOf(to));
    if (event.tag !== 'message') return;
    archive?.push({ id: `kept-${String(archive.length)}`, at: this.now(), message: event });
  }

  async #deliver(frame: Frame): Promise<void> {
    const { from, to, id, event } = frame;
    const targets = this.lines.filter(
      (line) => line.isOnline && (line.jid === to || bareOf(line.jid) === to),
    );
    if (this.acknowledges) await from.hear({ tag: 'acknowledged', id });
    if (frame.keep === true) this.#archive(frame);
    if (targets.length === 0 && frame.keep === true) this.#spool(frame);
    for (const target of targets) await target.hear(event);
  }
}

/** One device's line to the server. */
export class Line implements Wire {
  readonly jid: FullJid;
  readonly hear: Hear;
  readonly #network: FakeNetwork;
  #state: ConnectionState = { tag: 'offline' };

  constructor(network: FakeNetwork, jid: FullJid, hear: Hear) {
    this.#network = network;
    this.jid = jid;
    this.hear = hear;
  }

  get isOnline(): boolean {
    return this.#state.tag === 'online';
  }

  readonly state = (): ConnectionState => this.#state;

  readonly sendChat = (message: OutgoingChat) => {
    if (!this.isOnline) return 'offline' as const;
    const { to, body, id } = message;
    const event = this.#message(to, body, id, message.requestReceipt);
    this.#network.send(
      { from: this, to, id, event },
      { from: this.jid, to, body, id, kind: 'chat' },
    );
    return 'sent' as const;
  };

  readonly sendOtr = ({ to, body, id, kind, keep }: OutgoingOtr) => {
    if (!this.isOnline) return 'offline' as const;
    const event = this.#message(to, body, id, false);
    this.#network.send(
      { from: this, to, id, event, keep },
      {
        from: this.jid,
        to,
        body,
        id,
        kind,
        keep,
      },
    );
    return 'sent' as const;
  };

  readonly sendReceipt = (to: FullJid, forId: string) => {
    if (!this.isOnline) return 'offline' as const;
    this.#network.receipts.push({ from: this.jid, to, forId });
    const event: WireEvent = { tag: 'receipt', forId, from: senderOf(this.jid) };
    this.#network.send({ from: this, to, id: `receipt-${forId}`, event }, undefined);
    return 'sent' as const;
  };

  readonly sendChatState = (to: FullJid, state: ChatState) => {
    if (!this.isOnline) return 'offline' as const;
    this.#network.chatStates.push({ from: this.jid, to, state });
    const event: WireEvent = { tag: 'chat-state', from: this.jid, state };
    this.#network.send({ from: this, to, id: `state-${state}`, event }, undefined);
    return 'sent' as const;
  };

  readonly fetchDevices = async (of: BareJid) => {
    if (!this.isOnline) return { tag: 'offline' } as const;
    this.#network.asked.push(of);
    await this.#network.listsAnswer;
    const devices = this.#network.lists.get(of);
    return devices === undefined ? ({ tag: 'none' } as const) : ({ tag: 'list', devices } as const);
  };

  readonly fetchServerTime = () => Promise.resolve(undefined);

  readonly fetchArchive = (start: ArchiveStart): Promise<FetchedArchive> => {
    if (!this.isOnline) return Promise.resolve({ tag: 'offline' });
    this.#network.archiveAsked.push(start);
    return Promise.resolve(this.#readArchive(start));
  };

  #readArchive(start: ArchiveStart): FetchedArchive {
    const archive = this.#network.archives.get(bareOf(this.jid));
    if (archive === undefined) return { tag: 'refused', condition: 'service-unavailable' };
    const size = this.#network.archivePage;
    const known = start.tag === 'after' ? archive.findIndex(({ id }) => id === start.id) : 0;
    if (known === -1) return { tag: 'gone' };
    const first = {
      after: known + 1,
      since: archive.findIndex(({ at }) => start.tag === 'since' && at >= start.at),
      newest: Math.max(0, archive.length - size),
    }[start.tag];
    const page = first === -1 ? [] : archive.slice(first, first + size);
    const messages = page.map(({ id, at, message }) => ({
      ...message,
      stanzaId: id,
      delayedAt: at,
      carbon: message.own ? ('sent' as const) : ('received' as const),
    }));
    return {
      tag: 'page',
      messages,
      last: page.at(-1)?.id,
      isEnd: page.length === 0 || page.at(-1) === archive.at(-1),
    };
  }

  /** Online with a new session; sees everyone who is there, and is seen. */
  async return(): Promise<void> {
    this.#state = { tag: 'online', jid: this.jid };
    await this.hear({ tag: 'connection', state: this.#state });
    const { acknowledges } = this.#network;
    await this.hear({ tag: 'session', resumed: false, jid: this.jid, acknowledges });
    for (const other of this.#others()) {
      await this.hear(presenceOf(other.jid, true));
      await other.hear(presenceOf(this.jid, true));
    }
    await this.#network.unspool(this);
  }

  /** Goes away so that the others see it. */
  async leave(): Promise<void> {
    this.#state = { tag: 'offline' };
    await this.hear({ tag: 'connection', state: this.#state });
    for (const other of this.#others()) await other.hear(presenceOf(this.jid, false));
  }

  /** The line breaks. */
  async lose(lost: readonly Frame[]): Promise<void> {
    this.#state = { tag: 'waiting', attempt: 1, retryAt: 0, reason: 'lost' };
    await this.hear({ tag: 'connection', state: this.#state });
    for (const { from, id } of lost) {
      if (from === this) await this.hear({ tag: 'not-sent', id });
    }
  }

  /** The same session goes on after a gap. */
  async resume(): Promise<void> {
    this.#state = { tag: 'online', jid: this.jid };
    await this.hear({ tag: 'connection', state: this.#state });
    const { acknowledges } = this.#network;
    await this.hear({ tag: 'session', resumed: true, jid: this.jid, acknowledges });
  }

  #others(): readonly Line[] {
    return this.#network.lines.filter((line) => line !== this && line.isOnline);
  }

  #message(to: BareJid | FullJid, body: string, id: string, receipt: boolean): WireMessage {
    return messageOf(this.jid, to, body, { id, originId: id, receiptRequested: receipt });
  }
}

export function presenceOf(jid: FullJid, available: boolean): WireEvent {
  const from = senderOf(jid);
  return { tag: 'presence', from, available, show: undefined, status: undefined, priority: 0 };
}

/** A message as the XMPP room would hand it over. */
export function messageOf(
  from: FullJid,
  to: BareJid | FullJid,
  body: string,
  change: Partial<WireMessage> = {},
): WireMessage {
  return {
    tag: 'message',
    id: undefined,
    from: senderOf(from),
    to: { bare: bareOf(to), full: undefined },
    body,
    carbon: 'none',
    own: false,
    delayedAt: undefined,
    originId: undefined,
    stanzaId: undefined,
    receiptRequested: false,
    encryption: undefined,
    hints: { noCopy: false, noStore: false, noPermanentStore: false, store: false },
    ...change,
  };
}
