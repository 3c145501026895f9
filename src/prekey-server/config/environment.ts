// SPDX-License-Identifier: GPL-3.0-or-later

import { ConfigError } from './config-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type Kind = 'text' | 'number' | 'flag' | 'list';

/** `SOTTO_PREKEY_…` for each entry of a configuration file; the secret itself is not one of them. */
const VARIABLES: Readonly<Record<string, readonly [entry: string, kind: Kind]>> = {
  SOTTO_PREKEY_JID: ['jid', 'text'],
  SOTTO_PREKEY_HOST: ['host', 'text'],
  SOTTO_PREKEY_PORT: ['port', 'number'],
  SOTTO_PREKEY_SECRET_FILE: ['secretFile', 'text'],
  SOTTO_PREKEY_TRUST_NETWORK: ['trustNetwork', 'flag'],
  SOTTO_PREKEY_DATA_FOLDER: ['dataFolder', 'text'],
  SOTTO_PREKEY_KEY_FILE: ['keyFile', 'text'],
  SOTTO_PREKEY_DATABASE: ['database', 'text'],
  SOTTO_PREKEY_DATABASE_KEY_FILE: ['databaseKeyFile', 'text'],
  SOTTO_PREKEY_PUBLISHER_DOMAINS: ['publisherDomains', 'list'],
  SOTTO_PREKEY_RETRIEVER_DOMAINS: ['retrieverDomains', 'list'],
  SOTTO_PREKEY_WORKERS: ['workers', 'number'],
  SOTTO_PREKEY_WATCH_PORT: ['watchPort', 'number'],
  SOTTO_PREKEY_RESERVE: ['reserve', 'number'],
  SOTTO_PREKEY_QUERIES_PER_DOMAIN_HOUR: ['queriesPerDomainHour', 'number'],
  SOTTO_PREKEY_EXCHANGES_PER_DOMAIN_MINUTE: ['exchangesPerDomainMinute', 'number'],
};

const OTHERS: readonly string[] = ['SOTTO_PREKEY_SECRET', 'SOTTO_PREKEY_CONFIG'];

/**
 * What the environment says, in the shape of a configuration file; not validated.
 * @throws {ConfigError} for a variable that means nothing: it would be a slip
 */
export function inputFromEnvironment(environment: Environment): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('SOTTO_PREKEY_') || OTHERS.includes(name) || value === undefined) continue;
    const known = VARIABLES[name];
    if (known === undefined) throw new ConfigError(`${name} is not a variable of this program`);
    const [entry, kind] = known;
    input[entry] = toValue(value, kind);
  }
  return input;
}

function toValue(value: string, kind: Kind): unknown {
  switch (kind) {
    case 'text':
      return value;
    case 'number':
      return value === 'off' ? null : /^\d+$/.test(value) ? Number(value) : value;
    case 'flag':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'list':
      return value === 'any' ? value : value.split(',').map((each) => each.trim());
  }
}
