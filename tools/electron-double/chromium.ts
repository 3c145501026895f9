// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cdp } from './cdp.ts';
import type { CommandLine } from './command-line.ts';
import { findChromium, switchValue } from './runtime.ts';

const profilePrefix = 'electron-double-';
const closeTimeoutMs = 3_000;

const ownSwitches: readonly string[] = [
  '--remote-debugging-pipe',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-startup-window',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  // Without a spare renderer: a page that is given one that has just died never loads.
  '--disable-features=Translate,MediaRouter,OptimizationHints,HttpsUpgrades,LocalNetworkAccessChecks,SpareRendererForSitePerProcess',
  '--disable-gpu',
  '--disable-renderer-backgrounding',
  '--disable-sync',
  // Module scripts of an application that is loaded with loadFile.
  '--allow-file-access-from-files',
  '--force-color-profile=srgb',
  '--password-store=basic',
  '--use-mock-keychain',
];

export const isHeadful = (): boolean => process.env.ELECTRON_DOUBLE_HEADFUL === '1';

export interface ChromiumOptions {
  readonly switches: readonly string[];
  readonly commandLine: CommandLine;
  readonly locale: string;
}

export interface AppWindow extends Electron.Rectangle {
  readonly url: string;
}

/** One Chromium with one temporary profile; both end with the double, also after `kill -9`. */
export class Chromium {
  readonly cdp: Cdp;
  readonly #profile: string;
  #stopping = false;

  private constructor(cdp: Cdp, profile: string) {
    this.cdp = cdp;
    this.#profile = profile;
  }

  static async start(options: ChromiumOptions): Promise<Chromium> {
    removeStaleProfiles();
    const profile = mkdtempSync(join(tmpdir(), `${profilePrefix}${String(process.pid)}-`));
    const cdp = new Cdp({
      binary: findChromium(process.env),
      args: chromiumArguments(options, profile),
      // Or its crash handler writes to the user's own configuration.
      environment: { BREAKPAD_DUMP_LOCATION: profile },
      onStderrLine: forward,
    });
    const chromium = new Chromium(cdp, profile);
    process.on('exit', () => {
      chromium.#kill();
    });
    const version = await cdp.send('Browser.getVersion');
    Object.defineProperty(process.versions, 'chrome', {
      value: version.product.split('/')[1],
      enumerable: true,
    });
    await cdp.send('Target.setDiscoverTargets', { discover: true });
    return chromium;
  }

  /**
   * A window without tabs and address bar, as only a second start of the binary opens it. It
   * belongs to the profile itself: with a screen, all sessions share one storage.
   */
  async openAppWindow({ url, x, y, width, height }: AppWindow): Promise<string> {
    const opened = Promise.withResolvers<string>();
    const stopListening = this.cdp.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.type === 'page') opened.resolve(targetInfo.targetId);
    });
    const args = [
      `--user-data-dir=${this.#profile}`,
      `--app=${url}`,
      `--window-size=${String(width)},${String(height)}`,
      `--window-position=${String(x)},${String(y)}`,
      ...withoutSandbox([]),
    ];
    const starter = spawn(findChromium(process.env), args, { stdio: 'ignore' });
    starter.on('error', opened.reject);
    try {
      return await opened.promise;
    } finally {
      stopListening();
    }
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.cdp.closed) {
      await this.cdp.send('Browser.close').catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise((resolve) => {
        timer = setTimeout(resolve, closeTimeoutMs);
      });
      await Promise.race([this.cdp.ended, timeout]);
      clearTimeout(timer);
    }
    this.#kill();
  }

  #kill(): void {
    if (!this.cdp.closed) this.cdp.process.kill('SIGKILL');
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function chromiumArguments(options: ChromiumOptions, profile: string): string[] {
  const port = switchValue(options.switches, 'remote-debugging-port');
  return options.commandLine.forChromium([
    ...ownSwitches,
    `--user-data-dir=${profile}`,
    `--lang=${options.locale}`,
    `--accept-lang=${options.locale}`,
    ...fakeCamera(process.env.ELECTRON_DOUBLE_CAMERA),
    ...(isHeadful() ? [] : ['--headless=new', '--hide-scrollbars']),
    ...withoutSandbox(options.switches),
    ...(port === undefined ? [] : [`--remote-debugging-port=${port}`]),
  ]);
}

/** A file of moving pictures in place of a camera; nobody is asked about it. */
function fakeCamera(file: string | undefined): readonly string[] {
  if (file === undefined || file === '') return [];
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ];
}

/** Chromium refuses its sandbox to root; `--test-type` spares the user the bar that says so. */
function withoutSandbox(switches: readonly string[]): readonly string[] {
  const isRefused = process.getuid?.() === 0 || switches.includes('--no-sandbox');
  return isRefused ? ['--no-sandbox', '--test-type'] : [];
}

function forward(line: string): void {
  const wanted = line.startsWith('DevTools listening on') || process.env.ELECTRON_DOUBLE_DEBUG;
  if (wanted) process.stderr.write(`${line}\n`);
}

/** A double that was killed cannot remove its profile: the next one does. */
function removeStaleProfiles(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${profilePrefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) tryToRemove(join(tmpdir(), name));
  }
}

/** What its Chromium, not yet dead, still writes to is left to the start after this one. */
function tryToRemove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Nothing waits for it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
