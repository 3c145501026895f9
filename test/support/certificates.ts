// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../tools/prosody/run.ts';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface LeafOptions {
  /** Subject alternative names, as openssl writes them; none at all when empty. */
  readonly names: readonly string[];
  readonly commonName?: string;
  /** From now; a negative number makes a certificate that has expired. */
  readonly days?: number;
}

const KEY_TYPE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

/** A certificate authority that lives as long as a test file. */
export class TestAuthority implements AsyncDisposable {
  readonly certificate: string;
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string, certificate: string) {
    this.#folder = folder;
    this.certificate = certificate;
  }

  static async create(): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-ca-'));
    const out = ['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')];
    await run('openssl', [
      'req',
      '-x509',
      ...KEY_TYPE,
      '-days',
      '30',
      '-subj',
      '/CN=Test CA',
      ...out,
    ]);
    return new TestAuthority(folder, await readFile(join(folder, 'ca.crt'), 'utf8'));
  }

  async issue({ names, commonName = 'test', days = 30 }: LeafOptions): Promise<KeyPair> {
    this.#count += 1;
    const file = (end: string): string => join(this.#folder, `leaf-${String(this.#count)}.${end}`);
    await run('openssl', [
      ...['req', ...KEY_TYPE, '-subj', `/CN=${commonName}`],
      ...['-keyout', file('key'), '-out', file('csr')],
    ]);
    const alternatives = names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '';
    await writeFile(file('ext'), `basicConstraints=CA:FALSE\n${alternatives}`);
    await run('openssl', [
      ...['x509', '-req', '-in', file('csr'), '-days', String(days), '-extfile', file('ext')],
      ...['-CA', join(this.#folder, 'ca.crt'), '-CAkey', join(this.#folder, 'ca.key')],
      ...['-out', file('crt')],
    ]);
    return {
      certificate: await readFile(file('crt'), 'utf8'),
      key: await readFile(file('key'), 'utf8'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
