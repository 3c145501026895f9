#!/usr/bin/env -S node --max-old-space-size=512 --max-semi-space-size=4
// SPDX-License-Identifier: GPL-3.0-or-later
// Entry: reads what it is told, says who it is, runs until it is told to stop.
// The sizes, in MiB, are of each thread (ADR 0034).

import process from 'node:process';
import { parseArgs } from 'node:util';
import { type RunningServer, startServer } from './compose.ts';
import { ConfigError } from './config/config-error.ts';
import { type Config, readConfig } from './config/config.ts';
import { formatHints, USAGE } from './config/hints.ts';
import { openComponentSecret, openDatabaseKey } from './config/secrets.ts';
import { openServerKey } from './config/server-key.ts';
import { createLog } from './watch/log.ts';

function readArguments(): { readonly help: boolean; readonly config: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { help: { type: 'boolean', default: false }, config: { type: 'string' } },
    });
    return { help: values.help, config: values.config ?? process.env['SOTTO_PREKEY_CONFIG'] };
  } catch {
    throw new ConfigError(`not understood\n${USAGE}`);
  }
}

async function start(config: Config): Promise<RunningServer> {
  const log = createLog((line) => process.stderr.write(line), Date.now);
  const secrets = {
    componentSecret: openComponentSecret(config.secret),
    longTermKey: openServerKey(config.keyFile),
    databaseKey: openDatabaseKey(config.store),
  };
  // Children and dumps of the environment need not have it.
  delete process.env['SOTTO_PREKEY_SECRET'];
  const server = await startServer(config, secrets, log);
  secrets.databaseKey?.fill(0);
  return server;
}

/** Messages of other errors may quote what nobody should read. */
function toComplaint(cause: unknown): string {
  if (cause instanceof ConfigError) return cause.message;
  if (!(cause instanceof Error)) return 'cannot start';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return code === 'EADDRINUSE' ? 'watchPort is in use' : `cannot start (${code})`;
}

async function main(): Promise<void> {
  const { help, config: file } = readArguments();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const config = readConfig(file, process.env);
  const server = await start(config);
  process.stdout.write(formatHints(config, server));
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void server.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

try {
  await main();
} catch (cause) {
  process.stderr.write(`prekey-server: ${toComplaint(cause)}\n`);
  process.exit(1);
}
