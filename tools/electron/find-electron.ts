// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const FETCH_TIMEOUT_MS = 120_000;

/** What runs the bundles: Electron itself, or the stand-in where its binary cannot be had. */
export interface Runtime {
  readonly kind: 'electron' | 'double';
  /** For people: which of the two, in a few words. */
  readonly words: string;
  readonly executable: string;
  /** To be added to the environment of whatever starts the application. */
  readonly env: Readonly<Record<string, string>>;
}

const double: Runtime = {
  kind: 'double',
  words: 'the Electron double (Node and the system Chromium; the Electron binary is not here)',
  executable: join(root, 'tools/electron-double/dist/electron'),
  env: { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'tools/electron-double/dist') },
};

/** Where the npm package says its binary is, if it is really there. */
function installedBinary(): string | undefined {
  const folder = join(root, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const executable = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : undefined;
}

function fetchBinary(): void {
  spawnSync(process.execPath, [join(root, 'node_modules/electron/install.js')], {
    stdio: 'ignore',
    timeout: FETCH_TIMEOUT_MS,
  });
}

/**
 * Electron when its binary is installed, or, with `mayFetch`, can be fetched; otherwise the double.
 * `SOTTO_RUNTIME=double` skips the search.
 */
export function findElectron(mayFetch: boolean): Runtime {
  if (process.env['SOTTO_RUNTIME'] === 'double') return double;
  if (installedBinary() === undefined && mayFetch) fetchBinary();
  const executable = installedBinary();
  if (executable !== undefined) {
    return { kind: 'electron', words: 'Electron', executable, env: {} };
  }
  if (process.platform !== 'linux') {
    throw new Error(
      'The Electron binary could not be fetched. Try: node node_modules/electron/install.js',
    );
  }
  return double;
}
