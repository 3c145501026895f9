// SPDX-License-Identifier: GPL-3.0-or-later

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { findElectron } from './find-electron.ts';

const root = resolve(import.meta.dirname, '../..');
const runtime = findElectron(true);
process.stderr.write(`sotto: Developing on ${runtime.words}\n`);

// electron-vite ignores the override folder in dev mode but takes the executable itself.
const child = spawn(
  process.execPath,
  [resolve(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'dev', '--watch'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ELECTRON_EXEC_PATH: runtime.executable,
      ...(process.env['DISPLAY'] === undefined ? {} : { ELECTRON_DOUBLE_HEADFUL: '1' }),
    },
  },
);
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
