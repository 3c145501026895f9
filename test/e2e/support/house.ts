// SPDX-License-Identifier: GPL-3.0-or-later

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type RunningApp } from '../../../tools/driver/launch.ts';
import { Ejabberd } from '../../../tools/ejabberd/ejabberd.ts';
import { DEMO_COMPONENT, PrekeyServerProcess } from '../../../tools/prekey-server/prekey-server.ts';
import { Prosody, type ProsodyOptions } from '../../../tools/prosody/prosody.ts';

const QUIT_TIMEOUT_MS = 10_000;

interface Killable {
  readonly kill: () => Promise<void>;
}

/** One folder with everything that a file of tests starts, so that all of it ends together. */
export class House implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-e2e-'));
  readonly #authorities: string[] = [];
  readonly #servers: Killable[] = [];
  readonly #apps = new Map<RunningApp, ChildProcess>();

  /** A real server. Applications launched afterwards trust it. */
  async server(name = 'server', options: Omit<ProsodyOptions, 'folder'> = {}): Promise<Prosody> {
    const folder = this.#newFolder(name);
    const prosody = await Prosody.start({ record: true, ...options, folder });
    this.#servers.push(prosody);
    this.trust(prosody.certificatePem);
    return prosody;
  }

  /** Another real one, which a prekey server can join. */
  async ejabberd(): Promise<Ejabberd> {
    const folder = this.#newFolder('ejabberd');
    const ejabberd = await Ejabberd.start({ folder, component: DEMO_COMPONENT });
    this.#servers.push(ejabberd);
    this.trust(ejabberd.certificatePem);
    return ejabberd;
  }

  /** The real prekey server, beside a server that was started with `component: DEMO_COMPONENT`. */
  async keyServer({ componentPort: port }: Pick<Prosody, 'componentPort'>): Promise<string> {
    const folder = this.#newFolder('key-server');
    this.#servers.push(await PrekeyServerProcess.start({ ...DEMO_COMPONENT, folder, port }));
    return folder;
  }

  #newFolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    return folder;
  }

  /** Applications launched afterwards take this certificate for an authority. */
  trust(pem: string): void {
    this.#authorities.push(pem);
  }

  profile(name: string): string {
    return join(this.folder, name);
  }

  /** An application on the profile of this name; a second launch finds what the first one left. */
  async launch(name: string, env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
    const extraCa = join(this.folder, 'authorities.pem');
    writeFileSync(extraCa, this.#authorities.join('\n'));
    const app = await launch({ profile: this.profile(name), extraCa, env });
    this.#apps.set(app, app.app.process());
    return app;
  }

  /** Quits as a person would, and as a power cut would if that takes too long. */
  async quit(running: RunningApp): Promise<void> {
    const child = this.#apps.get(running);
    this.#apps.delete(running);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const late = setTimeout(() => child.kill('SIGKILL'), QUIT_TIMEOUT_MS);
    await running.close().catch(() => undefined);
    clearTimeout(late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#apps.keys()].map((each) => this.quit(each)));
    await Promise.all(this.#servers.map((server) => server.kill()));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
