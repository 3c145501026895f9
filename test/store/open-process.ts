// SPDX-License-Identifier: GPL-3.0-or-later
// A process that opens the store named in its arguments and says how it went.
import { readFileSync, writeSync } from 'node:fs';
import { openDatabase } from '../../src/main/store/database.ts';
import { migrationsFromFolder } from '../../src/main/store/migrations/from-folder.ts';

const [id, key] = JSON.parse(readFileSync(0, 'utf8')) as [number[], number[]];
const opened = openDatabase({
  path: process.argv[2] ?? '',
  id: Uint8Array.from(id),
  key: Uint8Array.from(key),
  migrations: migrationsFromFolder(new URL('../../src/main/store/migrations/', import.meta.url)),
});
writeSync(1, JSON.stringify(opened.ok ? { ok: true } : opened));
if (opened.ok) opened.value.close();
