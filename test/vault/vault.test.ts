// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StoreKey, VaultState } from '../../src/main/vault/vault.ts';
import type { VaultFailure } from '../../src/main/vault/vault-failure.ts';
import type { Result } from '#shared/std/result.ts';
import { type FakeKeyring, newBench, passphrase } from './fixture.ts';

function opened(result: Result<StoreKey, VaultFailure>): StoreKey {
  if (!result.ok) throw new Error(`the vault did not open: ${result.error.reason}`);
  return result.value;
}
const reason = (result: Result<unknown, VaultFailure>): string =>
  result.ok ? 'opened' : result.error.reason;

describe('Vault with a passphrase', () => {
  it('sec:T-K-WRAP gives the same key for the same passphrase, and only for it', async () => {
    const { vault, again } = newBench();
    const made = opened(await vault.create(passphrase('correct horse')));
    expect(made.key).toHaveLength(32);
    expect(opened(await again().unlock(passphrase('correct horse')))).toStrictEqual(made);
    expect(reason(await again().unlock(passphrase('correct horsf')))).toBe('passphrase-wrong');
    expect(reason(await again().unlock(undefined))).toBe('passphrase-needed');
    expect(opened(await again().unlock(passphrase('correct horse')))).toStrictEqual(made);
  });

  it('sec:T-K-WRAP wipes every passphrase it was handed, right or wrong', async () => {
    const { vault } = newBench();
    const handed = ['one', 'one', 'two', 'one', 'three'].map(passphrase);
    await vault.create(handed[0]);
    await vault.unlock(handed[1]);
    await vault.unlock(handed[2]);
    await vault.change(handed[3], handed[4]);
    for (const bytes of handed) expect(bytes.every((octet) => octet === 0)).toBe(true);
  });

  it('sec:T-K-DISK keeps neither key nor passphrase in its files, and gives them to nobody', async () => {
    const { vault, folder, path } = newBench();
    const { key, id } = opened(await vault.create(passphrase('correct horse')));
    await vault.unlock(passphrase('wrong'));
    const hex = Buffer.from(key).toString('hex');
    for (const name of readdirSync(folder)) {
      const content = readFileSync(`${folder}/${name}`);
      expect(content.includes('correct horse') || content.includes(Buffer.from(key))).toBe(false);
      expect(content.toString().toLowerCase().includes(hex)).toBe(false);
      expect(statSync(`${folder}/${name}`).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(path, 'utf8')).toContain(Buffer.from(id).toString('hex'));
  });

  it('sec:T-K-PASS-2 opens with the new passphrase only after a change, to the same key', async () => {
    const { vault, again, folder } = newBench();
    const made = opened(await vault.create(passphrase('old')));
    expect(reason(await vault.change(passphrase('not old'), passphrase('x')))).toBe(
      'passphrase-wrong',
    );
    expect(reason(await vault.change(passphrase('old'), passphrase('new')))).toBe('opened');
    expect(reason(await again().unlock(passphrase('old')))).toBe('passphrase-wrong');
    expect(opened(await again().unlock(passphrase('new')))).toStrictEqual(made);
    expect(readdirSync(folder)).toStrictEqual(['keyfile.json']);
  });

  it('sec:T-K-PASS-1 makes one change after the other, so that what it reports is what holds', async () => {
    const { vault, again } = newBench();
    await vault.create(passphrase('old'));
    const changes = await Promise.all([
      vault.change(passphrase('old'), passphrase('first')),
      vault.change(passphrase('old'), passphrase('second')),
    ]);
    expect(changes.map(reason)).toStrictEqual(['opened', 'passphrase-wrong']);
    expect(reason(await again().unlock(passphrase('first')))).toBe('opened');
  });

  it('sec:T-K-OPEN never makes a key where a key file is, whatever is in it', async () => {
    for (const content of ['', 'garbage', '{"v":9}']) {
      const { vault, path } = newBench();
      writeFileSync(path, content);
      expect(reason(await vault.create(passphrase('x')))).toBe('exists');
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
    const { vault, path } = newBench();
    mkdirSync(path);
    expect(reason(await vault.create(passphrase('x')))).toBe('exists');
    expect(reason(await vault.unlock(passphrase('x')))).toBe('damaged');
  });

  it('sec:T-K-OPEN tells a missing key file from a damaged and from a newer one', async () => {
    const { vault, path } = newBench();
    expect(reason(await vault.unlock(passphrase('x')))).toBe('missing');
    writeFileSync(path, '{"v":1}');
    expect(reason(await vault.unlock(passphrase('x')))).toBe('damaged');
    writeFileSync(path, '{"v":2,"anything":true}');
    expect(reason(await vault.unlock(passphrase('x')))).toBe('newer');
    expect(await vault.state()).toStrictEqual({ tag: 'broken', failure: { reason: 'newer' } });
  });

  it('sec:T-K-OPEN-1 does not take a folder whose key file is gone for a new profile', async () => {
    const { vault, folder } = newBench();
    expect(await vault.state()).toMatchObject({ tag: 'new' });
    writeFileSync(`${folder}/sotto.db`, 'somebody’s history');
    expect(await vault.state()).toStrictEqual({ tag: 'broken', failure: { reason: 'missing' } });
  });

  it.each([
    { how: 'short', random: () => new Uint8Array(5).fill(1) },
    { how: 'zero', random: (length: number) => new Uint8Array(length) },
    {
      how: 'throwing',
      random: (): Uint8Array => {
        throw new RangeError('no entropy');
      },
    },
  ])('sec:T-K-GEN-1 writes nothing when randomness is $how', async ({ random }) => {
    const { again, folder } = newBench();
    await expect(again({ random }).create(passphrase('x'))).rejects.toThrow();
    expect(readdirSync(folder)).toStrictEqual([]);
  });

  it('sec:T-K-GEN-1 never repeats a key or an id', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      const { key, id } = opened(await newBench().vault.create(passphrase('x')));
      seen.add(Buffer.from(key).toString('hex')).add(Buffer.from(id).toString('hex'));
    }
    expect(seen.size).toBe(200);
  });

  it('sec:T-K-WRAP refuses an empty passphrase', async () => {
    const { vault, folder } = newBench();
    expect(reason(await vault.create(new Uint8Array()))).toBe('passphrase-needed');
    expect(readdirSync(folder)).toStrictEqual([]);
  });
});

describe('wrong passphrases', () => {
  it('sec:§3.2 have to wait 0, 0, 1, 2, 4 … 60 seconds, over restarts too', async () => {
    const { vault, again, clock } = newBench();
    await vault.create(passphrase('right'));
    const waits: number[] = [];
    for (let round = 0; round < 11; round += 1) {
      const result = await again().unlock(passphrase('wrong'));
      if (result.ok || result.error.reason !== 'passphrase-wrong') throw new Error(reason(result));
      const wait = (result.error.retryAt ?? clock.now) - clock.now;
      waits.push(wait / 1000);
      if (wait > 0) {
        clock.now += wait - 1;
        expect(reason(await again().unlock(passphrase('right')))).toBe('wait');
        clock.now += 1;
      }
    }
    expect(waits).toStrictEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(reason(await again().unlock(passphrase('right')))).toBe('opened');
    // The right one starts the count anew.
    expect(await again().state()).toStrictEqual({ tag: 'passphrase', retryAt: undefined });
  });

  it('sec:§3.2 are counted one by one, also when they come at once', async () => {
    const { vault, again } = newBench();
    await vault.create(passphrase('right'));
    const one = again();
    const results = await Promise.all(
      Array.from({ length: 6 }, () => one.unlock(passphrase('wrong'))),
    );
    expect(results.map(reason)).toStrictEqual([
      ...Array.from({ length: 3 }, () => 'passphrase-wrong'),
      ...Array.from({ length: 3 }, () => 'wait'),
    ]);
  });

  it('sec:§3.2 do not lock anybody out for longer when the clock was set back', async () => {
    const { vault, again, clock } = newBench();
    await vault.create(passphrase('right'));
    for (let round = 0; round < 3; round += 1) await vault.unlock(passphrase('wrong'));
    clock.now -= 86_400_000;
    const state: VaultState = await again().state();
    expect(state).toStrictEqual({ tag: 'passphrase', retryAt: clock.now + 1000 });
  });

  it('sec:§3.2 are not counted by a broken counter', async () => {
    const { vault, again, folder } = newBench();
    await vault.create(passphrase('right'));
    for (const content of ['', '{}', '{"failed":-1,"lastAt":0}', '{"failed":1e400,"lastAt":0}']) {
      writeFileSync(`${folder}/attempts.json`, content);
      expect(reason(await again().unlock(passphrase('right')))).toBe('opened');
    }
  });
});

describe('Vault with the system’s key store', () => {
  const BACKENDS = [
    'gnome_libsecret',
    'kwallet',
    'kwallet5',
    'kwallet6',
    'keychain',
    'dpapi',
    'portal',
  ];

  it.each(BACKENDS)('sec:T-K-SS opens by %s without asking', async (name) => {
    const { vault, again, keyring } = newBench();
    keyring.name = name;
    const made = opened(await vault.create(undefined));
    expect(await vault.state()).toStrictEqual({ tag: 'keyring' });
    expect(opened(await again().unlock(undefined))).toStrictEqual(made);
  });

  it.each([
    { what: 'basic_text', arrange: (ring: FakeKeyring) => (ring.name = 'basic_text') },
    { what: 'unknown', arrange: (ring: FakeKeyring) => (ring.name = 'unknown') },
    { what: 'missing', arrange: (ring: FakeKeyring) => (ring.available = false) },
  ])('sec:T-K-SS requires a passphrase where the key store is $what', async ({ arrange }) => {
    const { vault, keyring, folder } = newBench();
    arrange(keyring);
    expect(await vault.state()).toStrictEqual({ tag: 'new', passphrase: 'required' });
    expect(reason(await vault.create(undefined))).toBe('keyring-unavailable');
    expect([keyring.sealed, readdirSync(folder)]).toStrictEqual([0, []]);
    expect(reason(await vault.create(passphrase('x')))).toBe('opened');
    expect(reason(await vault.change(passphrase('x'), undefined))).toBe('keyring-unavailable');
    expect(reason(await vault.unlock(passphrase('x')))).toBe('opened');
  });

  it.each<{ what: string; arrange: (ring: FakeKeyring) => void; expected: VaultFailure }>([
    {
      what: 'was replaced by another',
      arrange: (ring) => (ring.name = 'kwallet6'),
      expected: { reason: 'backend-changed', was: 'gnome_libsecret', is: 'kwallet6' },
    },
    {
      what: 'fell back to basic_text',
      arrange: (ring) => (ring.name = 'basic_text'),
      expected: { reason: 'backend-changed', was: 'gnome_libsecret', is: 'basic_text' },
    },
    {
      what: 'is gone',
      arrange: (ring) => (ring.available = false),
      expected: { reason: 'keyring-unavailable' },
    },
    {
      what: 'is locked for now',
      arrange: (ring) => (ring.answer = () => ({ tag: 'temporarily-unavailable' })),
      expected: { reason: 'keyring-unavailable' },
    },
    {
      what: 'refuses',
      arrange: (ring) => (ring.answer = () => ({ tag: 'refused' })),
      expected: { reason: 'keyring-refused' },
    },
    {
      what: 'throws',
      arrange: (ring) =>
        (ring.answer = () => {
          throw new Error('D-Bus');
        }),
      expected: { reason: 'keyring-refused' },
    },
    {
      what: 'gives back something else',
      arrange: (ring) =>
        (ring.answer = () => ({ tag: 'opened', bytes: randomBytes(32), sealAgain: false })),
      expected: { reason: 'damaged' },
    },
    {
      what: 'gives back something shorter',
      arrange: (ring) =>
        (ring.answer = () => ({ tag: 'opened', bytes: randomBytes(8), sealAgain: true })),
      expected: { reason: 'damaged' },
    },
  ])('sec:T-K-SS says so when it $what, and changes nothing', async ({ arrange, expected }) => {
    const { vault, again, keyring, path, folder } = newBench();
    const made = opened(await vault.create(undefined));
    const before = readFileSync(path);
    arrange(keyring);
    expect(await again().unlock(undefined)).toStrictEqual({ ok: false, error: expected });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toStrictEqual(['keyfile.json']);
    keyring.available = true;
    keyring.name = 'gnome_libsecret';
    keyring.answer = undefined;
    expect(opened(await again().unlock(undefined))).toStrictEqual(made);
  });

  it('sec:T-K-SS does not open an envelope that was made over to another key store', async () => {
    const { vault, again, keyring, path } = newBench();
    await vault.create(undefined);
    writeFileSync(path, readFileSync(path, 'utf8').replace('gnome_libsecret', 'kwallet6'));
    keyring.name = 'kwallet6';
    expect(reason(await again().unlock(undefined))).toBe('damaged');
  });

  it('sec:T-K-SS seals anew when the system asks for it', async () => {
    const { vault, again, keyring, path } = newBench();
    const made = opened(await vault.create(undefined));
    const before = readFileSync(path);
    keyring.answer = (bytes) => ({ tag: 'opened', bytes, sealAgain: true });
    expect(opened(await again().unlock(undefined))).toStrictEqual(made);
    keyring.answer = undefined;
    expect(readFileSync(path).equals(before)).toBe(false);
    expect(opened(await again().unlock(undefined))).toStrictEqual(made);
  });

  it('sec:T-K-SS is not used when it takes a secret and does not give it back', async () => {
    const { vault, keyring, folder } = newBench();
    keyring.answer = () => ({ tag: 'opened', bytes: randomBytes(32), sealAgain: false });
    expect(reason(await vault.create(undefined))).toBe('damaged');
    expect(readdirSync(folder)).toStrictEqual([]);
  });

  it('a passphrase can be added and removed; the key stays, and only the last way opens', async () => {
    const { vault, again } = newBench();
    const made = opened(await vault.create(undefined));
    expect(reason(await vault.change(undefined, passphrase('added')))).toBe('opened');
    expect(reason(await again().unlock(undefined))).toBe('passphrase-needed');
    expect(opened(await again().unlock(passphrase('added')))).toStrictEqual(made);
    expect(reason(await vault.change(passphrase('added'), undefined))).toBe('opened');
    expect(opened(await again().unlock(undefined))).toStrictEqual(made);
  });
});
