// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import type { Config, StoreChoice } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readOrCreateOwnersFile, readOwnersFile } from './owners-file.ts';
import { firstLine, refuseSecret, SECRET_LENGTH_MIN } from './shared-secret.ts';

/** The secret shared with the XMPP server. @throws {ConfigError} when it would not hold */
export function openComponentSecret(secret: Config['secret']): Uint8Array {
  const value = readSecret(secret);
  const refusal = refuseSecret(value);
  if (refusal === undefined) return value;
  throw new ConfigError(
    `the component secret is ${refusal}: it has to be ${String(SECRET_LENGTH_MIN)} printable ` +
      'characters or more, made by chance, such as by: openssl rand -hex 32',
  );
}

function readSecret(secret: Config['secret']): Uint8Array {
  switch (secret.from) {
    case 'environment':
      return secret.value;
    case 'file':
      return firstLine(readOwnersFile(secret.path));
    case 'made':
      return firstLine(readOrCreateOwnersFile(secret.path, makeSecret));
  }
}

/** 64 hexadecimal digits, which any configuration file takes. */
const makeSecret = (): Uint8Array => Buffer.from(randomBytes(32).toString('hex'));

const KEY_LENGTH = 32;

/** Of an encrypted database: 32 bytes, or the same in hexadecimal digits. */
export function openDatabaseKey(store: StoreChoice): Uint8Array | undefined {
  if (store.kind !== 'sqlite' || store.keyFile === undefined) return undefined;
  const bytes = readOwnersFile(store.keyFile);
  if (bytes.length === KEY_LENGTH) return bytes;
  const digits = Buffer.from(firstLine(bytes)).toString('latin1');
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, 'hex');
  throw new ConfigError(`${store.keyFile} does not hold 32 bytes, nor 64 hexadecimal digits`);
}
