// SPDX-License-Identifier: GPL-3.0-or-later
import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { StoreLocation } from './database.ts';
import type { OpenFailure } from './open-failure.ts';

const PAGE_LENGTH = 4096;
const ID_LENGTH = 16;
const IV_LENGTH = 16;
const MAC_LENGTH = 64;
const CIPHERTEXT_END = PAGE_LENGTH - IV_LENGTH - MAC_LENGTH;
/** Where SQLite keeps `user_version` in its header. */
const USER_VERSION_OFFSET = 60;
const PLAIN_HEADER = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * Looks at a store before SQLite does, by reading only. SQLite itself cannot be asked: opening a
 * database may replay and remove its write-ahead log, even under a key that does not fit.
 */
export function inspect(location: StoreLocation): OpenFailure | undefined {
  const page = readFirstPage(location.path);
  if (typeof page === 'string') return page;
  const failure = judge(page, location);
  if (failure !== undefined) return failure;
  const { path } = location;
  return isWritable(path) && isWritable(dirname(path)) ? undefined : 'read-only';
}

function judge(page: Buffer, { id, key, migrations }: StoreLocation): OpenFailure | undefined {
  if (page.subarray(0, ID_LENGTH).equals(PLAIN_HEADER)) return 'not-encrypted';
  if (page.length < PAGE_LENGTH) return 'truncated';
  if (!page.subarray(0, ID_LENGTH).equals(id)) return 'foreign';
  if (!isAuthentic(page, id, key)) return 'key-refused';
  const known = migrations.at(-1)?.version ?? 0;
  return userVersion(page, key) > known ? 'newer' : undefined;
}

function readFirstPage(path: string): Buffer | OpenFailure {
  let file: number | undefined;
  try {
    if (!lstatSync(path).isFile()) return 'not-a-file';
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const page = Buffer.alloc(Math.min(PAGE_LENGTH, fstatSync(file).size));
    return page.subarray(0, readSync(file, page, 0, page.length, 0));
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
      ? 'missing'
      : 'unreadable';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** SQLCipher 4: HMAC-SHA-512 over ciphertext, IV and page number, under a key of its own. */
function isAuthentic(page: Buffer, id: Uint8Array, key: Uint8Array): boolean {
  const macSalt = id.map((octet) => octet ^ 0x3a);
  const macKey = pbkdf2Sync(key, macSalt, 2, 32, 'sha512');
  const pageNumber = Buffer.from([1, 0, 0, 0]);
  const mac = createHmac('sha512', macKey)
    .update(page.subarray(ID_LENGTH, CIPHERTEXT_END + IV_LENGTH))
    .update(pageNumber)
    .digest();
  macKey.fill(0);
  return timingSafeEqual(mac, page.subarray(CIPHERTEXT_END + IV_LENGTH));
}

function userVersion(page: Buffer, key: Uint8Array): number {
  const iv = page.subarray(CIPHERTEXT_END, CIPHERTEXT_END + IV_LENGTH);
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  // The id stands in place of the first 16 plain bytes; the first blocks hold the header's rest.
  const header = decipher.update(page.subarray(ID_LENGTH, 112));
  const version = header.readUInt32BE(USER_VERSION_OFFSET - ID_LENGTH);
  header.fill(0);
  return version;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
