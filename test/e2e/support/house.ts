// SPDX-License-Identifier: GPL-3.0-or-later

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type RunningApp } from '../../../tools/driver/launch.ts';
import { Prosody, type ProsodyOptions } from '../../../tools/prosody/prosody.ts';

const QUIT_TIMEOUT_MS = 10_000;

/** One folder with everything that a file of tests starts, so that all of it ends together. */
export class House implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-e2e-'));
  readonly #authorities: string[] = [];
  readonly #servers: Prosody[] = [];
  readonly #apps = new Map<RunningApp, ChildProcess>();

  /** A real server. Applications launched afterwards trust it. */
  async server(name = 'server', options: Omit<ProsodyOptions, 'folder'> = {}): Promise<Prosody> {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const prosody = await Prosody.start({ record: true, ...options, folder });
    this.#servers.push(prosody);
    this.trust(prosody.certificatePem);
    return prosody;
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
