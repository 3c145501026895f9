// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import type { Migration } from './migration.ts';

/**
 * The same list read from the files themselves, for programs that run unbundled on plain Node
 * (bench, tools), where `?raw` means nothing. A test holds the two lists equal.
 */
export function migrationsFromFolder(folder: URL): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => ({
      version: Number.parseInt(name, 10),
      sql: readFileSync(new URL(name, folder), 'utf8'),
    }));
}
