// SPDX-License-Identifier: GPL-3.0-or-later
import type { AccountMode } from '#shared/model/account.ts';
import type { Subscription } from '#shared/model/contact.ts';
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { Rules, SendTo } from '#shared/model/rules.ts';
import type { Delivery } from '#shared/model/timeline.ts';
import type { Brand } from '#shared/std/brand.ts';

/** Row ids. Local to one database; never sent anywhere. */
export type AccountId = Brand<number, 'AccountId'>;
export type MessageId = Brand<number, 'MessageId'>;

/** Where to connect when the address alone does not say it. */
export type ServerOverride =
  | {
      readonly tls: 'starttls' | 'direct';
      readonly host: string;
      readonly port: number;
    }
  | { readonly tls: 'websocket'; readonly url: string };

/** The way to the server that worked last, opaque to the store, and when it was found. */
export interface RememberedWay {
  readonly way: string;
  readonly foundAt: number;
}

export interface AccountRow {
  readonly id: AccountId;
  readonly jid: BareJid;
  readonly server: ServerOverride | undefined;
  /** PLAIN inside TLS, when the server offers nothing better and the user agreed. */
  readonly allowPlain: boolean;
  readonly mode: AccountMode;
  readonly createdAt: number;
  readonly resource: string;
  /** Name of this device as others see it. */
  readonly deviceLabel: string;
  /** OTR instance tag, >= 0x100. */
  readonly instanceTag: number;
}

export type NewAccount = Omit<AccountRow, 'id'> & {
  /** Opaque to the store; `undefined` when they are not to be remembered. */
  readonly credentials: Uint8Array | undefined;
  /** Undefined: yes. */
  readonly leavesKeys?: boolean | undefined;
};

/** Long-term keys of one account. Seeds are secret: wipe the arrays after use. */
export interface IdentityRow {
  readonly accountId: AccountId;
  readonly longTermSeed: Uint8Array;
  readonly forgingPublic: Uint8Array;
  /** `undefined` once the user chose to destroy it. */
  readonly forgingSeed: Uint8Array | undefined;
  readonly clientProfile: Uint8Array;
  readonly clientProfileExpiresAt: number;
}

/** What the server says about a contact. */
export interface RosterItem {
  readonly jid: BareJid;
  readonly name: string | undefined;
  readonly subscription: Subscription;
  /** We asked for their presence and they have not answered. */
  readonly asked: boolean;
  readonly groups: readonly string[];
}

/** What the user set for one contact; `undefined` follows the default of the settings. */
export type RuleOverrides = { readonly [Name in keyof Rules]: Rules[Name] | undefined };

/** Which devices of a contact get messages; `tag` is an OTR instance tag. */
export type SendToRow =
  { readonly rule: Exclude<SendTo, 'chosen'> } | { readonly rule: 'chosen'; readonly tag: number };

/** A contact and the conversation with them are one row: there is one of each per address. */
export interface ContactRow extends RosterItem {
  readonly id: ConversationId;
  readonly accountId: AccountId;
  /** False for someone with rules, trust or messages who is not in the roster. */
  readonly inRoster: boolean;
  readonly rules: RuleOverrides;
  readonly sendTo: SendToRow;
  readonly usedOtr: boolean;
  readonly blocked: boolean;
}

export interface Verification {
  readonly at: number;
  readonly method: VerificationMethod;
}

/** Whose key: the address and the key itself. */
export interface PeerKey {
  readonly accountId: AccountId;
  readonly peer: BareJid;
  /** 56 bytes. */
  readonly fingerprint: Uint8Array;
}

/** One device of a peer with a key it showed, and what we think of that key. */
export interface TrustRow extends PeerKey {
  readonly instanceTag: number;
  readonly label: string | undefined;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Belongs to the fingerprint: every device that shows it shares it. */
  readonly verified: Verification | undefined;
}

/** A peer's device proved its key in an authenticated exchange. */
export interface Sighting extends PeerKey {
  readonly instanceTag: number;
  /** `undefined` keeps the label known so far. */
  readonly label: string | undefined;
  readonly at: number;
}

/** A device as the newest list of its account has it, or as an earlier one had it. */
export interface ListedDeviceRow {
  /** OTR instance tag, >= 0x100. */
  readonly tag: number;
  readonly label: string | undefined;
  readonly firstSeenAt: number;
  readonly lastListedAt: number;
  /** In the newest list. */
  readonly listed: boolean;
  /** The user has been told of it, or need not be. */
  readonly noted: boolean;
}

/** What an account lists now. */
export interface NewDeviceList {
  readonly accountId: AccountId;
  readonly peer: BareJid;
  readonly devices: readonly Pick<ListedDeviceRow, 'tag' | 'label'>[];
  readonly at: number;
  /** Of a device that was never seen before: need the user not be told of it? */
  readonly noted: (tag: number) => boolean;
}

/** What the user decided about one device, and where it was last met. */
export interface DeviceChoice {
  /** What the user calls it. */
  readonly nickname: string | undefined;
  /** Nothing is taken from it, nothing is sent to it. */
  readonly blocked: boolean;
  /** It is not verified, where another one is: may it get messages all the same? Undecided: no. */
  readonly use: 'allowed' | 'ignored' | undefined;
  /** Of its address at the last key exchange; where it is now, it may be again. */
  readonly resource: string | undefined;
}

/** Which device: the address of its owner and the device's OTR instance tag. */
export interface DeviceKey {
  readonly accountId: AccountId;
  readonly peer: BareJid;
  readonly instanceTag: number;
}

export interface VerificationLogRow extends PeerKey {
  readonly id: number;
  readonly change: 'verified' | 'withdrawn';
  readonly method: VerificationMethod | undefined;
  readonly at: number;
}

export type Direction = 'in' | 'out';

/** A held text waits for encryption, so it may not be written down. */
export type StoredDelivery = Exclude<Delivery, 'held'>;

/** A message of the plain history. Off-the-record text has no row (the schema refuses it). */
export interface MessageRow {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly direction: Direction;
  readonly text: string;
  readonly at: number;
  readonly protection: 'plain';
  /** Incoming messages are `delivered`. */
  readonly delivery: StoredDelivery;
  /** The stanza's `id`, by which receipts find it. */
  readonly stanzaId: string | undefined;
  /** Came in clear while an off-the-record chat was open. */
  readonly plainInside: boolean;
}

export type NewMessage = Omit<MessageRow, 'id' | 'protection'> & {
  /** What the account's server calls it (XEP-0359). */
  readonly archiveId?: string | undefined;
};

/** What is known of a message that may be here already. */
export interface MessageCopy extends Pick<MessageRow, 'conversationId' | 'direction' | 'text'> {
  readonly stanzaId: string | undefined;
  readonly archiveId: string | undefined;
}

/** The newest message that has been taken over from the archive, and when it was put there. */
export interface ArchiveMark {
  readonly id: string;
  readonly at: number;
}

/** What the chat list shows of one conversation's plain history. */
export interface ConversationSummary {
  readonly id: ConversationId;
  readonly unread: number;
  readonly last: MessageRow | undefined;
}

/** A one-time key of ours. Its two secrets are to be wiped after use. */
export interface NewPrekeyRow {
  readonly prekeyId: number;
  /** The Prekey message, as published. */
  readonly message: Uint8Array;
  /** 57 bytes. */
  readonly ecdhSecret: Uint8Array;
  /** 80 bytes. */
  readonly dhSecret: Uint8Array;
  readonly keptUntil: number;
}

/** Profiles of ours that leave together. The seed is secret: wipe it after use. */
export interface NewPublicationRow {
  readonly clientProfile: Uint8Array;
  readonly prekeyProfile: Uint8Array;
  /** 57 bytes, of the shared prekey. */
  readonly sharedSeed: Uint8Array;
  readonly keptUntil: number;
}

export interface PublicationRow extends NewPublicationRow {
  /** `sent`: nobody said that it arrived. */
  readonly state: 'sent' | 'confirmed';
}

/** A prekey server that was used before. */
export interface PrekeyServerRow {
  /** Its address, a domain. */
  readonly jid: string;
  /** The domain that named it first. */
  readonly domain: string;
  /** 56 bytes, of the key that counts. */
  readonly fingerprint: Uint8Array;
  /** Of another key that the server announces now. */
  readonly proposed: Uint8Array | undefined;
  /** The user does not want it to be used. */
  readonly stopped: boolean;
}

/** Why the last try to publish came to nothing. */
export type PublishingFailure =
  'no-server' | 'unreachable' | 'refused' | 'invalid-answer' | 'wrong-key';

/** How publishing stands. */
export interface PublishingRow {
  /** The prekey server that was used last. */
  readonly server: string | undefined;
  /** When it last said how much of ours it has. */
  readonly checkedAt: number | undefined;
  /** One-time keys of ours that it has. */
  readonly stored: number | undefined;
  /** How long what is published may be handed out. */
  readonly publishedUntil: number | undefined;
  /** In a row. */
  readonly failures: number;
  readonly failure: PublishingFailure | undefined;
  readonly failedAt: number | undefined;
}
