// SPDX-License-Identifier: GPL-3.0-or-later
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The steps of writing a file so that a crash leaves either the old one or the new one. */
export interface FileSteps {
  /** `undefined` if there is none. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Names in a folder; none if there is no such folder. */
  readonly list: (folder: string) => readonly string[];
  /** New, for the owner only; fails if it is there. */
  readonly create: (path: string) => number;
  readonly write: (file: number, bytes: Uint8Array) => void;
  readonly sync: (file: number) => void;
  readonly close: (file: number) => void;
  readonly rename: (from: string, to: string) => void;
  readonly syncFolder: (folder: string) => void;
  readonly remove: (path: string) => void;
}

export const nodeFiles: FileSteps = {
  read: (path) => unlessMissing(() => readFileSync(path)),
  list: (folder) => unlessMissing(() => readdirSync(folder)) ?? [],
  create: (path) => openSync(path, 'wx', 0o600),
  write: (file, bytes) => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  },
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  syncFolder: (folder) => {
    // Windows has no such thing; its rename is in the journal already.
    if (process.platform === 'win32') return;
    const opened = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
  },
  remove: (path) => {
    rmSync(path, { force: true });
  },
};

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Where the new content stands until it is complete. */
export const stagingPath = (path: string): string => `${path}.new`;

/** Puts `bytes` in place of whatever `path` held: all of it, durably, or nothing. */
export function replaceDurably(files: FileSteps, path: string, bytes: Uint8Array): void {
  const staging = stagingPath(path);
  files.remove(staging);
  const file = files.create(staging);
  try {
    files.write(file, bytes);
    files.sync(file);
  } finally {
    files.close(file);
  }
  files.rename(staging, path);
  files.syncFolder(dirname(path));
}
