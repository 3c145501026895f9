// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Electron release whose types the double is checked against. */
export const electronVersion = '45.4.1';
export const distFolder = join(import.meta.dirname, 'dist');
export const executable = join(distFolder, 'electron');

/** What was on the command line when the double was loaded, before a loader edits `process.argv`. */
export interface Arguments {
  readonly all: readonly string[];
  readonly switches: readonly string[];
  readonly target: string | undefined;
}

export function parseArguments(argv: readonly string[]): Arguments {
  const all = argv.slice(1);
  return {
    all,
    switches: all.filter((argument) => argument.startsWith('--')),
    target: all.find((argument) => !argument.startsWith('-')),
  };
}

export function switchValue(switches: readonly string[], name: string): string | undefined {
  const prefix = `--${name}=`;
  return switches.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length);
}

const binaries = ['/usr/lib/chromium/chromium', '/usr/bin/chromium'];

export function findChromium(environment: NodeJS.ProcessEnv): string {
  const named = environment.ELECTRON_DOUBLE_CHROMIUM;
  const found = named ?? binaries.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      'The electron double found no Chromium. Install one (Debian: apt install chromium) or name it in ELECTRON_DOUBLE_CHROMIUM.',
    );
  }
  return found;
}
