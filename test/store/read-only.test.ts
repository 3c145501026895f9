// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newLocation, newStore, portrait } from './fixture.ts';

/** Root may write everything, so the opening happens as somebody else. */
const NOBODY = 65_534;

describe('opening a store that may not be written', () => {
  it.each([
    { what: 'the file', fileMode: 0o400, folderMode: 0o700 },
    { what: 'its folder', fileMode: 0o600, folderMode: 0o500 },
  ])('sec:T-K-OPEN-8 sec:F-DISK-2 refuses when $what is read-only', ({ fileMode, folderMode }) => {
    const location = newLocation();
    newStore(location).close();
    const folder = dirname(location.path);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) {
      chownSync(folder, NOBODY, NOBODY);
      chownSync(location.path, NOBODY, NOBODY);
    }
    chmodSync(location.path, fileMode);
    chmodSync(folder, folderMode);
    onTestFinished(() => {
      chmodSync(folder, 0o700);
    });
    const before = portrait(folder);
    const child = spawnSync(
      process.execPath,
      [new URL('open-process.ts', import.meta.url).pathname, location.path],
      {
        ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
        input: JSON.stringify([[...location.id], [...location.key]]),
        encoding: 'utf8',
      },
    );
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toStrictEqual({ ok: false, error: 'read-only' });
    expect(portrait(folder)).toStrictEqual(before);
  });
});
