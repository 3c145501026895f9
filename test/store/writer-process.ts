// SPDX-License-Identifier: GPL-3.0-or-later
// Writes one transaction after the other and acknowledges each after its commit, until killed.
import { readFileSync, writeSync } from 'node:fs';
import type { ConversationId } from '#shared/model/ids.ts';
import { openDatabase } from '../../src/main/store/database.ts';
import { migrationsFromFolder } from '../../src/main/store/migrations/from-folder.ts';
import { createStore } from '../../src/main/store/store.ts';

const [id, key, conversation] = JSON.parse(readFileSync(0, 'utf8')) as [
  number[],
  number[],
  ConversationId,
];
const opened = openDatabase({
  path: process.argv[2] ?? '',
  id: Uint8Array.from(id),
  key: Uint8Array.from(key),
  migrations: migrationsFromFolder(new URL('../../src/main/store/migrations/', import.meta.url)),
});
if (!opened.ok) throw new Error(opened.error);
const store = createStore(opened.value);
for (let count = Number(store.settings.load('count') ?? 0) + 1; ; count += 1) {
  store.transaction((tx) => {
    store.messages.add(tx, {
      conversationId: conversation,
      direction: 'in',
      text: `message ${String(count)} ${'x'.repeat(count % 3000)}`,
      at: count,
      delivery: 'delivered',
      stanzaId: undefined,
      plainInside: false,
    });
    store.settings.save(tx, 'count', count);
  });
  writeSync(1, `${String(count)}\n`);
}
