// SPDX-License-Identifier: GPL-3.0-or-later

import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '#prekey-server/config/config.ts';
import { formatHints } from '#prekey-server/config/hints.ts';
import { openComponentSecret, openDatabaseKey } from '#prekey-server/config/secrets.ts';
import { openServerKey } from '#prekey-server/config/server-key.ts';

const GOOD = 'b1946ac92492d2347c6235b4d2611184';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const within = (name: string): string => join(folder, name);
const read = (environment: Record<string, string> = {}, file?: string) =>
  readConfig(file, { SOTTO_PREKEY_DATA_FOLDER: folder, ...environment });

async function file(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  await writeFile(within(name), content);
  await chmod(within(name), mode);
  return within(name);
}

describe('sec:T-P-CFG-1 the secret of the component', () => {
  const open = (value: string) =>
    openComponentSecret({ from: 'environment', value: new TextEncoder().encode(value) });

  it.each([
    ['', 'too-short'],
    ['changeme', 'well-known'],
    ['changeme-changeme-changeme-changeme', 'well-known'],
    ['My-Component-Secret-is-long-enough-0', 'well-known'],
    [GOOD.slice(1), 'too-short'],
    ['ab'.repeat(32), 'too-simple'],
    [`${GOOD} with blanks`, 'not-text'],
    [`${GOOD}\u00e4`, 'not-text'],
  ])('%s is refused: %s', (value, why) => {
    expect(() => open(value)).toThrow(why);
    if (value !== '') expect(() => open(value)).not.toThrow(value);
  });

  it('of 32 characters will do', () => {
    expect(Buffer.from(open(GOOD)).toString()).toBe(GOOD);
  });

  it('comes from a file that nobody else may read', async () => {
    const path = await file('secret', `${GOOD}\n`);
    const config = read({ SOTTO_PREKEY_SECRET_FILE: path });
    expect(Buffer.from(openComponentSecret(config.secret)).toString()).toBe(GOOD);
    await chmod(path, 0o640);
    expect(() => openComponentSecret(config.secret)).toThrow('chmod 600');
    await rm(path);
    expect(() => openComponentSecret(config.secret)).toThrow('is missing');
  });

  it('is made once when there is none, on loopback, and never shown', async () => {
    const config = read();
    const made = Buffer.from(openComponentSecret(config.secret)).toString();
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(openComponentSecret(config.secret)).toString()).toBe(made);
    expect((await stat(within('component.secret'))).mode & 0o777).toBe(0o600);
    const hints = formatHints(config, { fingerprint: 'F', watchPort: 1 });
    expect(hints).toContain(within('component.secret'));
    expect(hints).not.toContain(made);
    const network = { SOTTO_PREKEY_HOST: 'xmpp.example', SOTTO_PREKEY_TRUST_NETWORK: 'true' };
    expect(() => read(network)).toThrow('secretFile');
  });
});

describe('the key of the server', () => {
  it('pks:T-44 is made once, for the owner alone, and is the same ever after', async () => {
    const first = openServerKey(within('deep/server.key'));
    const { mode, size } = await stat(within('deep/server.key'));
    expect([mode & 0o777, size]).toEqual([0o600, 57]);
    expect(openServerKey(within('deep/server.key')).public).toEqual(first.public);
  });

  it('is never replaced when it is not what it should be', async () => {
    const short = await file('short.key', new Uint8Array(56));
    expect(() => openServerKey(short)).toThrow('57 bytes');
    const open = await file('open.key', new Uint8Array(57).fill(1), 0o644);
    expect(() => openServerKey(open)).toThrow('chmod 600');
    expect(() => openServerKey(folder)).toThrow('plain file');
    expect((await stat(short)).size).toBe(56);
  });
});

describe('the configuration', () => {
  it('has a default for everything, for an XMPP server on this machine', () => {
    const { workers, ...rest } = readConfig(undefined, { STATE_DIRECTORY: '/var/lib/x' });
    expect(workers).toBeGreaterThan(0);
    expect(rest).toEqual({
      jid: 'prekey.localhost',
      host: '127.0.0.1',
      port: 5347,
      secret: { from: 'made', path: '/var/lib/x/component.secret' },
      keyFile: '/var/lib/x/server.key',
      store: { kind: 'sqlite', path: '/var/lib/x/prekeys.sqlite', keyFile: undefined },
      publisherDomains: ['localhost'],
      retrieverDomains: 'any',
      watchPort: 5380,
      reserve: 10,
      queriesPerDomainHour: 6000,
      exchangesPerDomainMinute: 300,
    });
  });

  it('comes from a file, and the environment goes first', async () => {
    const path = await file(
      'config.json',
      JSON.stringify({ jid: 'keys.example.org', port: 1, publisherDomains: ['example.org'] }),
    );
    const config = read(
      {
        SOTTO_PREKEY_PORT: '2',
        SOTTO_PREKEY_DATABASE: 'postgresql://db/x',
        SOTTO_PREKEY_RETRIEVER_DOMAINS: 'a.example, b.example',
        SOTTO_PREKEY_WATCH_PORT: 'off',
      },
      path,
    );
    expect(config).toMatchObject({
      jid: 'keys.example.org',
      port: 2,
      store: { kind: 'postgresql', url: 'postgresql://db/x' },
      retrieverDomains: ['a.example', 'b.example'],
      watchPort: undefined,
    });
  });

  it.each([
    [{ SOTTO_PREKEY_JID: 'Prekey.Example' }, 'jid'],
    [{ SOTTO_PREKEY_JID: 'a@b' }, 'jid'],
    [{ SOTTO_PREKEY_JID: 'nodots' }, 'publisherDomains'],
    [{ SOTTO_PREKEY_PORT: '70000' }, 'port'],
    [{ SOTTO_PREKEY_PORT: '1e3' }, 'port'],
    [{ SOTTO_PREKEY_WORKERS: '0' }, 'workers'],
    [{ SOTTO_PREKEY_SECRTE: 'x' }, 'SOTTO_PREKEY_SECRTE'],
    [{ SOTTO_PREKEY_HOST: 'xmpp.example' }, 'not encrypted'],
    [{ SOTTO_PREKEY_TRUST_NETWORK: 'yes' }, 'trustNetwork'],
    [
      { SOTTO_PREKEY_DATABASE: 'postgres://db', SOTTO_PREKEY_DATABASE_KEY_FILE: 'x' },
      'databaseKeyFile',
    ],
  ])('%o is refused, with a word about %s', (environment: Record<string, string>, word) => {
    expect(() => read(environment)).toThrow(word);
  });

  it('of a file that is no JSON, or has more in it, is refused', async () => {
    expect(() => read({}, within('none.json'))).toThrow('none.json');
    const more = file('more.json', '{"jid": "a.b", "sercetFile": "x"}');
    expect(() => read({}, within('none.json'))).toThrow();
    const path = await more;
    expect(() => read({}, path)).toThrow('sercetFile');
  });

  it('has a key for an encrypted database in bytes or in digits', async () => {
    const key = new Uint8Array(32).fill(9);
    for (const content of [key, `${'09'.repeat(32)}\n`]) {
      const path = await file('db.key', content);
      const { store } = read({ SOTTO_PREKEY_DATABASE_KEY_FILE: path });
      expect(new Uint8Array(openDatabaseKey(store) ?? [])).toEqual(key);
    }
    const { store } = read({ SOTTO_PREKEY_DATABASE_KEY_FILE: await file('bad.key', 'short') });
    expect(() => openDatabaseKey(store)).toThrow('32 bytes');
  });
});
