// SPDX-License-Identifier: GPL-3.0-or-later

import type { BareJid, FullJid } from '#shared/model/jid.ts';
import type { XmppDeps } from './ports.ts';
import type {
  ArchiveStart,
  ChatState,
  ConnectionFailure,
  ConnectionState,
  ListedDevice,
  OfferedPrekeyServer,
  OutgoingChat,
  OutgoingOtr,
  OutgoingPrekey,
  OwnPresence,
  RosterItem,
  SendResult,
  WireEvent,
  WireMessage,
} from './wire.ts';

/**
 * Where to connect to. `domain`: as the domain's SRV records say (RFC 6120, XEP-0368), otherwise to the
 * WebSockets that it names over HTTPS (XEP-0156).
 */
export type Endpoint =
  | { readonly tag: 'domain' }
  | {
      readonly tag: 'fixed';
      readonly host: string;
      readonly port: number;
      readonly tls: 'starttls' | 'direct';
    }
  /** RFC 7395. A `wss:` URL that `parseWebSocketUrl` has passed. */
  | { readonly tag: 'websocket'; readonly url: string };

/** A way to the server that has worked, as a URL, and when it was found (ms since the epoch). */
export interface RememberedWay {
  readonly way: string;
  readonly foundAt: number;
}

/** Where a client keeps what worked last, so that the next time it is tried first. Must not throw. */
export interface WayMemory {
  readonly load: () => RememberedWay | undefined;
  readonly save: (way: RememberedWay) => void;
}

/** Asked for at each login, so that nobody has to hold the password in between. Wiped after use. */
export type PasswordProvider = () => Promise<Uint8Array>;

export interface ServerConfig {
  readonly jid: BareJid;
  readonly endpoint: Endpoint;
  /** For `domain` only. Without it nothing is remembered beyond the client itself. */
  readonly ways?: WayMemory | undefined;
  /** Certificate authorities (PEM) trusted beside those of the system. */
  readonly extraCertificates: readonly string[];
  /** BCP 47 tag of the user's language. */
  readonly language: string;
}

export interface XmppConfig extends ServerConfig {
  readonly password: PasswordProvider;
  /** May the password itself be sent, inside TLS, to a server that offers nothing better? */
  readonly allowPlain: boolean;
  /** Should be random: it is visible to contacts. */
  readonly resource: string;
}

export interface ConnectOptions {
  /**
   * False: the first attempt ends in `failed` whatever the reason (for a login form). True: causes
   * that may pass by themselves lead to `waiting`. A line lost after being online is always retried.
   */
  readonly persist: boolean;
}

export type RequestResult =
  | { readonly tag: 'done' }
  | { readonly tag: 'offline' }
  /** The server said no; a defined condition of RFC 6120, section 8.3.3, or `timeout`. */
  | { readonly tag: 'refused'; readonly condition: string };

/** `none`: there is no list, or not for us (xep S-07). */
export type FetchedDevices =
  | { readonly tag: 'list'; readonly devices: readonly ListedDevice[] }
  | { readonly tag: 'none' }
  | Exclude<RequestResult, { readonly tag: 'done' }>;

/** Those that can be used; none, when the domain has no such service. */
export type FetchedPrekeyServers =
  | { readonly tag: 'list'; readonly servers: readonly OfferedPrekeyServer[] }
  | Exclude<RequestResult, { readonly tag: 'done' }>;

/**
 * Messages as copies, with their ids in the archive and its dates. `last`: where the next page begins;
 * `isEnd`: there is nothing behind it. `gone`: the archive knows no such message any more.
 */
export type FetchedArchive =
  | {
      readonly tag: 'page';
      readonly messages: readonly WireMessage[];
      readonly last: string | undefined;
      readonly isEnd: boolean;
    }
  | { readonly tag: 'gone' }
  | Exclude<RequestResult, { readonly tag: 'done' }>;

export interface NewContact {
  readonly jid: BareJid;
  readonly name: string | undefined;
  readonly groups: readonly string[];
}

/** One account's line to its server. Built with `createXmppClient`. */
export interface XmppClient {
  /** From `waiting`: tries again at once. From `connecting` or `online`: does nothing. */
  readonly connect: (options: ConnectOptions) => void;
  /** Ends the stream cleanly; resolves when the socket is gone. Nothing is resumed afterwards. */
  readonly disconnect: () => Promise<void>;
  readonly state: () => ConnectionState;
  /** Reads nothing more from the line, so that the server has to wait; `release` goes on. */
  readonly hold: () => void;
  readonly release: () => void;
  /** The returned function ends the subscription. */
  readonly subscribe: (listen: (event: WireEvent) => void) => () => void;

  readonly sendChat: (message: OutgoingChat) => SendResult;
  readonly sendOtr: (message: OutgoingOtr) => SendResult;
  /**
   * XEP-0184. `not-allowed` for anyone who may not see our presence: a receipt tells that we are here.
   */
  readonly sendReceipt: (to: FullJid, forId: string) => SendResult | 'not-allowed';
  /** XEP-0085. `not-allowed` as above. */
  readonly sendChatState: (to: FullJid, state: ChatState) => SendResult | 'not-allowed';
  /** Kept and sent again with each new session. */
  readonly setPresence: (presence: OwnPresence) => void;

  /** As last told by the server; empty before the first session. */
  readonly roster: () => readonly RosterItem[];
  readonly addContact: (contact: NewContact) => Promise<RequestResult>;
  readonly renameContact: (jid: BareJid, name: string) => Promise<RequestResult>;
  readonly removeContact: (jid: BareJid) => Promise<RequestResult>;

  readonly requestSubscription: (jid: BareJid) => SendResult;
  readonly approveSubscription: (jid: BareJid) => SendResult;
  readonly denySubscription: (jid: BareJid) => SendResult;
  /** Stops seeing their presence, or withdraws the own request. */
  readonly cancelSubscription: (jid: BareJid) => SendResult;

  /** Asks the account's server for the list of its devices. Of the own list an event tells too. */
  readonly fetchDevices: (of: BareJid) => Promise<FetchedDevices>;
  /** One page of what the account's server has kept, at most 100 messages (XEP-0313). */
  readonly fetchArchive: (start: ArchiveStart) => Promise<FetchedArchive>;

  /** The prekey servers of a domain, ours or somebody else's (xep ). */
  readonly fetchPrekeyServers: (domain: string) => Promise<FetchedPrekeyServers>;
  /** From here on the events `prekey` and `prekey-bounced` tell what comes from there. */
  readonly sendPrekey: (message: OutgoingPrekey) => SendResult;

  /** The server's clock, in ms since the epoch (XEP-0202); undefined if it does not say. */
  readonly fetchServerTime: () => Promise<number | undefined>;

  /** Puts this in the place of the own list, for everyone to read. At most 8 devices are written. */
  readonly publishDevices: (devices: readonly ListedDevice[]) => Promise<RequestResult>;
}

export type CreateXmppClient = (config: XmppConfig, deps: XmppDeps) => XmppClient;

export type RegisterOutcome =
  | { readonly tag: 'registered' }
  /** The address is taken. */
  | { readonly tag: 'conflict' }
  /** The server does not register accounts in-band. */
  | { readonly tag: 'not-allowed' }
  /** The server wants more than a name and a password; `url` is where, if it says so (https only). */
  | { readonly tag: 'needs-form'; readonly url: string | undefined }
  /** The server does not know the invitation, or it has been used. */
  | { readonly tag: 'invitation-refused' }
  /** The server did not like the name or the password. */
  | { readonly tag: 'not-acceptable' }
  | { readonly tag: 'failed'; readonly reason: ConnectionFailure };

/**
 * XEP-0077 over TLS, on a stream of its own. The password is wiped by the caller. `token`: of an
 * invitation, shown before anything is asked for (XEP-0445).
 */
export type RegisterAccount = (
  config: ServerConfig,
  password: Uint8Array,
  deps: XmppDeps,
  token?: string,
) => Promise<RegisterOutcome>;
