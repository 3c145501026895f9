// SPDX-License-Identifier: GPL-3.0-or-later

import type { AccountView } from '../../../src/shared/model/account.ts';
import type { AppView } from '../../../src/shared/model/app.ts';
import type { ContactRequestView, ContactView } from '../../../src/shared/model/contact.ts';
import type { ConversationId, ItemId } from '../../../src/shared/model/ids.ts';
import type { BareJid } from '../../../src/shared/model/jid.ts';
import type { PrekeysView } from '../../../src/shared/model/prekeys.ts';
import type { SecurityCode } from '../../../src/shared/model/security-code.ts';
import type { Settings } from '../../../src/shared/model/settings.ts';
import type { MessageItem } from '../../../src/shared/model/timeline.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** A moment of today, so that the list shows times; pages are looked at in the afternoon. */
export const today = (hour: number, minute: number): number =>
  new Date().setHours(hour, minute, 0, 0);

export const conversation = (id: number): ConversationId => id as ConversationId;
export const jid = (text: string): BareJid => text as BareJid;

export const appView: AppView = {
  phase: { tag: 'ready' },
  platform: 'linux',
  version: '0.1.0',
  locale: 'en',
  retryAt: undefined,
};

export const ourCode: SecurityCode = {
  hex: 'F3A1907C5DE20B4418C7A962E05B7D31C48F2A6690ED1B55A7720C9E3F64D81B0257E9AC61D3384FB8E416752A9C0FD35E71B6024C8D99AF',
  words: [
    'window',
    'basil',
    'thunder',
    'ferry',
    'amber',
    'pillow',
    'castle',
    'frost',
    'piano',
    'meadow',
    'gravel',
    'candle',
  ],
};

export const accountView: AccountView = {
  clockAheadMs: 0,
  jid: jid('alice@example.org'),
  mode: 'compatible',
  deviceLabel: 'Desktop',
  connection: { tag: 'online' },
  keys: {
    tag: 'ready',
    code: ourCode,
    link: `xmpp:alice@example.org?otr-fingerprint=${ourCode.hex}`,
    instanceTag: '0a3f91c7',
    profileExpiresAt: today(12, 0) + 6 * DAY_MS,
    forgingKey: 'destroyed',
  },
  devices: {
    standing: 'listed',
    takenOffAt: undefined,
    others: [
      {
        name: { label: 'Phone', instanceTag: '7c91e4ce' },
        firstSeenAt: today(9, 12) - 12 * DAY_MS,
        isNew: false,
      },
      {
        name: { label: undefined, instanceTag: 'c45b041c' },
        firstSeenAt: today(9, 12) - 3 * DAY_MS,
        isNew: false,
      },
    ],
  },
};

export const keyServer = {
  jid: 'prekey.example.org',
  domain: 'example.org',
  code: '5C1E88D20B7A6F4493AE10C7F2D56B38E94107AC3D8265F1B09E7C4421D8FA635B90C3E71F24A8D6079BE5C1324F886DA7E0B15C9D3340F2',
} as const;

/** Publishing, when all is well. */
export const prekeysView: Extract<PrekeysView, { tag: 'used' }> = {
  tag: 'used',
  stage: 'published',
  server: keyServer,
  left: 83,
  target: 100,
  checkedAt: today(9, 12),
  publishedUntil: today(12, 0) + 6 * DAY_MS,
  nextLookAt: today(9, 40) + DAY_MS,
  trouble: undefined,
  changed: [],
};

export const settingsView: Settings = {
  theme: 'system',
  language: 'system',
  notifications: 'generic',
  sendReceipts: true,
  receiptsOffTheRecord: true,
  sendTyping: true,
  enterSends: true,
  startSheetSeen: false,
  rules: {
    otr: 'when-asked',
    accept: 'verified',
    verifiedOnly: false,
    keep: 'until-end',
    liveOnly: false,
  },
};

const person = (
  id: number,
  address: string,
  name: string,
  more: Partial<ContactView>,
): ContactView => ({
  id: conversation(id),
  jid: jid(address),
  name,
  subscription: 'both',
  asked: false,
  presence: 'offline',
  state: 'plain',
  preview: { kind: 'none' },
  unread: 0,
  lastAt: undefined,
  ...more,
});

const said = (text: string): ContactView['preview'] => ({ kind: 'text', direction: 'in', text });

export const bob = person(1, 'bob@example.org', 'Bob Lindqvist', {
  presence: 'online',
  state: 'plain-available',
  preview: said('See you at seven then.'),
  lastAt: today(14, 7),
});

export const contactViews: readonly ContactView[] = [
  bob,
  person(2, 'mira@example.net', 'Mira Okafor', {
    presence: 'online',
    preview: said('I put the scans in the shared folder, have a look when you can'),
    unread: 2,
    lastAt: today(13, 52),
  }),
  person(3, 'jonas@example.net', 'Jonas Weber', {
    presence: 'away',
    state: 'verified',
    preview: { kind: 'off-the-record' },
    lastAt: today(12, 40),
  }),
  person(4, 'layla@example.com', 'ليلى حدّاد', {
    presence: 'online',
    preview: said('إلى الغد إن شاء الله'),
    lastAt: today(11, 18),
  }),
  person(5, 'tomasz@example.com', 'Tomasz Zieliński', {
    state: 'key-changed',
    lastAt: today(9, 31),
  }),
  person(6, 'ines@example.org', 'Ines Duarte', {
    state: 'unverified',
    preview: { kind: 'off-the-record' },
    lastAt: today(16, 2) - 2 * DAY_MS,
  }),
  person(7, 'petra@example.org', 'Petra Novak', {
    state: 'ended-by-peer',
    preview: { kind: 'off-the-record' },
    lastAt: today(18, 20) - 3 * DAY_MS,
  }),
  person(8, 'studio-nord@example.com', 'Studio Nord', {
    preview: { kind: 'text', direction: 'out', text: 'Invoice 2041 is paid, thank you' },
    lastAt: today(10, 15) - 4 * DAY_MS,
  }),
  person(9, 'sam@example.net', 'Sam', { asked: true, subscription: 'none', presence: 'unknown' }),
];

export const requestViews: readonly ContactRequestView[] = [
  { jid: jid('carol@chat.example.net'), at: today(13, 0) },
  { jid: jid('dave@example.org'), at: today(12, 0) },
];

const found = (id: number, of: number, at: number, text: string): MessageItem => ({
  kind: 'message',
  id: `p${String(id)}` as ItemId,
  conversationId: conversation(of),
  at,
  direction: 'in',
  text,
  protection: 'plain',
  delivery: 'delivered',
  devices: [],
  plainInside: false,
  ended: false,
  vanishesAt: undefined,
});

export const foundMessages: readonly MessageItem[] = [
  found(31, 2, today(13, 50), 'The letters are in the third box, the one with the broken lid.'),
  found(12, 8, today(9, 0) - 40 * DAY_MS, 'Please send the letter of confirmation by Friday.'),
];
