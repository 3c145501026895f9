// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDatabase, openDatabase, type StoreLocation } from '../../src/main/store/database.ts';
import { createStore, type Store } from '../../src/main/store/store.ts';
import { newChat, newLocation, newMessage, newStore, reopen, type Chat } from './fixture.ts';

/** Lets a process write until it has acknowledged so many commits, kills it, tells the last one. */
async function writeAndDie(location: StoreLocation, chat: Chat, commits: number): Promise<number> {
  const child = spawn(
    process.execPath,
    [new URL('writer-process.ts', import.meta.url).pathname, location.path],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end(JSON.stringify([[...location.id], [...location.key], chat.conversation]));
  let heard = '';
  let lines = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1');
    heard += text;
    lines += text.split('\n').length - 1;
    if (lines >= commits) child.kill('SIGKILL');
  });
  await closed;
  return Number(heard.split('\n').at(-2));
}

function texts(store: Store, { conversation }: Chat): readonly string[] {
  return store.messages
    .page({ conversation, before: undefined, limit: 1_000_000 })
    .map(({ text }) => text)
    .toReversed();
}

/** A store in mid-flight: the file and its log as a crash would leave them. */
function crashed(messages: number): {
  readonly location: StoreLocation;
  readonly chat: Chat;
  readonly file: Buffer;
  readonly log: Buffer;
} {
  const location = newLocation();
  const store = newStore(location);
  const chat = newChat(store);
  for (let at = 0; at < messages; at += 1) {
    const text = `${String(at)} ${'y'.repeat(200)}`;
    store.transaction((tx) => store.messages.add(tx, newMessage(chat.conversation, { at, text })));
  }
  return {
    location,
    chat,
    file: readFileSync(location.path),
    log: readFileSync(`${location.path}-wal`),
  };
}

const SQLITE_REFUSALS = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR'];

/** What the store still says, or that it refuses. Anything else than these two is a bug. */
function readable(location: StoreLocation, chat: Chat): readonly string[] | 'refused' {
  try {
    const opened = openDatabase(location);
    if (!opened.ok) return 'refused';
    try {
      return texts(createStore(opened.value), chat);
    } finally {
      opened.value.close();
    }
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause;
    const { code } = cause;
    if (!SQLITE_REFUSALS.some((refusal) => code.startsWith(refusal))) throw cause;
    return 'refused';
  }
}

describe('a store after a crash', () => {
  it('sec:T-K-CRASH-1 has every acknowledged commit and none by half', async () => {
    const location = newLocation();
    const first = newStore(location);
    const chat = newChat(first);
    first.close();
    for (let round = 0; round < 15; round += 1) {
      const acknowledged = await writeAndDie(location, chat, randomInt(1, 60));
      const store = reopen(location);
      const found = texts(store, chat).map((text) => Number(text.split(' ')[1]));
      expect(found.length).toBeGreaterThanOrEqual(acknowledged);
      expect(found).toStrictEqual(found.map((_, index) => index + 1));
      expect(store.settings.load('count')).toBe(found.length);
      store.close();
    }
    const opened = openDatabase(location);
    if (!opened.ok) throw new Error(opened.error);
    expect(opened.value.pragma('integrity_check', { simple: true })).toBe('ok');
    opened.value.close();
  });

  it('sec:T-K-CRASH-2 with its log cut anywhere tells a prefix of what happened', () => {
    const { location, chat, file, log } = crashed(12);
    const whole = Array.from({ length: 12 }, (_, at) => `${String(at)} ${'y'.repeat(200)}`);
    const aside = { ...location, path: newLocation().path };
    fc.assert(
      fc.property(fc.nat(log.length), (length) => {
        writeFileSync(aside.path, file);
        writeFileSync(`${aside.path}-wal`, log.subarray(0, length));
        const told = readable(aside, chat);
        if (told !== 'refused') expect(told).toStrictEqual(whole.slice(0, told.length));
      }),
      { numRuns: 60, examples: [[0], [31], [32], [log.length - 1], [log.length]] },
    );
  });

  it('sec:T-K-CRASH-2 does not mix in the log of another store, and loses nothing to it', () => {
    const ours = crashed(5);
    const theirs = crashed(9);
    const aside = { ...ours.location, path: newLocation().path };
    const store = createStore(createDatabase(aside));
    const chat = newChat(store);
    store.transaction((tx) => store.messages.add(tx, newMessage(chat.conversation)));
    store.close();
    const before = readFileSync(aside.path);
    writeFileSync(`${aside.path}-wal`, theirs.log);
    const told = readable(aside, chat);
    expect(told === 'refused' || told.join() === 'hello').toBe(true);
    writeFileSync(`${aside.path}-wal`, '');
    expect(readFileSync(aside.path).equals(before)).toBe(true);
    expect(texts(reopen(aside), chat)).toStrictEqual(['hello']);
  });

  it('sec:T-K-CORR-1 sec:F-DISK-2 never tells something that was not written, whatever page is damaged', () => {
    const { location, chat } = crashed(40);
    const whole = Array.from({ length: 40 }, (_, at) => `${String(at)} ${'y'.repeat(200)}`);
    const aside = { ...location, path: newLocation().path };
    const store = reopenAside(location, aside);
    store.close();
    const file = readFileSync(aside.path);
    const flips = fc.array(fc.nat(file.length * 8 - 1), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flips, (bits) => {
        const damaged = Buffer.from(file);
        for (const bit of bits) {
          damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        }
        writeFileSync(aside.path, damaged);
        const told = readable(aside, chat);
        if (told !== 'refused') expect(told).toStrictEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('sec:T-K-CORR-1 refuses when the tail of the file is missing or exchanged', () => {
    const { location, chat } = crashed(40);
    const aside = { ...location, path: newLocation().path };
    reopenAside(location, aside).close();
    const file = readFileSync(aside.path);
    // Every page is authentic, but stands in the place of its neighbour.
    const exchanged = Buffer.concat([
      file.subarray(0, 4096),
      file.subarray(8192),
      file.subarray(4096, 8192),
    ]);
    const noise = Buffer.concat([file.subarray(0, 4096), randomBytes(file.length - 4096)]);
    for (const damaged of [file.subarray(0, 8192), exchanged, noise]) {
      writeFileSync(aside.path, damaged);
      expect(readable(aside, chat)).toBe('refused');
    }
  });
});

/** A copy of a crashed store, opened once so that its log has gone into the file. */
function reopenAside(from: StoreLocation, to: StoreLocation): Store {
  for (const suffix of ['', '-wal']) {
    writeFileSync(`${to.path}${suffix}`, readFileSync(`${from.path}${suffix}`));
  }
  return reopen(to);
}
