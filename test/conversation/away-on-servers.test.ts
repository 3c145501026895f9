// SPDX-License-Identifier: GPL-3.0-or-later
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clock } from '#main/account/ports.ts';
import type { DeviceView } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import { fatesOf } from '../support/devices.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import { LiveParty, type LiveServer } from '../support/live-party.ts';
import {
  DEMO_COMPONENT,
  startPrekeyServer,
  type TestPrekeyServer,
} from '../support/prekey-server.ts';
import { startProsody } from '../support/prosody.ts';

const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 120_000, interval: 25 });

const HASTE = 5;
const started = performance.now();
const elapsed = (): number => (performance.now() - started) * HASTE;
const base = Date.now();

/** Time passes faster, so that nobody waits for graces and delays. */
const clock: Clock = {
  now: () => Math.round(base + elapsed()),
  monotonicNow: elapsed,
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs / HASTE);
    return () => {
      clearTimeout(timer);
    };
  },
};

interface Beside extends AsyncDisposable {
  readonly place: LiveServer & { readonly componentPort: number; readonly folder: string };
}

const component = DEMO_COMPONENT;
const servers: readonly (readonly [string, () => Promise<Beside>])[] = [
  [
    'Prosody',
    async () => {
      const beside = await startProsody({ component });
      return Object.assign(beside, { place: beside.prosody });
    },
  ],
  [
    'ejabberd',
    async () => {
      const beside = await startEjabberd({ component });
      return Object.assign(beside, { place: beside.ejabberd });
    },
  ],
];

const textsOf = (party: LiveParty, id: ConversationId): readonly string[] =>
  party.conversations
    .history({ id, limit: 200 })
    .flatMap((item) => (item.kind === 'message' ? [item.text] : []));

function lastOf(party: LiveParty, id: ConversationId): MessageItem | undefined {
  const items = party.conversations.history({ id, limit: 50 });
  return items.filter((item) => item.kind === 'message').at(-1);
}

/** The chat of one of Bert's devices with Anna. */
function toAnna({ conversations }: LiveParty): ConversationId {
  const chat = conversations.contacts().find(({ jid }) => jid.startsWith('anna@'));
  if (chat === undefined) throw new TypeError('she is not in the contacts yet');
  return chat.id;
}

const isHere = ({ live }: DeviceView): boolean => live;

/** All that a server has written, as one text. */
async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

describe.each(servers)('somebody who is away, at %s', (_name, start) => {
  let beside: Beside | undefined;
  let keyServer: TestPrekeyServer | undefined;
  let place: Beside['place'];

  beforeAll(async () => {
    beside = await start();
    ({ place } = beside);
    keyServer = await startPrekeyServer({ port: place.componentPort });
  }, 180_000);
  afterAll(async () => {
    await keyServer?.[Symbol.asyncDispose]();
    await beside?.[Symbol.asyncDispose]();
  });

  it('ux:14 xep:X-14 xep:X-35 xep:X-51 reads what was written when they are back, and is answered in the same way', async () => {
    await using alice = new LiveParty(place, 'alice', { clock });
    await using bob = new LiveParty(place, 'bob', { clock });
    await Promise.all([alice.add(), bob.add()]);
    const toBob = await alice.contacts.add(bob.address, 'Bob');
    await until(() => {
      expect(bob.contacts.requests()).toHaveLength(1);
    });
    await bob.contacts.accept(alice.address);
    const toAlice = bob.conversations.contacts()[0]?.id ?? toBob;
    await until(() => {
      for (const party of [alice, bob]) {
        expect(party.prekeys.view()).toMatchObject({ tag: 'used', left: 100 });
      }
    });

    await bob.quit();
    await until(() => {
      expect(alice.conversations.view(toBob).presence).toBe('offline');
    });
    await alice.conversations.start(toBob);
    await until(() => {
      expect(alice.conversations.view(toBob).state).toBe('offline-unverified');
    });
    await alice.type(toBob, 'for when you are back');
    await alice.type(toBob, 'and one more');
    await until(() => {
      const deliveries = alice.conversations
        .history({ id: toBob, limit: 50 })
        .flatMap((item) => (item.kind === 'message' ? [item.delivery] : []));
      expect(deliveries).toEqual(['sent', 'sent']);
    });
    await alice.quit();

    bob.open();
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['for when you are back', 'and one more']);
    });
    await until(() => {
      expect(bob.conversations.view(toAlice).state).toBe('offline-unverified');
    });
    await bob.type(toAlice, 'read it, see you');
    await until(() => {
      expect(bob.prekeys.view()).toMatchObject({ tag: 'used', left: 99 });
    });
    await bob.quit();

    alice.open();
    await until(() => {
      expect(textsOf(alice, toBob)).toEqual(['read it, see you']);
    });
    bob.open();
    await until(() => {
      expect(alice.conversations.view(toBob).presence).toBe('online');
    });
    await alice.type(toBob, 'live again');
    await until(() => {
      expect(textsOf(bob, toAlice)).toContain('live again');
    });
    await until(() => {
      const events = bob.conversations
        .history({ id: toAlice, limit: 50 })
        .flatMap((item) => (item.kind === 'event' ? [item.event.name] : []));
      expect(events).toContain('continued-live');
    });
    expect([alice.failures, bob.failures]).toEqual([[], []]);
    const kept = [await readAll(place.folder), await readAll(keyServer?.folder ?? '')].join('\n');
    for (const words of ['for when you', 'one more', 'read it', 'live again']) {
      expect(kept).not.toContain(words);
    }
  });

  it('ux:16 xep:X-35 xep:C-14 reaches three devices, one here and two away, each of them once', async () => {
    await using anna = new LiveParty(place, 'anna', { clock });
    await using laptop = new LiveParty(place, 'bert', { clock });
    await using phone = new LiveParty(place, 'bert', { clock });
    await using tablet = new LiveParty(place, 'bert', { clock });
    const all = [laptop, phone, tablet];
    await Promise.all([anna.add(), laptop.add({ deviceLabel: 'Laptop' })]);
    await phone.add({ createOnServer: false, deviceLabel: 'Phone' });
    await tablet.add({ createOnServer: false, deviceLabel: 'Tablet' });
    const toBert = await anna.contacts.add(laptop.address, 'Bert');
    await until(() => {
      expect(laptop.contacts.requests()).toHaveLength(1);
    });
    await laptop.contacts.accept(anna.address);
    const { rules } = anna.conversations.view(toBert);
    await anna.conversations.setRules(toBert, { ...rules, accept: 'contacts' });
    for (const [index, device] of all.entries()) {
      await until(() => {
        expect(device.prekeys.view()).toMatchObject({ left: 100 });
        expect(device.conversations.view(toAnna(device)).presence).toBe('online');
      });
      await device.conversations.start(toAnna(device));
      await until(() => {
        expect(anna.conversations.view(toBert).devices.filter(isHere)).toHaveLength(index + 1);
      });
    }
    anna.conversations.open(toBert);
    await until(() => {
      const labels = anna.conversations.view(toBert).devices.map(({ name }) => name.label);
      expect(new Set(labels)).toEqual(new Set(['Laptop', 'Phone', 'Tablet']));
    });
    for (const { name } of anna.conversations.view(toBert).devices) {
      await anna.conversations.compared(toBert, name.instanceTag, 'match');
    }
    await phone.quit();
    await tablet.quit();
    // Their goodbye may come before: whoever ends a chat and is still there gets nothing.
    await until(() => {
      expect(anna.left.size).toBe(2);
      expect(anna.conversations.view(toBert).devices.filter(isHere)).toHaveLength(1);
    });
    await anna.type(toBert, 'for all three');
    await until(() => {
      expect(textsOf(laptop, toAnna(laptop))).toContain('for all three');
      expect(fatesOf(lastOf(anna, toBert))).toEqual({
        Laptop: 'delivered',
        Phone: 'sent',
        Tablet: 'sent',
      });
    });
    for (const device of [phone, tablet]) {
      device.open();
      await until(() => {
        expect(textsOf(device, toAnna(device))).toEqual(['for all three']);
      });
    }
    expect(textsOf(laptop, toAnna(laptop))).toEqual(['for all three']);
    expect([anna, ...all].flatMap(({ failures }) => failures)).toEqual([]);
    expect(await readAll(place.folder)).not.toContain('for all three');
  }, 120_000);
});
