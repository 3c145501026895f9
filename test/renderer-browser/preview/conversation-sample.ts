// SPDX-License-Identifier: GPL-3.0-or-later

import type {
  ConversationState,
  ConversationView,
  DeviceView,
  SessionView,
} from '../../../src/shared/model/conversation.ts';
import type { ItemId } from '../../../src/shared/model/ids.ts';
import type { SecurityCode } from '../../../src/shared/model/security-code.ts';
import type {
  EventItem,
  LineItem,
  MessageItem,
  TimelineEvent,
  TimelineItem,
  TombstoneItem,
} from '../../../src/shared/model/timeline.ts';
import { ok } from '../../../src/shared/std/result.ts';
import type { FakeClient } from '../../support/fake-client.ts';
import { type House, mainOf } from './main-of.ts';
import {
  bob,
  contactViews,
  conversation,
  MINUTE_MS,
  ourCode,
  settingsView,
  today,
} from './sample.ts';

const BOB = conversation(1);

export const theirCode: SecurityCode = {
  hex: '7F3A91C40BE25D18A6C9437E51F80D2B9E64B7A3C8120F5D3476EA9BD05C812F6B9E4D73F1A8052C84D73E692CB1F590E7463A8D5F019BC2',
  words: [
    'harbour',
    'violet',
    'engine',
    'maple',
    'copper',
    'tunnel',
    'orbit',
    'lemon',
    'quiet',
    'anchor',
    'ribbon',
    'stone',
  ],
};

export const laptop: DeviceView = {
  name: { label: 'Laptop', instanceTag: 'c45b041c' },
  code: theirCode,
  trust: { tag: 'unverified' },
  live: true,
  inChat: true,
  unlisted: false,
  blocked: false,
  allowed: false,
  nickname: undefined,
  announcedAs: undefined,
  firstSeenAt: today(14, 2),
  lastSeenAt: today(14, 12),
};

const verifiedAt = new Date(new Date().getFullYear(), 4, 12, 10).getTime();

export const verifiedLaptop: DeviceView = {
  ...laptop,
  trust: { tag: 'verified', at: verifiedAt, method: 'question' },
};

export const verifiedPhone: DeviceView = {
  ...laptop,
  name: { label: 'Phone', instanceTag: '9d20e1b7' },
  trust: { tag: 'verified', at: today(9, 0), method: 'code' },
  live: false,
  inChat: false,
  lastSeenAt: today(13, 40),
};

export const allowedPhone: DeviceView = {
  ...laptop,
  name: { label: 'Phone', instanceTag: '7c91e4ce' },
  allowed: true,
};

export const session: SessionView = {
  startedAt: today(14, 2),
  device: laptop.name,
  ssid: ['a0c4f1e2', '77b93d05'],
  ourHalf: 'first',
  ourCode,
  theirCode,
};

const composers: Readonly<Record<ConversationState, ConversationView['composer']>> = {
  plain: 'send',
  'plain-available': 'send',
  'not-started': 'hold',
  waiting: 'hold',
  starting: 'hold',
  unverified: 'send',
  verified: 'send',
  mixed: 'send',
  'offline-verified': 'send',
  'offline-unverified': 'send',
  'ended-by-peer': 'locked',
  expired: 'locked',
  interrupted: 'hold',
  'key-changed': 'locked',
  'cannot-encrypt': 'locked',
};

const running = new Set<ConversationState>([
  'unverified',
  'verified',
  'mixed',
  'offline-verified',
  'offline-unverified',
  'interrupted',
]);

const withoutDevices = new Set<ConversationState>([
  'plain',
  'plain-available',
  'not-started',
  'waiting',
  'starting',
]);

function devicesOf(state: ConversationState): readonly DeviceView[] {
  if (state === 'offline-verified') return [{ ...verifiedLaptop, live: false }];
  if (state === 'offline-unverified') return [{ ...laptop, live: false }];
  if (state === 'mixed') return [verifiedLaptop, allowedPhone];
  return [state === 'verified' ? verifiedLaptop : laptop];
}

function audienceOf(state: ConversationState): ConversationView['audience'] {
  if (state === 'mixed') return { devices: 2, verified: 1, unverified: [allowedPhone.name] };
  if (!running.has(state)) return { devices: 0, verified: 0, unverified: [] };
  return state === 'verified' || state === 'offline-verified'
    ? { devices: 1, verified: 1, unverified: [] }
    : { devices: 1, verified: 0, unverified: [laptop.name] };
}

export function viewOf(
  state: ConversationState,
  more: Partial<ConversationView> = {},
): ConversationView {
  const known = !withoutDevices.has(state);
  return {
    id: BOB,
    jid: bob.jid,
    name: bob.name,
    presence: 'online',
    typing: false,
    isContact: true,
    state,
    composer: composers[state],
    noKeys: undefined,
    stateToken: `${state}/1`,
    starting:
      state === 'starting'
        ? { by: 'us', since: Date.now() - 8200, lastFailure: undefined }
        : undefined,
    invitation: undefined,
    verification: { tag: 'idle' },
    devices: known ? devicesOf(state) : [],
    audience: audienceOf(state),
    sendTo: { rule: 'verified' },
    announced: [],
    newDevices: [],
    session: running.has(state) ? session : undefined,
    rules: settingsView.rules,
    endedAt: state === 'ended-by-peer' || state === 'expired' ? today(14, 55) : undefined,
    heldCount: 0,
    offTheRecordCount: 5,
    ...more,
  };
}

/** Builds a timeline, giving each item the next id. */
export class Script {
  readonly items: TimelineItem[] = [];

  #base(kind: 'm' | 'p', at: number) {
    const id = `${kind}${String(this.items.length + 1)}` as ItemId;
    return { id, conversationId: BOB, at };
  }

  say(
    direction: MessageItem['direction'],
    clock: string,
    text: string,
    more: Partial<MessageItem> = {},
  ): this {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    this.items.push({
      kind: 'message',
      ...this.#base('p', today(hour, minute)),
      direction,
      text,
      protection: 'plain',
      delivery: 'delivered',
      devices: [],
      plainInside: false,
      ended: false,
      vanishesAt: undefined,
      ...more,
    });
    return this;
  }

  tell(clock: string, event: TimelineEvent): this {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    this.items.push({
      kind: 'event',
      ...this.#base('m', today(hour, minute)),
      event,
    } satisfies EventItem);
    return this;
  }

  line(clock: string, edge: LineItem['edge']): this {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    this.items.push({ kind: 'line', ...this.#base('m', today(hour, minute)), edge });
    return this;
  }

  tombstone(clock: string, count: number): this {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    this.items.push({
      kind: 'tombstone',
      ...this.#base('m', today(hour, minute)),
      count,
    } satisfies TombstoneItem);
    return this;
  }
}

export const plainScript = (): Script =>
  new Script()
    .say('in', '13:58', 'Are you still at the office?')
    .say('out', '13:59', 'Leaving in ten minutes. Did you hear back from the archive?')
    .say('in', '14:01', 'Yes, they found the box. I would rather not go into it here though.')
    .say('in', '14:01', 'Can we talk about it properly?')
    .say('out', '14:01', 'Of course.');

/** A main with one chat, open or not. Pages of the history come as they are asked for. */
export function chatWith(
  view: ConversationView,
  items: readonly TimelineItem[],
  house: House = {},
): FakeClient {
  const contacts = (house.contacts ?? contactViews).map((contact) =>
    contact.id === view.id
      ? { ...contact, name: view.name, state: view.state, presence: view.presence }
      : contact,
  );
  return mainOf({
    ...house,
    contacts,
    answers: {
      'conversation.open': () => ok(view),
      'conversation.history': ({ before, limit }) => {
        const end =
          before === undefined ? items.length : items.findIndex(({ id }) => id === before);
        return ok(items.slice(Math.max(0, end - limit), end));
      },
      ...house.answers,
    },
  });
}

/** Messages of many days, one every twenty minutes, the newest today. */
export function longHistory(count: number): readonly TimelineItem[] {
  const script = new Script();
  const words = 'The quick brown fox jumps over the lazy dog, and then it rests for a while. ';
  for (let index = 0; index < count; index += 1) {
    script.say(index % 3 === 0 ? 'out' : 'in', '12:00', words.repeat(1 + (index % 4)).trim());
  }
  return script.items.map((item, index) => ({
    ...item,
    at: today(14, 0) - (count - index) * 20 * MINUTE_MS,
  }));
}
