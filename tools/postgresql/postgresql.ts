// SPDX-License-Identifier: GPL-3.0-or-later

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { findFreePorts } from '../prosody/free-ports.ts';
import { run } from '../prosody/run.ts';

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const INSTALLED = '/usr/lib/postgresql';

/** Where the distribution keeps the programs: they are in no PATH, since versions live side by side. */
function findPrograms(): string {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error(`no PostgreSQL in ${INSTALLED}`);
  return join(INSTALLED, newest, 'bin');
}

/** The server refuses to run as root, so root lends it the account that the package has made. */
function asUser(program: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (process.getuid?.() !== 0) return [program, args];
  const who = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return ['setpriv', [...who, program, ...args]];
}

export interface PostgresqlOptions {
  /** Holds everything the server writes. Must exist; the caller removes it. */
  readonly folder: string;
  /** False answers before the disk has it: for tests that pull no plug. */
  readonly durable?: boolean;
}

/** A real PostgreSQL of one's own, on loopback, in a folder of its own. */
export class Postgresql {
  readonly folder: string;
  readonly port: number;
  readonly #programs = findPrograms();
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  /** Prepares the folder and starts the server in it. */
  static async start({ folder, durable = true }: PostgresqlOptions): Promise<Postgresql> {
    const [port = 0] = await findFreePorts(1);
    const server = new Postgresql(folder, port);
    await server.#prepare(durable);
    await server.restart();
    return server;
  }

  /** Of the database that is there from the start. Whoever is on this machine may enter. */
  get url(): string {
    return `postgresql://postgres@127.0.0.1:${String(this.port)}/postgres`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the server again, with the data and on the port it had. */
  async restart(): Promise<void> {
    if (this.#process !== undefined) throw new RangeError('the server is running');
    const [program, args] = asUser(join(this.#programs, 'postgres'), ['-D', this.#data]);
    const child = spawn(program, args, { stdio: 'ignore' });
    this.#process = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error('PostgreSQL ended');
    });
    ended.catch(() => undefined);
    await Promise.race([ended, this.#ready()]);
  }

  /** Ends the server at once, but in order: `fast` rolls back what is open. */
  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** Ends the server as a power cut would; it recovers when it starts again. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT');
  }

  get #data(): string {
    return join(this.folder, 'postgresql');
  }

  async #prepare(durable: boolean): Promise<void> {
    const data = this.#data;
    await mkdir(data, { recursive: true });
    if (process.getuid?.() === 0) {
      await chmod(this.folder, 0o755);
      await run('chown', ['postgres:postgres', data]);
    }
    const [program, args] = asUser(join(this.#programs, 'initdb'), [
      ...['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
      '--no-sync',
    ]);
    await run(program, args);
    const lines = [
      `port = ${String(this.port)}`,
      `listen_addresses = '127.0.0.1'`,
      `unix_socket_directories = ''`,
      'max_connections = 100',
      ...(durable ? [] : ['fsync = off', 'full_page_writes = off']),
    ];
    const file = join(data, 'postgresql.auto.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
  }

  async #ready(): Promise<void> {
    const deadlineAt = Date.now() + READY_TIMEOUT_MS;
    const args = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres', '-q'];
    for (;;) {
      const answers = await run(join(this.#programs, 'pg_isready'), args).then(
        () => true,
        () => false,
      );
      if (answers) return;
      if (Date.now() > deadlineAt) throw new Error('PostgreSQL does not answer');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
