// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';

/**
 * Certificate authorities of self-hosted servers, as a PEM file named by `SOTTO_EXTRA_CA`. Without
 * a file that can be read such a server is not trusted, and the user is told so.
 */
export function extraCertificates(path: string | undefined): readonly string[] {
  if (path === undefined || path === '') return [];
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}
