// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileSteps, nodeFiles } from '../../src/main/vault/durable-files.ts';
import { makeFolder } from '../../src/main/vault/new-folder.ts';
import { type Bench, newBench, passphrase, temporaryFolder } from './fixture.ts';

/** Does `steps` steps that change something, then fails: once, or for good like a dead process. */
function failing(steps: number, how: 'once' | 'for good', partly: boolean): FileSteps {
  let left = steps;
  const step =
    <A extends unknown[], R>(run: (...given: A) => R, instead?: (...given: A) => void) =>
    (...given: A): R => {
      left -= 1;
      if (left === -1 || (left < 0 && how === 'for good')) {
        if (left === -1) instead?.(...given);
        throw new Error('EIO');
      }
      return run(...given);
    };
  return {
    read: nodeFiles.read,
    list: nodeFiles.list,
    create: step(nodeFiles.create),
    write: step(nodeFiles.write, (file, bytes) => {
      if (partly) nodeFiles.write(file, bytes.subarray(0, bytes.length >> 1));
    }),
    sync: step(nodeFiles.sync),
    // A process that dies closes its files too.
    close: nodeFiles.close,
    rename: step(nodeFiles.rename),
    syncFolder: step(nodeFiles.syncFolder),
    remove: step(nodeFiles.remove),
  };
}

async function opens({ again, folder }: Bench, secret: string): Promise<boolean> {
  // Not what is tested here, and it would make the second question wait.
  nodeFiles.remove(join(folder, 'attempts.json'));
  return (await again().unlock(passphrase(secret))).ok;
}

/** More than any change takes; the last ones do not fail at all. */
const MOST_STEPS = 24;
const POINTS = Array.from({ length: MOST_STEPS }, (_, steps) => steps);

describe('changing the passphrase', () => {
  it.each([
    { how: 'for good', partly: false },
    { how: 'for good', partly: true },
    { how: 'once', partly: false },
    { how: 'once', partly: true },
  ] as const)(
    'sec:T-K-PASS-1 failing $how at any step (half a write: $partly) leaves exactly one that opens',
    async ({ how, partly }) => {
      const outcomes = new Set<string>();
      for (const steps of POINTS) {
        const bench = newBench();
        await bench.vault.create(passphrase('old'));
        const result = await bench
          .again({ files: failing(steps, how, partly) })
          .change(passphrase('old'), passphrase('new'))
          .then((done) => (done.ok ? 'changed' : done.error.reason))
          .catch(() => 'died');
        const [old, fresh] = [await opens(bench, 'old'), await opens(bench, 'new')];
        expect([old, fresh].filter(Boolean)).toHaveLength(1);
        // What was reported is what holds.
        if (result === 'changed') expect(fresh).toBe(true);
        if (result === 'not-writable') expect(old).toBe(true);
        // The next opening sweeps up what was left half way.
        const names = readdirSync(bench.folder).filter((name) => name !== 'attempts.json');
        expect(names).toStrictEqual(['keyfile.json']);
        outcomes.add(fresh ? 'new' : 'old');
      }
      expect(outcomes).toStrictEqual(new Set(['old', 'new']));
    },
  );

  it('sec:T-K-PASS-1 syncs the new file before the rename, and the folder after it', async () => {
    const log: string[] = [];
    const noted: FileSteps = {
      ...nodeFiles,
      write: (file, bytes) => {
        log.push('write');
        nodeFiles.write(file, bytes);
      },
      sync: (file) => {
        log.push('sync');
        nodeFiles.sync(file);
      },
      rename: (from, to) => {
        log.push('rename');
        nodeFiles.rename(from, to);
      },
      syncFolder: (folder) => {
        log.push('sync folder');
        nodeFiles.syncFolder(folder);
      },
    };
    await newBench(noted).vault.create(passphrase('x'));
    expect(log).toStrictEqual(['write', 'sync', 'rename', 'sync folder']);
  });
});

describe('creating a vault', () => {
  it('sec:T-K-PASS-1 failing at any step makes a whole key file or none', async () => {
    for (const steps of POINTS) {
      const bench = newBench();
      const result = await bench
        .again({ files: failing(steps, 'once', true) })
        .create(passphrase('x'))
        .catch(() => undefined);
      expect(existsSync(bench.path)).toBe(result?.ok === true);
      if (result?.ok === true) expect(await opens(bench, 'x')).toBe(true);
    }
  });
});

describe('a folder that cannot be written', () => {
  it('sec:T-K-CRASH-4 still opens with the right passphrase', async () => {
    const bench = newBench();
    await bench.vault.create(passphrase('right'));
    const refuse = (): never => {
      throw new Error('EROFS');
    };
    const stuck: FileSteps = { ...nodeFiles, create: refuse, remove: refuse };
    expect((await bench.again({ files: stuck }).unlock(passphrase('right'))).ok).toBe(true);
  });
});

describe('makeFolder', () => {
  it('sec:T-K-OPEN makes the folder with all of its content or not at all', async () => {
    const path = join(temporaryFolder(), 'profile');
    await expect(
      makeFolder(path, (staging) => {
        writeFileSync(join(staging, 'half'), 'x');
        return Promise.reject(new Error('half way'));
      }),
    ).rejects.toThrow('half way');
    expect(readdirSync(join(path, '..'))).toStrictEqual([]);
    // What a crash half way left behind does not get in.
    mkdirSync(`${path}.new`);
    writeFileSync(`${path}.new/stale`, 'x');
    await makeFolder(path, (staging) => {
      writeFileSync(join(staging, 'whole'), 'y');
      return Promise.resolve();
    });
    expect(readdirSync(path)).toStrictEqual(['whole']);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('sec:T-K-OPEN never touches a folder that is there', async () => {
    const path = join(temporaryFolder(), 'profile');
    mkdirSync(path);
    writeFileSync(join(path, 'precious'), 'x');
    let filled = false;
    await expect(
      makeFolder(path, () => {
        filled = true;
        return Promise.resolve();
      }),
    ).rejects.toThrow(TypeError);
    expect(filled).toBe(false);
    expect(readFileSync(join(path, 'precious'), 'utf8')).toBe('x');
  });
});
