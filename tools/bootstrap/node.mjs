// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stop } from './say.mjs';

/** The tools are TypeScript that Node strips itself, with synchronous module hooks. */
const NEEDED_MAJOR = 24;

const majorOf = (node) => {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)\./.exec(stdout ?? '')?.[1] ?? 0);
};

/** Path of a Node that is new enough: the one from the lock file, or the one that runs us. */
export function findNode(root) {
  const bundled = join(root, 'node_modules/.bin/node');
  const candidates = [...(existsSync(bundled) ? [bundled] : []), process.execPath];
  const found = candidates.find((node) => majorOf(node) >= NEEDED_MAJOR);
  if (found !== undefined) return found;
  return stop(
    `Node ${NEEDED_MAJOR} is needed and comes with npm ci only on Linux x64. ` +
      `Install Node ${NEEDED_MAJOR} from https://nodejs.org and run this again.`,
  );
}
