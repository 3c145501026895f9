// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { type LongTermKey, openLongTermKey, Secret } from '#otr';
import { ConfigError } from './config-error.ts';
import { readOrCreateOwnersFile } from './owners-file.ts';

/** `sym_h`. @see OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints" */
const SEED_LENGTH = 57;

/** The server's long-term key: 57 bytes in a file of their own, made once. */
export function openServerKey(path: string): LongTermKey {
  const bytes = readOrCreateOwnersFile(path, () => randomBytes(SEED_LENGTH));
  if (bytes.length !== SEED_LENGTH) {
    throw new ConfigError(`${path} is not a key: it has to hold ${String(SEED_LENGTH)} bytes`);
  }
  return openLongTermKey(Secret.own(bytes, SEED_LENGTH));
}
