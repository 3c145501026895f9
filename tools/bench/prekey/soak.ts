// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createLongTermKey } from '#otr';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { Queries } from '#prekey-server/service/queries.ts';
import { StoreGuard } from '#prekey-server/service/store-guard.ts';
import { SqliteStorage } from '#prekey-server/storage/sqlite-storage.ts';
import { Metrics } from '#prekey-server/watch/metrics.ts';
import { keyedDevice, realEnv } from '../../prekey-server/keyed-device.ts';
import type { LoadFigure } from './figures.ts';
import { fakePublication } from './filling.ts';

const MIB = 1024 * 1024;
const server = { jid: 'prekey.z.example', fingerprint: 'AB'.repeat(56) };
const { ownerTag } = keyedDevice('a@z.example', server).context.own.profile;

function queryFor(identity: string): string {
  const asked = new TextEncoder().encode(identity);
  const versions = new TextEncoder().encode('4');
  return formatPrekeyArmor(encodeEnsembleQuery({ senderTag: ownerTag, identity: asked, versions }));
}

/** Queries of ever new people about ever new people, for so many minutes: the memory has to stay. */
export async function soak(minutes: number): Promise<readonly LoadFigure[]> {
  if (minutes === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'sotto-soak-'));
  const storage = SqliteStorage.open(join(folder, 'soak.sqlite'));
  const store = new StoreGuard(storage, { log: () => undefined, metrics: new Metrics() });
  const context = {
    serverJid: server.jid,
    longTermKey: createLongTermKey(realEnv),
    publisherDomains: ['z.example'],
    retrieverDomains: 'any',
  } as const;
  const queries = new Queries({ context, env: realEnv, store, reserve: 0 });
  const endsAt = performance.now() + minutes * 60_000;
  const warmAt = performance.now() + minutes * 20_000;
  let n = 0;
  let warm = 0;
  while (performance.now() < endsAt) {
    const target = `t${String(n)}@z.example`;
    if (n % 10 === 0) await storage.publish(fakePublication(target, 0, 2), Date.now());
    await queries.receive({ from: `u${String(n)}@a.example/x`, body: queryFor(target) });
    n += 1;
    if (warm === 0 && performance.now() > warmAt) warm = settledHeap();
  }
  const grown = (settledHeap() - warm) / MIB;
  await storage.close();
  await rm(folder, { recursive: true, force: true });
  return [
    { what: `soak, ${String(minutes)} minutes: queries`, value: n, unit: '' },
    { what: 'soak: heap grown since a third of it', value: grown, unit: 'MiB', atMost: 16 },
    { what: 'soak: resident', value: process.memoryUsage.rss() / MIB, unit: 'MiB', atMost: 250 },
  ];
}

function settledHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
