// SPDX-License-Identifier: GPL-3.0-or-later
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clock } from '#main/account/ports.ts';
import type { ConversationId } from '#shared/model/ids.ts';
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
});
