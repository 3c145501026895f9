// SPDX-License-Identifier: GPL-3.0-or-later

/** What `electron <folder or file>` does: read the package, run its main module, get ready. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, startArguments } from './electron.ts';
import type { PackageDescription } from './app.ts';
import { electronVersion } from './runtime.ts';

function readPackage(folder: string): PackageDescription {
  const path = join(folder, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PackageDescription) : {};
}

if (startArguments.switches.includes('--version')) {
  process.stdout.write(`v${electronVersion}\n`);
  process.exit(0);
}

const target = resolve(startArguments.target ?? '.');
const isFolder = statSync(target).isDirectory();
const folder = isFolder ? target : dirname(target);
const description = readPackage(folder);
app.adopt(folder, description);
await import(pathToFileURL(isFolder ? join(target, description.main ?? 'index.js') : target).href);
await app.start();
