// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PrekeysView } from '#shared/model/prekeys.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import { LiveParty, type LiveServer } from '../support/live-party.ts';
import {
  DEMO_COMPONENT,
  startPrekeyServer,
  type TestPrekeyServer,
} from '../support/prekey-server.ts';
import { startProsody } from '../support/prosody.ts';

interface Beside extends AsyncDisposable {
  readonly place: LiveServer & { readonly componentPort: number };
}

const component = DEMO_COMPONENT;
const servers: readonly (readonly [string, () => Promise<Beside>])[] = [
  [
    'Prosody',
    async () => {
      const started = await startProsody({ component });
      return Object.assign(started, { place: started.prosody });
    },
  ],
  [
    'ejabberd',
    async () => {
      const started = await startEjabberd({ component });
      return Object.assign(started, { place: started.ejabberd });
    },
  ],
];

const PATIENCE = { timeout: 90_000, interval: 50 };
type Used = Extract<PrekeysView, { tag: 'used' }>;

describe.each(servers)('our keys on the real prekey server beside %s', (_name, start) => {
  let beside: Beside | undefined;
  let prekeys: TestPrekeyServer | undefined;
  let alice: LiveParty;

  const used = (): Used => {
    const view = alice.prekeys.view();
    if (view.tag !== 'used') throw new TypeError('nothing of the kind is used');
    return view;
  };
  const until = (fits: (view: Used) => void): Promise<void> =>
    vi.waitFor(() => {
      fits(used());
    }, PATIENCE);

  beforeAll(async () => {
    beside = await start();
    prekeys = await startPrekeyServer({ port: beside.place.componentPort });
    alice = new LiveParty(beside.place, 'alice');
    await alice.add();
    await vi.waitFor(() => {
      expect(alice.account.view()?.keys.tag).toBe('ready');
    }, PATIENCE);
  }, 180_000);
  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await prekeys?.[Symbol.asyncDispose]();
    await beside?.[Symbol.asyncDispose]();
  });

  it('pks:T-47 xep:X-14 xep:X-15 xep:X-16 xep:X-17 xep:X-18 xep:X-19 xep:X-20 xep:X-23 xep:X-24 are published when it is found', async () => {
    alice.prekeys.repair();
    await until((view) => {
      expect(view).toMatchObject({ stage: 'published', left: 100 });
    });
    const code = prekeys?.server.fingerprint;
    expect(used().server).toEqual({ jid: component.jid, domain: 'localhost', code });
    expect(alice.failures).toEqual([]);
  });

  it('pks:T-56 sec:F-PK-6 xep:X-25 survive that it is killed: first the trouble is told, then the count is the same', async () => {
    await prekeys?.server.kill();
    alice.prekeys.repair();
    await until(({ stage }) => {
      expect(['failing', 'no-server']).toContain(stage);
    });
    await prekeys?.server.restart();
    alice.prekeys.repair();
    await until((view) => {
      expect(view).toMatchObject({ stage: 'published', left: 100, trouble: undefined });
    });
    const { store } = alice;
    const [account] = store.accounts.list();
    expect(account && store.prekeys.ids(account.id).size).toBe(100);
  });
});
