// SPDX-License-Identifier: GPL-3.0-or-later

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { vi } from 'vitest';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import type { PeerAccount } from './stage.ts';

const REMOTE = resolve(import.meta.dirname, '../gajim-remote');
const START_MS = 60_000;
const WAIT_MS = 20_000;

/** What Gajim says happened (gajim-remote). */
export type GajimEvent = Readonly<Record<string, unknown>>;

/** Its settings, as it writes them itself: the account, and the plugin that we speak to. */
function writeSettings(config: string, { name, password }: PeerAccount, prosody: Prosody): void {
  const account = {
    name,
    hostname: prosody.domain,
    password,
    savepass: true,
    active: true,
    autoconnect: true,
    use_custom_host: true,
    custom_host: prosody.host,
    custom_port: prosody.directTlsPort,
    custom_type: 'DIRECT TLS',
    account_label: 'peer',
  };
  const app = { use_keyring: false, check_for_update: false, show_in_systray: 'never' };
  const rows = {
    app,
    soundevents: {},
    status_presets: {},
    proxies: {},
    plugins: { remote: { active: true } },
    workspaces: {},
  };
  using database = new DatabaseSync(join(config, 'settings.sqlite'));
  database.exec(`CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);
    CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);
    PRAGMA user_version = 5`);
  const insert = database.prepare('INSERT INTO settings VALUES (?, ?)');
  for (const [key, value] of Object.entries(rows)) insert.run(key, JSON.stringify(value));
  database
    .prepare('INSERT INTO account_settings VALUES (?, ?)')
    .run('peer', JSON.stringify({ account, contact: {}, group_chat: {} }));
}

/** Gajim does not run as root; in a namespace of its own it sees somebody else. */
const asUser = (): readonly string[] =>
  process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000'] : [];

/** Gajim, a client without OTR, signed in to a server, on a display of its own. */
export class Gajim implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #heard: GajimEvent[] = [];
  #socket: Socket | undefined;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(prosody: Prosody, account: PeerAccount): Promise<Gajim> {
    const config = join(account.folder, 'config');
    mkdirSync(join(config, 'cert_store'), { recursive: true, mode: 0o700 });
    writeFileSync(join(config, 'cert_store/server'), prosody.certificatePem);
    cpSync(REMOTE, join(config, 'plugins/remote'), { recursive: true });
    writeSettings(config, account, prosody);
    const path = join(account.folder, 'remote');
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    const command = ['gajim', '--separate', '--config-path', config];
    const child = spawn('xvfb-run', ['-a', ...asUser(), 'dbus-run-session', '--', ...command], {
      env: { ...process.env, HOME: account.folder, GAJIM_REMOTE: path, LC_ALL: 'C.UTF-8' },
      detached: true,
      stdio: 'ignore',
    });
    const gajim = new Gajim(child);
    const [socket] = (await once(server, 'connection', {
      signal: AbortSignal.timeout(START_MS),
    })) as [Socket];
    server.close();
    gajim.#listen(socket);
    gajim.#send({ do: 'connect' });
    await gajim.hears({ event: 'connected' });
    return gajim;
  }

  do(wish: 'allow' | 'subscribe', to: string): void {
    this.#send({ do: wish, to });
  }

  tell(to: string, text: string): void {
    this.#send({ do: 'say', to, text });
  }

  heard(): readonly GajimEvent[] {
    return this.#heard;
  }

  /** Waits for something that happened since it started. */
  async hears(like: GajimEvent): Promise<GajimEvent> {
    return vi.waitFor(
      () => {
        const found = this.#heard.find((event) =>
          Object.entries(like).every(([key, value]) => event[key] === value),
        );
        if (found === undefined) {
          throw new Error(`${JSON.stringify(like)} is not in ${JSON.stringify(this.#heard)}`);
        }
        return found;
      },
      { timeout: WAIT_MS, interval: 100 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid === undefined || exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#socket?.destroy();
    const late = setTimeout(() => process.kill(-pid, 'SIGKILL'), 5000);
    await gone;
    clearTimeout(late);
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      this.#heard.push(JSON.parse(line) as GajimEvent);
    });
  }

  #send(wish: GajimEvent): void {
    this.#socket?.write(`${JSON.stringify(wish)}\n`);
  }
}
