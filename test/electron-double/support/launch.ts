// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { expect, vi } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
export const double = join(root, 'tools', 'electron-double', 'dist');
export const executable = join(double, 'electron');
export const fixture = join(import.meta.dirname, '..', 'fixtures', 'plain');

/** What the fixture has seen; it keeps it in a global of its main process. */
export interface Seen {
  readonly navigations: readonly (readonly [string, string, boolean])[];
  readonly windows: readonly string[];
  readonly events: readonly string[];
  readonly requests: readonly string[];
  readonly senders: readonly (readonly [unknown, string])[];
  readonly second: readonly { readonly argv: readonly string[]; readonly data: unknown }[];
}

export interface Started {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly profile: string;
  readonly seen: () => Promise<Seen>;
  readonly stop: () => Promise<void>;
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'double-test-'));

/** The fixture under Playwright's own `_electron.launch`, loaded. */
export async function start(env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const profile = await temporaryFolder();
  process.env.ELECTRON_OVERRIDE_DIST_PATH = double;
  const app = await _electron.launch({
    args: [fixture, `--user-data-dir=${profile}`],
    env: { ...withoutUndefined(process.env), ...env },
    colorScheme: null,
  });
  const page = await app.firstWindow();
  // Polled from here: under its policy the page may not compile a condition again and again.
  await until(async () => {
    expect(await page.evaluate('window.scriptRan && document.readyState')).toBe('complete');
  });
  return {
    app,
    page,
    profile,
    seen: () => app.evaluate(() => (globalThis as unknown as { seen: Seen }).seen),
    stop: async () => {
      await app.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

export function withoutUndefined(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Lines that the fixture wrote to FIXTURE_LOG. */
export async function logLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

export const until = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Processes that run; those that only wait for their parent to take notice are left out. */
export function runningProcesses(): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [, state = 'Z', parent = '0'] = /\) (\w) (\d+)/.exec(status) ?? [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return [];
      }
    });
}

/** A process and all that it has started, by parentage, at this moment. */
export function familyOf(pid: number): readonly RunningProcess[] {
  const all = runningProcesses();
  const family = new Set([pid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const each of all) if (family.has(each.parent)) family.add(each.pid);
  }
  return all.filter((each) => family.has(each.pid));
}
