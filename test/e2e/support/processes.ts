// SPDX-License-Identifier: GPL-3.0-or-later

import { run } from '../../../tools/prosody/run.ts';

interface Listed {
  readonly pid: number;
  readonly parent: number;
}

/** Everything that runs on this machine. A process that only waits to be buried does not run. */
async function listProcesses(): Promise<readonly Listed[]> {
  const lines = (await run('ps', ['-A', '-o', 'pid=,ppid=,stat='])).trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

/** What a process has started, and what that has started in turn. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const all = await listProcesses();
  const found = new Set([pid]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const each of all) if (found.has(each.parent)) found.add(each.pid);
  }
  found.delete(pid);
  return [...found];
}

/** Those of them that still run. */
export async function stillRunning(pids: readonly number[]): Promise<readonly number[]> {
  const running = new Set((await listProcesses()).map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}
