// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { nodeFiles, stagingPath } from './durable-files.ts';

/**
 * Makes a folder together with its content, or not at all: `fill` works beside it, and only a
 * complete one gets the name. So there is never a key file without its store or the reverse.
 * `fill` must have closed its files when it ends.
 */
export async function makeFolder(
  path: string,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  if (existsSync(path)) throw new TypeError('the folder is there already');
  const staging = stagingPath(path);
  // Left by a crash before it was complete: it was never used.
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  try {
    await fill(staging);
    nodeFiles.syncFolder(staging);
    renameSync(staging, path);
    nodeFiles.syncFolder(dirname(path));
  } catch (cause) {
    rmSync(staging, { recursive: true, force: true });
    throw cause;
  }
}
