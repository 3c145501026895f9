// SPDX-License-Identifier: GPL-3.0-or-later

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, MissingFile } from './config-error.ts';

/** Nothing that is kept in such a file is longer. */
const LONGEST = 4096;

/** A file that nobody but its owner may read; refuses any other. */
export function readOwnersFile(path: string): Uint8Array {
  const file = openFile(path);
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > LONGEST) {
      throw new ConfigError(`${path} is not a small plain file`);
    }
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new ConfigError(`${path} can be read by others; run: chmod 600 ${path}`);
    }
    const bytes = new Uint8Array(size);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new MissingFile(path);
    }
    throw new ConfigError(`${path} cannot be read`);
  }
}

/**
 * The content of the file, which is written first if there is none. Of two programs that start at once,
 * both get what one of them wrote: the name appears when the content is complete, and never changes.
 */
export function readOrCreateOwnersFile(path: string, create: () => Uint8Array): Uint8Array {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const staging = `${path}.${String(process.pid)}`;
  try {
    return readOwnersFile(path);
  } catch (cause) {
    if (!(cause instanceof MissingFile)) throw cause;
  }
  const bytes = create();
  writeNew(staging, bytes);
  try {
    linkSync(staging, path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
  } finally {
    rmSync(staging);
    bytes.fill(0);
  }
  syncFolder(dirname(path));
  return readOwnersFile(path);
}

function writeNew(path: string, bytes: Uint8Array): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
