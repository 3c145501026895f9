// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { say, stop } from './say.mjs';

const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : undefined);

/** `npm ci`, unless what is installed is younger than the lock file. */
export function ensureModules(root) {
  const installed = changedAt(join(root, 'node_modules/.package-lock.json'));
  const locked = changedAt(join(root, 'package-lock.json'));
  if (installed !== undefined && locked !== undefined && installed >= locked) return;
  say('Installing the pinned dependencies (npm ci)');
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status } = spawnSync(command, [...first, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) stop('npm ci failed. Check the network and run it by hand: npm ci');
}
