// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';

interface Pragma {
  readonly name: string;
  readonly set: string;
  /** What reading it back must give. */
  readonly expect: string | number;
}

/** Set before the key. */
const CIPHER: readonly Pragma[] = [
  { name: 'cipher', set: "'sqlcipher'", expect: 'sqlcipher' },
  // The format of SQLCipher 4: HMAC-SHA-512 on each page.
  { name: 'legacy', set: '4', expect: '4' },
];

/** Before the first page is read. None of these touches the file. */
const CONNECTION: readonly Pragma[] = [
  // One process owns the store; there is no shared-memory file either.
  { name: 'locking_mode', set: 'EXCLUSIVE', expect: 'exclusive' },
  // The compiled-in default sorts in files under /tmp, in clear.
  { name: 'temp_store', set: 'MEMORY', expect: 2 },
  { name: 'mmap_size', set: '0', expect: 0 },
  { name: 'foreign_keys', set: 'ON', expect: 1 },
  { name: 'trusted_schema', set: 'OFF', expect: 0 },
  { name: 'cell_size_check', set: 'ON', expect: 1 },
  { name: 'recursive_triggers', set: 'OFF', expect: 0 },
  { name: 'secure_delete', set: 'ON', expect: 1 },
];

/** These read or write the file. */
const FILE: readonly Pragma[] = [
  { name: 'journal_mode', set: 'WAL', expect: 'wal' },
  // Each commit reaches the disk: what was acknowledged survives a power cut.
  { name: 'synchronous', set: 'FULL', expect: 2 },
  { name: 'journal_size_limit', set: '0', expect: 0 },
];

export function applyCipherPragmas(db: Db): void {
  for (const { name, set } of CIPHER) db.pragma(`${name} = ${set}`);
}

export function applyConnectionPragmas(db: Db): void {
  for (const { name, set } of CONNECTION) db.pragma(`${name} = ${set}`);
}

export function applyFilePragmas(db: Db): void {
  for (const { name, set } of FILE) db.pragma(`${name} = ${set}`);
}

/** Reads every setting back: SQLite ignores what it does not know or cannot do. */
export function assertPragmas(db: Db): void {
  for (const { name, expect } of [...CIPHER, ...CONNECTION, ...FILE]) {
    if (db.pragma(name, { simple: true }) !== expect) {
      throw new TypeError(`the store did not take the setting ${name}`);
    }
  }
}
