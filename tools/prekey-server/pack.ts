// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the prekey server into one folder that needs Node and nothing else: `node pack.ts FOLDER`.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new RangeError('usage: node tools/prekey-server/pack.ts FOLDER');
const out = resolve(folder);
const source = join(root, 'src/prekey-server');

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  // All but the database, whose binary stands beside its code.
  ssr: { noExternal: true, external: ['better-sqlite3', 'pg-native'] },
  build: {
    ssr: true,
    outDir: out,
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      input: {
        main: join(source, 'main.ts'),
        'crypto-worker': join(source, 'service/crypto-worker.ts'),
        'sqlite-worker': join(source, 'storage/sqlite-worker.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
    },
  },
});

const database = 'node_modules/better-sqlite3';
mkdirSync(join(out, database), { recursive: true });
cpSync(join(root, database), join(out, database), { recursive: true, dereference: true });
const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly license: string;
};
const manifest = {
  name: 'sotto-prekey-server',
  version,
  license,
  type: 'module',
  bin: './main.js',
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
