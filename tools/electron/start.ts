// SPDX-License-Identifier: GPL-3.0-or-later

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { findElectron } from './find-electron.ts';

const root = resolve(import.meta.dirname, '../..');
const runtime = findElectron(true);
process.stderr.write(`sotto: Running on ${runtime.words}\n`);

const headful = runtime.kind === 'double' && process.env['DISPLAY'] !== undefined;
const child = spawn(runtime.executable, [root, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...runtime.env,
    ...(headful ? { ELECTRON_DOUBLE_HEADFUL: '1' } : {}),
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 0 : 1);
});
