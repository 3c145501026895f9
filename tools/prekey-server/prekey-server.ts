// SPDX-License-Identifier: GPL-3.0-or-later

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { ComponentOptions } from '../prosody/config.ts';

export interface PrekeyServerOptions extends ComponentOptions {
  /** Holds everything the server writes. The caller removes it. */
  readonly folder: string;
  /** Of the XMPP server, on loopback. */
  readonly port: number;
  /** A PostgreSQL address; SQLite in the folder if there is none. */
  readonly database?: string;
  /** The program, where it is packed; its sources if there is none. */
  readonly program?: string;
  /** More `SOTTO_PREKEY_…` variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

const SOURCES = resolve(import.meta.dirname, '../../src/prekey-server/main.ts');
const READY_TIMEOUT_MS = 60_000;

/** What a component and its XMPP server have in common, for tests and the demo. */
export const DEMO_COMPONENT: ComponentOptions = {
  jid: 'prekey.localhost',
  secret: '4f0c1a9be25d7786a03c5be1f49d20687ac3915e',
};

/** The prekey server as a program of its own, beside an XMPP server on loopback. */
export class PrekeyServerProcess {
  readonly jid: string;
  readonly #options: PrekeyServerOptions;
  #process: ChildProcess | undefined;
  #output = '';
  #log = '';
  #told = Promise.withResolvers<undefined>();

  private constructor(options: PrekeyServerOptions) {
    this.jid = options.jid;
    this.#options = options;
  }

  /** Starts it and waits until the XMPP server has taken it in. */
  static async start(options: PrekeyServerOptions): Promise<PrekeyServerProcess> {
    await mkdir(options.folder, { recursive: true });
    const server = new PrekeyServerProcess(options);
    await server.restart();
    return server;
  }

  /** Everything it has logged since it was started for the first time. */
  get log(): string {
    return this.#log;
  }

  /** 112 hexadecimal digits. */
  get fingerprint(): string {
    return this.#line(/^fingerprint: ([0-9A-F]{112})$/m);
  }

  /** Where it tells how it is: `http://127.0.0.1:…`. */
  get watchUrl(): string {
    return this.#line(/^watch: (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the program again, with the data that it had. */
  async restart(): Promise<void> {
    if (this.#process !== undefined) throw new RangeError('the program is running');
    this.#output = '';
    const { program, folder } = this.#options;
    const [command, args] = program === undefined ? [process.execPath, [SOURCES]] : [program, []];
    // What is packed looks for Node by itself: it finds the one that runs us.
    const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: path, HOME: folder, ...this.#variables() },
    });
    this.#process = child;
    const since = this.#log.length;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#tell();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      this.#tell();
    });
    child.once('exit', () => {
      this.#tell();
    });
    await this.#until(
      () => this.#log.slice(since).includes('"event":"stream.ready"') && this.fingerprint !== '',
    );
  }

  /** Waits for a line of the log; looks at what there is already too. */
  async logged(text: string, since = 0): Promise<void> {
    await this.#until(() => this.#log.slice(since).includes(text));
  }

  /** Lets it come to its end. @returns the status it ended with */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  #variables(): Readonly<Record<string, string>> {
    const { folder, port, jid, secret, database, environment } = this.#options;
    return {
      SOTTO_PREKEY_JID: jid,
      SOTTO_PREKEY_PORT: String(port),
      SOTTO_PREKEY_SECRET: secret,
      SOTTO_PREKEY_DATA_FOLDER: join(folder, 'prekey-data'),
      SOTTO_PREKEY_WATCH_PORT: '0',
      ...(database === undefined ? {} : { SOTTO_PREKEY_DATABASE: database }),
      ...environment,
    };
  }

  #line(pattern: RegExp): string {
    return pattern.exec(this.#output)?.[1] ?? '';
  }

  #tell(): void {
    this.#told.resolve(undefined);
    this.#told = Promise.withResolvers();
  }

  async #until(condition: () => boolean): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error(`the prekey server does not get there:\n${this.#output}${this.#log}`));
    }, READY_TIMEOUT_MS);
    try {
      while (!condition()) {
        const child = this.#process;
        if (child?.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the prekey server ended:\n${this.#output}${this.#log}`);
        }
        await Promise.race([this.#told.promise, late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
