// SPDX-License-Identifier: GPL-3.0-or-later
// From a fresh clone to a running command. Plain JavaScript without dependencies, because it has to
// run on the oldest Node we accept (20) before anything is installed.

import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureModules } from './modules.mjs';
import { findNode } from './node.mjs';
import { say, stop } from './say.mjs';
import { ensurePackages } from './system.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const [command, ...rest] = process.argv.slice(2);

/** What each command needs from the system, and what it runs once that is there. */
const commands = {
  demo: {
    packages: ['prosody', 'chromium', 'openssl', 'fonts'],
    steps: [['build'], ['tools/demo/main.ts', ...rest]],
  },
  test: {
    packages: ['prosody', 'ejabberd', 'postgresql', 'chromium', 'openssl', 'fonts', 'xvfb'],
    steps: [['build'], ['node_modules/vitest/vitest.mjs', 'run', ...rest]],
  },
  faults: {
    packages: ['prosody', 'postgresql', 'openssl'],
    steps: [
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.faults.config.ts', ...rest],
    ],
  },
  peers: {
    packages: ['prosody', 'chromium', 'openssl', 'xvfb', 'tmux', 'profanity', 'gajim'],
    steps: [
      ['build'],
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.peers.config.ts', ...rest],
    ],
  },
  start: { packages: ['chromium'], steps: [['build'], ['tools/electron/start.ts', ...rest]] },
  bench: {
    packages: ['prosody', 'chromium', 'openssl'],
    steps: [['build'], ['--expose-gc', 'tools/bench/main.ts', ...rest]],
  },
  'prekey-server': { packages: [], steps: [['src/prekey-server/main.ts', ...rest]] },
  'prekey-server:pack': { packages: [], steps: [['tools/prekey-server/pack.ts', ...rest]] },
  'bench:prekey': {
    packages: ['prosody', 'postgresql', 'openssl'],
    steps: [['--expose-gc', 'tools/bench/prekey/main.ts', ...rest]],
  },
  forge: { packages: [], steps: [['tools/forge/main.ts', ...rest]] },
  fuzz: { packages: [], steps: [['tools/fuzz/main.ts', ...rest]] },
};

const plan = Object.hasOwn(commands, command ?? '') ? commands[command] : undefined;
if (plan === undefined) {
  stop(`usage: npm run ${Object.keys(commands).join(' | npm run ')}`);
}

// Ctrl+C reaches every process of the terminal: what runs cleans up, and we wait for it.
process.on('SIGINT', () => undefined);

ensureModules(root);
const node = findNode(root);
ensurePackages(plan.packages, rest);

for (const [first, ...args] of plan.steps) {
  const build = first === 'build';
  if (build) say('Building the application');
  const target = build
    ? ['node_modules/electron-vite/bin/electron-vite.js', 'build']
    : [first, ...args];
  const { status, signal } = spawnSync(node, target, {
    cwd: root,
    stdio: build ? ['ignore', 'ignore', 'inherit'] : 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ''}` },
  });
  if (status !== 0) {
    if (build) say('The build failed; `npm run build` shows its whole output.');
    process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
  }
}
