// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  executable,
  familyOf,
  fixture,
  logLines,
  runningProcesses,
  temporaryFolder,
  until,
  withoutUndefined,
} from './support/launch.ts';

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await temporaryFolder();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const log = (): string => join(folder, 'log');
const lines = (): Promise<readonly string[]> => logLines(log());

function run(env: Readonly<Record<string, string>> = {}, ...args: readonly string[]): ChildProcess {
  const child = spawn(executable, [fixture, `--user-data-dir=${folder}`, ...args], {
    env: { ...withoutUndefined(process.env), FIXTURE_LOG: log(), ...env },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}
async function runLoaded(): Promise<ChildProcess> {
  const child = run();
  await until(async () => {
    expect(await lines()).toContain(`loaded ${String(child.pid)}`);
  });
  return child;
}
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once('exit', resolve);
  });
const profilesOf = (pid: number | undefined): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`electron-double-${String(pid)}-`));

describe('the double as a process', () => {
  it('says which Electron it stands for', async () => {
    const child = spawn(executable, ['--version']);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await ended(child)).toBe(0);
    await until(() => {
      expect(said).toBe('v45.4.1\n');
    });
  });

  it('leaves neither Chromium nor a profile behind when it ends', async () => {
    const child = await runLoaded();
    const family = familyOf(child.pid ?? 0).map(({ pid }) => pid);
    expect(family.length).toBeGreaterThan(3);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    await until(() => {
      expect(runningProcesses().filter(({ pid }) => family.includes(pid))).toEqual([]);
    });
    expect(profilesOf(child.pid)).toEqual([]);
    expect((await lines()).slice(-4)).toEqual(
      ['before-quit', 'will-quit', 'quit'].reduce<string[]>(
        (all, each) => [...all, each],
        [`loaded ${String(child.pid)}`],
      ),
    );
  });

  it('leaves no Chromium behind when it is killed, and the next one removes the profile', async () => {
    const child = await runLoaded();
    const family = familyOf(child.pid ?? 0);
    expect(family.filter(({ command }) => command.includes('chromium')).length).toBeGreaterThan(2);
    child.kill('SIGKILL');
    await until(() => {
      const pids = family.map(({ pid }) => pid);
      expect(runningProcesses().filter(({ pid }) => pids.includes(pid))).toEqual([]);
    });
    const next = await runLoaded();
    expect(profilesOf(child.pid)).toEqual([]);
    expect(profilesOf(next.pid)).toHaveLength(1);
  });

  it('ends when Chromium does', async () => {
    const child = await runLoaded();
    const browser = familyOf(child.pid ?? 0).find(
      ({ parent, command }) => parent === child.pid && command.includes('chromium'),
    );
    expect(browser).toBeDefined();
    process.kill(browser?.pid ?? 0, 'SIGKILL');
    expect(await ended(child)).toBe(1);
  });
});

it('a page whose process is killed is reported, and a new window works', async () => {
  const child = await runLoaded();
  const renderers = familyOf(child.pid ?? 0).filter(({ command }) =>
    command.includes('--type=renderer'),
  );
  for (const { pid } of renderers) process.kill(pid, 'SIGKILL');
  await until(async () => {
    expect(await lines()).toContain('gone crashed true');
  });
  await until(async () => {
    expect((await lines()).filter((line) => line.startsWith('loaded'))).toHaveLength(2);
  });
  expect(child.exitCode).toBeNull();
});

describe('one instance per profile', () => {
  it('refuses the second and tells the first what it was given', async () => {
    const first = await runLoaded();
    const second = run({}, 'xmpp:bob@example.org');
    expect(await ended(second)).toBe(0);
    expect(await lines()).toContain(`lock false ${String(second.pid)}`);
    await until(async () => {
      expect(await lines()).toContain('second xmpp:bob@example.org');
    });
    expect(first.exitCode).toBeNull();
  });

  it('gets over the lock of an instance that was killed', async () => {
    const first = await runLoaded();
    first.kill('SIGKILL');
    await ended(first);
    expect(existsSync(join(folder, 'SingletonSocket'))).toBe(true);
    const second = await runLoaded();
    expect(await lines()).toContain(`lock true ${String(second.pid)}`);
  });
});

describe('relaunch', () => {
  it('starts the application again once this one has ended', async () => {
    const first = run({ FIXTURE_RELAUNCH_ONCE: join(folder, 'relaunched') });
    expect(await ended(first)).toBe(0);
    let again = 0;
    await until(async () => {
      const pids = (await lines()).flatMap((line) => /^loaded (\d+)$/.exec(line)?.[1] ?? []);
      again = Number(pids.find((pid) => Number(pid) !== first.pid));
      expect(again).toBeGreaterThan(0);
    });
    expect(await lines()).toContain(`lock true ${String(again)}`);
    process.kill(again, 'SIGTERM');
    await until(() => {
      expect(runningProcesses().some(({ pid }) => pid === again)).toBe(false);
    });
  });
});
