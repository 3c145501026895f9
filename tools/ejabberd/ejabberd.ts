// SPDX-License-Identifier: GPL-3.0-or-later

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { makeCertificate } from '../prosody/certificate.ts';
import type { ComponentOptions } from '../prosody/config.ts';
import { findFreePorts } from '../prosody/free-ports.ts';
import { formatEjabberdConfig } from './config.ts';

export interface EjabberdOptions {
  /** Holds everything the server writes. Must exist; the caller removes it. */
  readonly folder: string;
  readonly domain?: string;
  /** An external component, such as a prekey server. */
  readonly component?: ComponentOptions;
  /** How many programs share its address; by default there is one. */
  readonly instances?: number;
}

const CONTROL = '/usr/sbin/ejabberdctl';
const LIBRARIES = /^ERL_LIBS='?([^'\n]+)'?$/m;
const STARTED = /ejabberd \S+ is started in the node/;
const READY_TIMEOUT_MS = 100_000;
const POLL_MS = 50;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Where the distribution keeps the server's own libraries: its control program knows. */
async function findLibraries(): Promise<string> {
  const found = LIBRARIES.exec(await readFile(CONTROL, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`${CONTROL} does not say where ejabberd is`);
  return found;
}

/**
 * A real XMPP server of one's own on loopback. It is one Erlang machine without a name, so that it
 * needs no port mapper and knows of no other; accounts are registered in-band.
 */
export class Ejabberd {
  readonly folder: string;
  readonly domain: string;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly directTlsPort: number;
  /** Where its component connects to, if it has one. */
  readonly componentPort: number;
  /** Plain HTTP, with a WebSocket at `/ws`. */
  readonly webPort: number;
  /** Trusting this certificate is enough to trust the server. */
  readonly certificatePem: string;
  #process: ChildProcess | undefined;

  private constructor(
    { folder, domain }: { readonly folder: string; readonly domain: string },
    [port, directTlsPort, webPort, componentPort]: readonly [number, number, number, number],
    certificatePem: string,
  ) {
    this.folder = folder;
    this.domain = domain;
    this.port = port;
    this.directTlsPort = directTlsPort;
    this.webPort = webPort;
    this.componentPort = componentPort;
    this.certificatePem = certificatePem;
  }

  /** Prepares the folder and starts the server in it. */
  static async start({
    folder,
    domain = 'localhost',
    component: options,
    instances = 1,
  }: EjabberdOptions): Promise<Ejabberd> {
    await mkdir(join(folder, 'data'), { recursive: true });
    const [port = 0, directTlsPort = 0, webPort = 0, componentPort = 0] = await findFreePorts(4);
    const { keyFile, pem } = await makeCertificate(folder, domain);
    const pemFile = join(folder, 'server.pem');
    await writeFile(pemFile, pem + (await readFile(keyFile, 'utf8')));
    const ports = { starttlsPort: port, directTlsPort, webPort };
    const component = options && { ...options, port: componentPort, instances };
    const config = formatEjabberdConfig({ domain, ...ports, component, pemFile });
    const own = [port, directTlsPort, webPort, componentPort] as const;
    const server = new Ejabberd({ folder, domain }, own, pem);
    await writeFile(join(folder, 'ejabberd.yml'), config);
    await server.#run(await findLibraries());
    return server;
  }

  /** Ends the server as a power cut would: its data goes with the folder. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async #run(libraries: string): Promise<void> {
    const { folder } = this;
    const child = spawn(
      'erl',
      ['-noinput', '-noshell', '-mnesia', 'dir', `"${join(folder, 'data')}"`, '-s', 'ejabberd'],
      {
        cwd: folder,
        stdio: 'ignore',
        env: {
          ...process.env,
          ERL_LIBS: libraries,
          ERL_CRASH_DUMP: join(folder, 'crash.dump'),
          EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
          EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
        },
      },
    );
    this.#process = child;
    const failed = Promise.withResolvers<never>();
    child.once('error', failed.reject);
    child.once('exit', () => {
      failed.reject(new Error(`ejabberd ended; see ${folder}/ejabberd.log`));
    });
    failed.promise.catch(() => undefined);
    await Promise.race([failed.promise, this.#started()]);
  }

  /** Its ports are bound long before anybody answers on them, so the log has to say it. */
  async #started(): Promise<void> {
    const deadlineAt = Date.now() + READY_TIMEOUT_MS;
    const log = join(this.folder, 'ejabberd.log');
    while (!STARTED.test(await readFile(log, 'utf8').catch(() => ''))) {
      if (Date.now() > deadlineAt) throw new Error(`ejabberd does not start; see ${log}`);
      await pause(POLL_MS);
    }
  }
}
