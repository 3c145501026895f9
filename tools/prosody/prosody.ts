// SPDX-License-Identifier: GPL-3.0-or-later

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { type ComponentOptions, formatProsodyConfig } from './config.ts';
import { findFreePorts } from './free-ports.ts';
import { run } from './run.ts';

export interface ProsodyOptions {
  /** Holds everything the server writes. Must exist; the caller removes it. */
  readonly folder: string;
  readonly domain?: string;
  /** May clients register accounts themselves? */
  readonly registration?: boolean;
  /** Record every stanza (see `readWire`). */
  readonly record?: boolean;
  /** An external component, such as a prekey server. */
  readonly component?: ComponentOptions;
  /** More lines for the configuration, in Prosody's own language. */
  readonly extra?: string;
  /** The same, behind everything else: further hosts. */
  readonly after?: string;
  /** Modules of Prosody beside those that every test has. */
  readonly modules?: readonly string[];
}

const DEFAULT_DOMAIN = 'localhost';
const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 25;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('connect', () => {
    resolve(true);
    socket.destroy();
  });
  socket.once('error', () => {
    resolve(false);
  });
  return promise;
}

/** A real XMPP server of one's own on loopback. */
export class Prosody {
  readonly folder: string;
  readonly domain: string;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly directTlsPort: number;
  /** Where its component connects to, if it has one. */
  readonly componentPort: number;
  /** Where it speaks WebSocket (RFC 7395). */
  readonly webSocketUrl: string;
  /** Trusting this certificate is enough to trust the server. */
  readonly certificatePem: string;
  readonly #hasComponent: boolean;
  #process: ChildProcess | undefined;

  private constructor(
    { folder, domain, component }: Pick<ProsodyOptions, 'folder' | 'domain' | 'component'>,
    [port, directTlsPort, httpsPort, componentPort]: readonly [number, number, number, number],
    certificatePem: string,
  ) {
    this.folder = folder;
    this.domain = domain ?? DEFAULT_DOMAIN;
    this.#hasComponent = component !== undefined;
    this.port = port;
    this.directTlsPort = directTlsPort;
    this.componentPort = componentPort;
    this.webSocketUrl = `wss://localhost:${String(httpsPort)}/xmpp-websocket`;
    this.certificatePem = certificatePem;
  }

  /** Prepares the folder and starts the server in it. */
  static async start(options: ProsodyOptions): Promise<Prosody> {
    const { folder, domain = DEFAULT_DOMAIN, registration = true, record = false } = options;
    await mkdir(join(folder, 'data'), { recursive: true });
    const [port = 0, directTlsPort = 0, httpsPort = 0, componentPort = 0] = await findFreePorts(4);
    const certificate = await makeCertificate(folder, domain);
    const config = formatProsodyConfig({
      folder,
      pluginFolder: import.meta.dirname,
      domain,
      starttlsPort: port,
      directTlsPort,
      httpsPort,
      certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile,
      registration,
      recordFile: record ? join(folder, 'wire.log') : undefined,
      asRoot: process.getuid?.() === 0,
      component: options.component && { ...options.component, port: componentPort },
      extra: options.extra ?? '',
      after: options.after ?? '',
      modules: options.modules ?? [],
    });
    const ports = [port, directTlsPort, httpsPort, componentPort] as const;
    const prosody = new Prosody(options, ports, certificate.pem);
    await writeFile(prosody.#configFile, config);
    await prosody.restart();
    return prosody;
  }

  get #configFile(): string {
    return join(this.folder, 'prosody.cfg.lua');
  }

  /** Starts the server again, with the data and on the ports it had. */
  async restart(): Promise<void> {
    if (this.#process !== undefined) throw new RangeError('the server is running');
    const child = spawn('prosody', ['-F', '--config', this.#configFile], { stdio: 'ignore' });
    this.#process = child;
    const failed = Promise.withResolvers<never>();
    child.once('error', failed.reject);
    child.once('exit', () => {
      failed.reject(new Error(`prosody ended; see ${this.folder}/prosody.log`));
    });
    failed.promise.catch(() => undefined);
    await Promise.race([failed.promise, this.#listening()]);
  }

  /** Lets the server say goodbye to its clients. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Makes an account without asking the server's permission. */
  async addAccount(name: string, password: string): Promise<void> {
    await run('prosodyctl', [
      ...['--config', this.#configFile, 'register', name, this.domain, password],
    ]);
  }

  /** Has the server invite somebody, who may then make an account. @returns the link for them */
  async invite(): Promise<string> {
    const shown = await run('prosodyctl', [
      ...['--config', this.#configFile, 'mod_invites', 'generate', this.domain],
    ]);
    const [link] = /xmpp:\S+/.exec(shown) ?? [];
    if (link === undefined) throw new RangeError(`prosodyctl gave no link: ${shown}`);
    return link;
  }

  /** Everything recorded so far as one XML document: every stanza from and to clients, in order. */
  async readWire(): Promise<string> {
    const entries = await readFile(join(this.folder, 'wire.log'), 'utf8');
    return `<?xml version="1.0" encoding="UTF-8"?>\n<wire>\n${entries}</wire>\n`;
  }

  async #listening(): Promise<void> {
    const deadlineAt = Date.now() + READY_TIMEOUT_MS;
    const component = this.#hasComponent ? [this.componentPort] : [];
    for (const port of [this.port, this.directTlsPort, ...component]) {
      while (!(await answers(port))) {
        if (Date.now() > deadlineAt) throw new Error('prosody does not listen');
        await pause(POLL_MS);
      }
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(late);
  }
}
