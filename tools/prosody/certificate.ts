// SPDX-License-Identifier: GPL-3.0-or-later

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The certificate is its own authority: whoever trusts this PEM trusts the server. */
  readonly pem: string;
}

const KEY_TYPE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] as const;

/** Makes a self-signed certificate for one domain with openssl, in the given folder. */
export async function makeCertificate(folder: string, domain: string): Promise<Certificate> {
  const certificateFile = join(folder, `${domain}.crt`);
  const keyFile = join(folder, `${domain}.key`);
  await run('openssl', [
    ...['req', '-x509', ...KEY_TYPE, '-nodes', '-days', '30', '-subj', `/CN=${domain}`],
    ...['-addext', `subjectAltName=DNS:${domain}`],
    ...['-keyout', keyFile, '-out', certificateFile],
  ]);
  return { certificateFile, keyFile, pem: await readFile(certificateFile, 'utf8') };
}
