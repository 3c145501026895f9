// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  closeDatabase,
  createDatabase,
  openDatabase,
  type StoreLocation,
} from '../../src/main/store/database.ts';
import { migrations } from '../../src/main/store/migrations/index.ts';
import { makeFolder } from '../../src/main/vault/new-folder.ts';
import type { StoreKey, Vault } from '../../src/main/vault/vault.ts';
import { portrait } from '../store/fixture.ts';
import { newBench, passphrase, temporaryFolder } from './fixture.ts';

interface Profile {
  readonly folder: string;
  readonly vault: Vault;
}

const locate = (folder: string, { id, key }: StoreKey): StoreLocation => ({
  path: join(folder, 'sotto.db'),
  id,
  key,
  migrations,
});

/** Key file and store together, as the application makes them. */
async function newProfile(): Promise<Profile> {
  const folder = join(temporaryFolder(), 'profile');
  const { again } = newBench();
  await makeFolder(folder, async (staging) => {
    const made = await again({ folder: staging }).create(passphrase('right'));
    if (!made.ok) throw new Error(made.error.reason);
    closeDatabase(createDatabase(locate(staging, made.value)));
  });
  return { folder, vault: again({ folder }) };
}

/** Unlocks and opens; tells what stood in the way. */
async function enter({ folder, vault }: Profile, secret = 'right'): Promise<string> {
  const unlocked = await vault.unlock(passphrase(secret));
  if (!unlocked.ok) return `vault: ${unlocked.error.reason}`;
  const opened = openDatabase(locate(folder, unlocked.value));
  if (!opened.ok) return `store: ${opened.error}`;
  closeDatabase(opened.value);
  return 'open';
}

describe('a profile', () => {
  it('sec:T-K-OPEN opens with its passphrase, again and again', async () => {
    const profile = await newProfile();
    expect(readdirSync(profile.folder)).toStrictEqual(['keyfile.json', 'sotto.db']);
    expect([await enter(profile), await enter(profile)]).toStrictEqual(['open', 'open']);
  });

  it.each<{
    id: number;
    what: string;
    arrange: (folder: string) => Promise<void> | void;
    expected: string;
  }>([
    {
      id: 1,
      what: 'its key file is gone',
      arrange: (folder) => {
        rmSync(join(folder, 'keyfile.json'));
      },
      expected: 'vault: missing',
    },
    {
      id: 2,
      what: 'its store is gone',
      arrange: (folder) => {
        rmSync(join(folder, 'sotto.db'));
      },
      expected: 'store: missing',
    },
    {
      id: 4,
      what: 'its store is another profile’s',
      arrange: async (folder) => {
        const other = await newProfile();
        renameSync(join(other.folder, 'sotto.db'), join(folder, 'sotto.db'));
      },
      expected: 'store: foreign',
    },
    {
      id: 5,
      what: 'both files are empty',
      arrange: (folder) => {
        for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '');
      },
      expected: 'vault: damaged',
    },
    {
      id: 10,
      what: 'its store is damaged',
      arrange: (folder) => {
        const path = join(folder, 'sotto.db');
        writeFileSync(path, readFileSync(path).fill(0xaa, 100, 2000));
      },
      expected: 'store: key-refused',
    },
  ])('sec:T-K-OPEN-$id says so when $what, and stays as it is', async ({ arrange, expected }) => {
    const profile = await newProfile();
    await arrange(profile.folder);
    const before = portrait(profile.folder);
    expect(await enter(profile)).toBe(expected);
    expect(portrait(profile.folder)).toStrictEqual(before);
    await expect(makeFolder(profile.folder, () => Promise.resolve())).rejects.toThrow(TypeError);
    expect(portrait(profile.folder)).toStrictEqual(before);
  });

  it('sec:T-K-PASS-2 keeps its store through a change of passphrase', async () => {
    const profile = await newProfile();
    const before = readFileSync(join(profile.folder, 'sotto.db'));
    await profile.vault.change(passphrase('right'), passphrase('other'));
    expect(readFileSync(join(profile.folder, 'sotto.db')).equals(before)).toBe(true);
    expect(await enter(profile, 'right')).toBe('vault: passphrase-wrong');
    expect(await enter(profile, 'other')).toBe('open');
  });
});
