// SPDX-License-Identifier: GPL-3.0-or-later

import type { BareJid, FullJid } from '#shared/model/jid.ts';

/** Where a stanza came from: always a validated account, and the device when the sender named one. */
export interface Sender {
  readonly bare: BareJid;
  readonly full: FullJid | undefined;
}

/**
 * Why a connection could not be made or kept. Closed: each has one sentence in the user interface.
 *
 * - `auth-failed` wrong address or password; `not-allowed` the account is disabled or the login expired
 * - `server-not-proved` the server could not show that it knows the password (RFC 5802, section 3)
 * - `no-mechanism` the server offers no login method that we accept
 * - `no-network` the machine cannot reach any network; `no-such-host` the name has no address;
 *   `refused` nothing listens there; `timeout` no answer
 * - `tls-untrusted`, `tls-expired`, `tls-name` the certificate; `no-tls` the server offers no encryption;
 *   `tls-failed` any other failure of the handshake
 * - `not-xmpp` the other end is not an XMPP server, or breaks the protocol or our limits
 * - `unknown-domain` the server does not serve the domain of the address
 * - `conflict` another client took this device's place; `server-closed` the server ended the stream
 * - `server-busy` the server asks to come back later; `lost` the line broke
 */
export type ConnectionFailure =
  | 'auth-failed'
  | 'not-allowed'
  | 'server-not-proved'
  | 'no-mechanism'
  | 'no-network'
  | 'no-such-host'
  | 'refused'
  | 'timeout'
  | 'tls-untrusted'
  | 'tls-expired'
  | 'tls-name'
  | 'tls-failed'
  | 'no-tls'
  | 'not-xmpp'
  | 'unknown-domain'
  | 'conflict'
  | 'server-closed'
  | 'server-busy'
  | 'lost';

export type ConnectionState =
  | { readonly tag: 'offline' }
  | { readonly tag: 'connecting'; readonly attempt: number }
  | { readonly tag: 'online'; readonly jid: FullJid }
  | {
      readonly tag: 'waiting';
      /** Attempts that have failed since the account was last online, from 1. */
      readonly attempt: number;
      readonly retryAt: number;
      readonly reason: ConnectionFailure;
    }
  | { readonly tag: 'failed'; readonly reason: ConnectionFailure };

/** RFC 6121, section 2.1.2.5. `to`: we see their presence; `from`: they see ours. */
export type Subscription = 'none' | 'to' | 'from' | 'both';

export interface RosterItem {
  readonly jid: BareJid;
  readonly name: string | undefined;
  readonly subscription: Subscription;
  /** We asked to see their presence and have no answer yet. */
  readonly pending: boolean;
  readonly groups: readonly string[];
}

export type Show = 'chat' | 'away' | 'xa' | 'dnd';

/** XEP-0334, as the sender set them. */
export interface Hints {
  readonly noCopy: boolean;
  readonly noStore: boolean;
  readonly noPermanentStore: boolean;
  readonly store: boolean;
}

/**
 * `none` came to this device; `received` is the server's copy of a message to another device of ours;
 * `sent` is the copy of a message that another device of ours sent. A copy is never a reason to answer.
 */
export type Carbon = 'none' | 'received' | 'sent';

export interface WireMessage {
  readonly tag: 'message';
  /** The sender's stanza id: chosen by the other side, unique only by courtesy. */
  readonly id: string | undefined;
  readonly from: Sender;
  readonly to: Sender;
  readonly body: string;
  readonly carbon: Carbon;
  /** True when the account itself is the sender: an own device, or the server's reflection. */
  readonly own: boolean;
  /** XEP-0203 stamp by our own server, clamped; undefined for a message that came at once. */
  readonly delayedAt: number | undefined;
  readonly originId: string | undefined;
  /** XEP-0359 id given by our own server. */
  readonly stanzaId: string | undefined;
  readonly receiptRequested: boolean;
  /** XEP-0380 namespace as claimed by the sender; a label only, the body decides. */
  readonly encryption: string | undefined;
  readonly hints: Hints;
}

/** Where a page of the archive begins: behind a known message, at a time, or so that it is the last. */
export type ArchiveStart =
  | { readonly tag: 'after'; readonly id: string }
  /** Milliseconds since the epoch. */
  | { readonly tag: 'since'; readonly at: number }
  | { readonly tag: 'newest' };

/** A message of ours came back. What the bouncer wrote is never handed on as text. */
export interface WireBounce {
  readonly tag: 'bounced';
  readonly forId: string;
  readonly from: Sender;
  /** A defined condition of RFC 6120, section 8.3.3. */
  readonly condition: string;
}

export interface WirePresence {
  readonly tag: 'presence';
  /** Unavailable without a device means: none of this account's devices can be seen. */
  readonly from: Sender;
  readonly available: boolean;
  readonly show: Show | undefined;
  readonly status: string | undefined;
  readonly priority: number;
}

/** One device as its account lists it. Anybody can read the list; the account's server could change it. */
export interface ListedDevice {
  /** Its OTR instance tag, >= 0x100. */
  readonly tag: number;
  /** What it calls itself: at most 53 code points, visible ones; untrusted text. */
  readonly label: string | undefined;
}

/** A service that says to be a prekey server, and which key it says to have. Nothing of it is proven. */
export interface OfferedPrekeyServer {
  /** Its address: a domain, normalised. */
  readonly jid: string;
  /** 112 upper-case hexadecimal digits. */
  readonly fingerprint: string;
}

export type SubscriptionStep =
  /** They ask to see our presence. */
  | 'requested'
  /** They let us see theirs. */
  | 'approved'
  /** They no longer want to see ours. */
  | 'withdrawn'
  /** They no longer let us see theirs, or refused. */
  | 'refused';

/** XEP-0085. */
export type ChatState = 'active' | 'composing' | 'paused' | 'inactive' | 'gone';

/** Everything the network can tell us, in our own words. Applying one twice is harmless. */
export type WireEvent =
  | { readonly tag: 'connection'; readonly state: ConnectionState }
  | {
      readonly tag: 'session';
      /** False: a new session; whatever was not acknowledged has been reported as `not-sent`. */
      readonly resumed: boolean;
      readonly jid: FullJid;
      /** Whether the server acknowledges stanzas (XEP-0198). */
      readonly acknowledges: boolean;
    }
  | { readonly tag: 'roster'; readonly items: readonly RosterItem[] }
  | { readonly tag: 'roster-changed'; readonly item: RosterItem }
  | { readonly tag: 'roster-removed'; readonly jid: BareJid }
  | {
      readonly tag: 'subscription';
      readonly from: BareJid;
      readonly step: SubscriptionStep;
      /** What they wrote beside the request; untrusted text. */
      readonly text: string | undefined;
    }
  | WirePresence
  | WireMessage
  | WireBounce
  /** Of a contact's device, at once; with a message it comes before it. */
  | { readonly tag: 'chat-state'; readonly from: FullJid; readonly state: ChatState }
  | { readonly tag: 'receipt'; readonly forId: string; readonly from: Sender }
  | {
      /** The newest list of devices of a contact or of the own account; empty: it has none. */
      readonly tag: 'device-list';
      readonly of: BareJid;
      readonly devices: readonly ListedDevice[];
    }
  /**
   * A live message of a prekey server that we have written to: no copy, nothing out of an archive,
   * nothing that was kept for us. What stands in it is its word (xep S-15).
   */
  | { readonly tag: 'prekey'; readonly from: string; readonly body: string }
  /** A message to a prekey server came back. */
  | { readonly tag: 'prekey-bounced'; readonly from: string; readonly forId: string }
  /** Our server has taken over the message with this id. */
  | { readonly tag: 'acknowledged'; readonly id: string }
  /** It is unknown whether the server ever saw the message with this id: the session ended before. */
  | { readonly tag: 'not-sent'; readonly id: string };

/** `offline`: nothing was sent, try again when online. `too-long`: will never fit into a stanza. */
export type SendResult = 'sent' | 'offline' | 'too-long';

export interface OutgoingChat {
  readonly to: BareJid | FullJid;
  readonly body: string;
  /** Also used as origin id (XEP-0359). */
  readonly id: string;
  readonly requestReceipt: boolean;
  /** Says beside the text that we understand chat states. */
  readonly chatState?: 'active' | undefined;
}

/**
 * What an OTR body is: `encoded` (a message or fragment of the protocol; labelled by XEP-0380), or a
 * `query` or `error` in clear text. All of them carry the hints and stay off carbons; archives get only
 * what is for somebody who is away.
 */
export type OtrKind = 'encoded' | 'query' | 'error';

export interface OutgoingOtr {
  readonly to: BareJid | FullJid;
  readonly body: string;
  readonly id: string;
  readonly kind: OtrKind;
  /** For somebody who is away: servers are to keep it for whichever device comes (xep C-14). */
  readonly keep?: true;
}

/** A message of the prekey protocol, to a prekey server. */
export interface OutgoingPrekey {
  /** Its address: a domain, normalised. */
  readonly to: string;
  readonly body: string;
  readonly id: string;
}

export interface OwnPresence {
  readonly show: Show | undefined;
  readonly status: string | undefined;
}
