// SPDX-License-Identifier: GPL-3.0-or-later
// The prekey server in one folder that needs Node and nothing else.

import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { punycodePackage } from '../bundling/punycode-package.ts';

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'src/prekey-server');
const database = 'node_modules/better-sqlite3';

/** @returns the program */
export async function packPrekeyServer(out: string): Promise<string> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [punycodePackage],
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
  const program = join(out, 'main.js');
  chmodSync(program, 0o755);
  return program;
}
