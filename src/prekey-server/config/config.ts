// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { ConfigError } from './config-error.ts';
import { inputFromEnvironment, type Environment } from './environment.ts';
import { type ConfigInput, ConfigSchema } from './schema.ts';

/** Where prekeys are kept. */
export type StoreChoice =
  | { readonly kind: 'sqlite'; readonly path: string; readonly keyFile: string | undefined }
  | { readonly kind: 'postgresql'; readonly url: string };

/** How much the program takes upon itself. */
export interface ConfigLimits {
  readonly workers: number;
  /** Undefined opens none; 0 takes any that is free. */
  readonly watchPort: number | undefined;
  /** Prekey messages of a device that only accounts of the publishers' domains get. */
  readonly reserve: number;
  readonly queriesPerDomainHour: number;
  readonly exchangesPerDomainMinute: number;
}

/** Everything the program has to know, but for what is secret. */
export interface Config extends ConfigLimits {
  /** Bare address of the component. */
  readonly jid: string;
  readonly host: string;
  readonly port: number;
  readonly secret:
    | { readonly from: 'environment'; readonly value: Uint8Array }
    | { readonly from: 'file'; readonly path: string }
    /** None was named: one is made and kept there, on loopback only. */
    | { readonly from: 'made'; readonly path: string };
  readonly keyFile: string;
  readonly store: StoreChoice;
  readonly publisherDomains: readonly string[];
  readonly retrieverDomains: 'any' | readonly string[];
}

const DEFAULT_JID = 'prekey.localhost';
const DEFAULT_PORT = 5347;
const DEFAULT_WATCH_PORT = 5380;
const DEFAULT_RESERVE = 10;
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/**
 * From a file, if one is named, and the environment, which goes first; the rest has defaults for an XMPP
 * server on this machine.
 *
 * @throws {ConfigError} saying what is wrong
 */
export function readConfig(file: string | undefined, environment: Environment): Config {
  const input = {
    ...(file === undefined ? {} : readInput(file)),
    ...inputFromEnvironment(environment),
  };
  return settle(validate(input, 'the configuration'), environment);
}

function readInput(file: string): ConfigInput {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ConfigError(`${file} cannot be read as JSON`);
  }
  return validate(parsed, file);
}

function validate(input: unknown, source: string): ConfigInput {
  const result = v.safeParse(ConfigSchema, input);
  if (result.success) return result.output;
  const paths = result.issues.map((issue) => v.getDotPath(issue) ?? 'the whole');
  throw new ConfigError(`${source}: not understood: ${[...new Set(paths)].join(', ')}`);
}

function settle(input: ConfigInput, environment: Environment): Config {
  const { jid = DEFAULT_JID, host = '127.0.0.1', port = DEFAULT_PORT } = input;
  const { dataFolder = defaultFolder(environment) } = input;
  requireNearness(host, input.trustNetwork ?? false);
  return {
    jid,
    host,
    port,
    secret: settleSecret(input, host, dataFolder, environment),
    keyFile: input.keyFile ?? join(dataFolder, 'server.key'),
    store: settleStore(input, dataFolder),
    ...settleDomains(input, jid),
    ...settleLimits(input),
  };
}

function settleDomains(
  { publisherDomains, retrieverDomains = 'any' }: ConfigInput,
  jid: string,
): Pick<Config, 'publisherDomains' | 'retrieverDomains'> {
  return { publisherDomains: publisherDomains ?? [parentOf(jid)], retrieverDomains };
}

function settleLimits(input: ConfigInput): ConfigLimits {
  const { watchPort = DEFAULT_WATCH_PORT } = input;
  return {
    workers: input.workers ?? Math.max(1, availableParallelism() - 1),
    watchPort: watchPort === null ? undefined : watchPort,
    reserve: input.reserve ?? DEFAULT_RESERVE,
    queriesPerDomainHour: input.queriesPerDomainHour ?? 6000,
    exchangesPerDomainMinute: input.exchangesPerDomainMinute ?? 300,
  };
}

/** The component protocol has no encryption: only a network that nobody else is on will do. */
function requireNearness(host: string, trustNetwork: boolean): void {
  if (LOOPBACK.includes(host) || trustNetwork) return;
  throw new ConfigError(
    `${host} is another machine, and the component protocol is not encrypted: use a tunnel to ` +
      `loopback, or say trustNetwork: true if nobody else is on that network`,
  );
}

function settleSecret(
  input: ConfigInput,
  host: string,
  dataFolder: string,
  environment: Environment,
): Config['secret'] {
  const value = environment['SOTTO_PREKEY_SECRET'];
  if (value !== undefined) return { from: 'environment', value: Buffer.from(value) };
  if (input.secretFile !== undefined) return { from: 'file', path: input.secretFile };
  if (!LOOPBACK.includes(host)) throw new ConfigError('secretFile has to be named');
  return { from: 'made', path: join(dataFolder, 'component.secret') };
}

function settleStore(input: ConfigInput, dataFolder: string): StoreChoice {
  const { database, databaseKeyFile: keyFile } = input;
  if (database === undefined) {
    return { kind: 'sqlite', path: join(dataFolder, 'prekeys.sqlite'), keyFile };
  }
  if (!/^postgres(?:ql)?:\/\//.test(database)) return { kind: 'sqlite', path: database, keyFile };
  if (keyFile === undefined) return { kind: 'postgresql', url: database };
  throw new ConfigError('databaseKeyFile is for SQLite only');
}

function parentOf(jid: string): string {
  const dot = jid.indexOf('.');
  if (dot > 0 && dot < jid.length - 1) return jid.slice(dot + 1);
  throw new ConfigError('publisherDomains has to be named: jid is no sub-domain');
}

/** systemd names a folder of the service's own. */
function defaultFolder(environment: Environment): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME } = environment;
  return (
    STATE_DIRECTORY ??
    join(XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'sotto-prekey-server')
  );
}
