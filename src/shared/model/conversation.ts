// SPDX-License-Identifier: GPL-3.0-or-later

import type { Presence } from './contact.ts';
import type { ConversationId } from './ids.ts';
import type { BareJid } from './jid.ts';
import type { NoEnsembles } from './prekeys.ts';
import type { Rules, SendTo } from './rules.ts';
import type { SecurityCode } from './security-code.ts';
import type { VerificationView } from './verification.ts';

/**
 * What the header chip, the composer and the chat row say. The letters are those of the design's
 * state table.
 */
export type ConversationState =
  | 'plain' // S0
  | 'plain-available' // S1
  | 'not-started' // in place of S0 and S1 where nothing may go in clear
  | 'offline-verified' // S5
  | 'offline-unverified' // S5, some or all of those who will read it not verified
  | 'waiting' // S6
  | 'starting' // S2
  | 'unverified' // S3
  | 'verified' // S4
  | 'mixed' // S4p
  | 'ended-by-peer' // S7
  | 'expired' // S8
  | 'interrupted' // S9
  | 'key-changed' // S10
  | 'cannot-encrypt'; // S11

/** What pressing Enter does. */
export type ComposerMode = 'send' | 'hold' | 'locked';

export interface ConversationView {
  readonly id: ConversationId;
  readonly jid: BareJid;
  readonly name: string;
  readonly presence: Presence;
  /** The contact is typing, in clear. Whoever says so is not proven to be the contact. */
  readonly typing: boolean;
  readonly isContact: boolean;
  readonly state: ConversationState;
  readonly composer: ComposerMode;
  /** A sending under one token is refused when the state has moved on (ux I-1). Opaque. */
  readonly stateToken: string;
  /** Why nothing can be begun while the contact is away; undefined: that is not known, or not so. */
  readonly noKeys: NoKeys | undefined;
  /** Present while starting. */
  readonly starting: StartingView | undefined;
  /** The contact asks to talk off the record and waits for our answer. */
  readonly invitation: InvitationView | undefined;
  readonly verification: VerificationView;
  readonly devices: readonly DeviceView[];
  /** Devices the contact lists that have not been off the record with us. */
  readonly announced: readonly AnnouncedDeviceView[];
  /** Listed after the contact was verified, and not looked at by the user yet. */
  readonly newDevices: readonly AnnouncedDeviceView[];
  /** The devices in the chat that get what is written, and how many of them are verified. */
  readonly audience: AudienceView;
  readonly sendTo: SendToView;
  readonly session: SessionView | undefined;
  readonly rules: Rules;
  /** After `ended-by-peer` or `expired`: when it happened. */
  readonly endedAt: number | undefined;
  /** Texts typed while they could not be encrypted, still waiting. */
  readonly heldCount: number;
  /** Off-the-record messages now in memory, which End would remove. */
  readonly offTheRecordCount: number;
}

/** In the words of the last attempt to begin while the contact was away. */
export type NoKeys = Exclude<NoEnsembles, 'too-soon'>;

export interface AudienceView {
  readonly devices: number;
  readonly verified: number;
  /** The others. */
  readonly unverified: readonly DeviceName[];
}

/** Which devices get messages, by the user's choice; `device` where it is one. */
export type SendToView =
  | { readonly rule: Exclude<SendTo, 'chosen'> }
  | { readonly rule: 'chosen'; readonly device: DeviceName };

/** What goes when the application quits. */
export interface OpenChats {
  /** Chats that end. */
  readonly ending: number;
  /** Chats that go on when it is opened again, without the messages that are in the window. */
  readonly lasting: number;
  /** Texts that wait to be encrypted, and have not been sent. */
  readonly held: number;
}

export interface StartingView {
  /** `keys`: those that the contact left for when they are away are being fetched. */
  readonly by: 'us' | 'peer' | 'keys';
  readonly since: number;
  /** Why an earlier attempt ended without a session; shown until the next one. */
  readonly lastFailure: StartFailure | undefined;
}

export type StartFailure = 'declined' | 'no-answer' | 'invalid-answer' | 'offline';

export interface InvitationView {
  readonly at: number;
  /** Label or instance tag of the asking device. */
  readonly device: DeviceName;
  /** Another device of the contact is verified, and this one does not even claim to be one such. */
  readonly isStrange: boolean;
}

/** A device announces its name itself: untrusted text, at most 53 code points; or the user gave it one. */
export interface DeviceName {
  readonly label: string | undefined;
  /** Eight lower-case hexadecimal digits. */
  readonly instanceTag: string;
  /** Another device of the contact has this label too: the tag has to stand beside it. */
  readonly shared?: boolean;
}

export type VerificationMethod = 'question' | 'secret' | 'code' | 'compare';

export type TrustView =
  | { readonly tag: 'unverified' }
  | { readonly tag: 'verified'; readonly at: number; readonly method: VerificationMethod }
  /** Same instance tag, other key; or `only-new`: nothing that was verified is left. */
  | { readonly tag: 'changed'; readonly why: 'other-key' | 'only-new' };

export interface DeviceView {
  readonly name: DeviceName;
  readonly code: SecurityCode;
  readonly trust: TrustView;
  /** In a chat with us, and there. */
  readonly live: boolean;
  /** In a chat with us, there or not. */
  readonly inChat: boolean;
  /** It was in the contact's list, and is no longer. */
  readonly unlisted: boolean;
  readonly blocked: boolean;
  /** Not verified, and the user lets it have messages all the same. */
  readonly allowed: boolean;
  /** What the user calls it. */
  readonly nickname: string | undefined;
  /** Its own name, where the user gave it another. */
  readonly announcedAs: string | undefined;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

/** A device that is known from a list only. Anybody who can write the list could have put it there. */
export interface AnnouncedDeviceView {
  readonly name: DeviceName;
  readonly firstSeenAt: number;
  readonly blocked: boolean;
  readonly nickname: string | undefined;
  readonly announcedAs: string | undefined;
}

/** Details of the live session, for "Security details". */
export interface SessionView {
  readonly startedAt: number;
  readonly device: DeviceName;
  /** The session id in two halves; people read the bold one aloud. */
  readonly ssid: readonly [first: string, second: string];
  readonly ourHalf: 'first' | 'second';
  readonly ourCode: SecurityCode;
  readonly theirCode: SecurityCode;
}
