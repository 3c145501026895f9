// SPDX-License-Identifier: GPL-3.0-or-later

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { argon2id } from '@noble/hashes/argon2.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatArmor } from '#otr/codec/armor.ts';
import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Env } from '#otr/env.ts';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeEnsemble, encodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import type { Ensemble } from '#otr/profile/ensemble.ts';
import { deriveMessageKey } from '#otr/ratchet/chain.ts';
import { makeKeys } from '../../src/main/account/own-keys.ts';
import { FORGING_FILE_KIND, formatForgingFile } from '../../src/main/account/forging-file.ts';
import { KDF_COST } from '../../src/main/vault/kdf.ts';
import { run } from '../../tools/forge/run.ts';
import { liveParty } from '../support/forgers.ts';
import { ratchetPair } from '../support/ratchet-pair.ts';
import { reveal } from '../support/reveal.ts';
import { Clock, clockedEnv } from '../support/two-parties.ts';

const MAIN = resolve(import.meta.dirname, '../../tools/forge/main.ts');
const ADDRESSES = [
  '--initiator-address',
  'bob@example.org',
  '--responder-address',
  'alice@example.org',
];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-forge-'));
  for (const name of ['bob', 'alice']) {
    expect(await forge('person', name)).toMatchObject({ status: 0 });
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The tool in a process of its own, as npm starts it. */
function spawned(input: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    input,
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder },
  });
  return { status, stdout, stderr };
}

/** The same in this process, which is quicker. */
async function forge(...args: readonly string[]): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  vi.stubEnv('INIT_CWD', folder);
  try {
    return { status: await run(args), ...said };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

async function judged(transcript: string): Promise<Outcome> {
  return forge('verify', file('judged', transcript));
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return name;
}

/** Bob and Alice, by what anybody can know of them, and what they are to have said. */
function transcriptOf(script: string, ...more: readonly string[]) {
  file('script', script);
  return forge(
    ...['transcript', '--initiator', 'bob/client-profile', '--responder', 'alice/client-profile'],
    ...ADDRESSES,
    ...['--script', 'script', ...more],
  );
}

/** Bob writes to Alice, who is away. */
function offline(command: string, ...more: readonly string[]) {
  const ends = ['--initiator', 'bob/client-profile', '--responder', 'alice/prekey-ensemble'];
  return forge(command, '--offline', ...ends, ...ADDRESSES, ...more);
}

function toRaw({ clientProfile, prekeyProfile, prekeyMessage }: Ensemble) {
  return {
    clientProfile: clientProfile.raw,
    prekeyProfile: prekeyProfile.raw,
    prekeyMessage: prekeyMessage.raw,
  };
}

const SCRIPT = 'bob: hi\nalice: hi Bob\n# a comment\nbob@example.org: the key is gone\n';

describe('the forging tool', () => {
  it('sec:T-O-DN-1 shows that what was had and what was made up verify alike', () => {
    const { status, stdout, stderr } = spawned('', 'demo');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.match(/4 signatures, 4 authenticators: it verifies\./g)).toHaveLength(4);
    expect(stdout).toContain('None of them proves that Alice ever wrote a word.');
  });

  for (const [whose, key] of [
    ['no key', undefined],
    ['a long-term key', 'bob/long-term-key'],
    ['a forging key', 'alice/forging-key'],
  ] as const) {
    it(`sec:T-O-DN-1 makes up a conversation with ${whose} that verifies`, async () => {
      const keys = key === undefined ? [] : ['--key', key];
      const made = await transcriptOf(SCRIPT, ...keys, '--ended-by', 'bob');
      expect([made.status, made.stderr]).toEqual([0, '']);
      expect(made.stdout.trim().split('\n')).toHaveLength(7);
      const verdict = await judged(made.stdout);
      expect([verdict.status, verdict.stderr]).toEqual([0, '']);
      expect(verdict.stdout).toContain('4 signatures verify; 2 messages verify');
      expect(verdict.stdout).toContain('All of it verifies.');
    });
  }

  it('otr:T-111 changes words under a revealed key, and the whole still verifies', async () => {
    const lines = (await transcriptOf(SCRIPT)).stdout.split('\n');
    const [message, later] = [file('message', lines[3] ?? ''), file('later', lines[4] ?? '')];
    const change = ['--offset', '0', '--old', 'hi', '--new', 'no'];
    const made = await forge('modify', '--message', message, '--revealed-by', later, ...change);
    expect(made.status).toBe(0);
    expect(made.stdout.trim()).not.toBe(lines[3]?.split(' ')[1]);
    const changed = lines.with(3, `bob@example.org ${made.stdout.trim()}`).join('\n');
    expect(await judged(changed)).toMatchObject({ status: 0 });
    const again = await forge('remac', '--message', message, '--revealed-by', later);
    expect(again.stdout.trim()).toBe(lines[3]?.split(' ')[1]);
    // Without the key of this message nothing is taken for genuine.
    const wrong = await forge('modify', '--message', later, '--revealed-by', message, ...change);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('does not reveal the MAC key');
  });

  it('reads and rewrites a message with its chain key, and shows a MAC key', async () => {
    const { alice, bob } = ratchetPair();
    const chainKey = alice.ratchet.sending?.copy();
    if (chainKey === undefined) throw new RangeError('Alice cannot send');
    alice.say('before it');
    const body = formatArmor(alice.say('at noon'));
    const given = ['--message', file('noon', body), '--chain-key', file('chain', reveal(chainKey))];
    expect(await forge('read', ...given)).toMatchObject({ stdout: 'at noon\n' });
    const rewritten = (await forge('read', ...given, '--new', 'at midnight')).stdout.trim();
    const midnight = file('midnight', rewritten);
    expect(await forge('read', '--message', midnight, ...given.slice(2))).toMatchObject({
      stdout: 'at midnight\n',
    });
    const messageKey = file('message-key', reveal(deriveMessageKey(chainKey)));
    const shown = await forge('mac-key', '--message-key', messageKey);
    expect(shown.stdout).toMatch(/^[0-9a-f]{128}\n$/);
    const kept = await forge('mac-key', '--message-key', messageKey, '--out', 'mac');
    expect(kept.status).toBe(0);
    expect(statSync(join(folder, 'mac')).mode & 0o777).toBe(0o600);
    const twice = await forge('mac-key', '--message-key', messageKey, '--out', 'mac');
    expect([twice.status, twice.stderr]).toEqual([
      1,
      'forge: mac cannot be written (EEXIST).\n       Name a file that does not exist yet, in a folder that does.\n',
    ]);
    const other = await forge(
      'read',
      '--message',
      file('x', formatArmor(bob.say('x'))),
      ...given.slice(2),
    );
    expect(other.stderr).toContain('does not fit this message');
  });

  it('makes up a key exchange, with the keys of its session in a file of one’s own', async () => {
    const made = await forge(
      ...['dake', '--initiator', 'bob/client-profile', '--responder', 'alice/client-profile'],
      ...ADDRESSES,
      ...['--session-keys', 'session-keys'],
    );
    expect([made.status, made.stderr]).toEqual([0, '']);
    const kinds = (await forge('parse', file('made', made.stdout))).stdout.match(/^\S+$/gm);
    expect(kinds).toEqual(['identity', 'auth-r', 'auth-i']);
    expect(readFileSync(join(folder, 'session-keys'), 'utf8')).toMatch(
      /^secure session id: [0-9a-f]{16}\nroot key: [0-9a-f]{128}\nbrace key: [0-9a-f]{64}\nchain key/,
    );
    expect(statSync(join(folder, 'session-keys')).mode & 0o777).toBe(0o600);
    // A profile may also be taken from the message that carried it.
    const [identity = '', authR = ''] = made.stdout.split('\n');
    const again = await forge(
      ...['dake', '--initiator', file('id', identity), '--responder', file('ar', authR)],
      ...ADDRESSES,
    );
    expect(again.status).toBe(0);
  });

  it('sec:T-O-DN-1 makes up what was said while somebody was away', async () => {
    for (const keys of [[], ['--key', 'bob/long-term-key'], ['--key', 'alice/forging-key']]) {
      const made = await offline('transcript', '--script', file('script', SCRIPT), ...keys);
      expect([made.status, made.stderr]).toEqual([0, '']);
      const [first = '', ...rest] = made.stdout.trim().split('\n');
      expect(rest).toHaveLength(4);
      const verdict = await judged(made.stdout);
      expect([verdict.status, verdict.stderr]).toEqual([0, '']);
      expect(verdict.stdout).toContain('4 signatures verify; 2 messages verify');
      // What Alice published is used only by who can have signed for it.
      const published = readFileSync(join(folder, 'alice/prekey-ensemble'), 'utf8').trim();
      expect(first === `alice@example.org ${published}`).toBe(keys.length > 0);
    }
    const made = await offline('dake', '--session-keys', 'offline-keys');
    const kinds = (await forge('parse', file('made offline', made.stdout))).stdout.match(/^\S+$/gm);
    expect(kinds).toEqual(['prekey-ensemble', 'non-interactive-auth']);
    expect(readFileSync(join(folder, 'offline-keys'), 'utf8')).toMatch(
      /^secure .*\nroot key: .*\nbrace key: .*\nchain key of the initiator's first messages: [0-9a-f]{128}\n$/,
    );
  });

  it('makes an ensemble that leads elsewhere, with what answers in a file of one’s own', async () => {
    const given = ['--profile', 'bob/client-profile', '--key', 'bob/long-term-key'];
    const made = await forge('ensemble', ...given, '--secrets', 'ensemble-secrets');
    expect([made.status, made.stderr]).toEqual([0, '']);
    const leading = file('leading', made.stdout);
    const kinds = (await forge('parse', leading)).stdout.match(/^\S+$/gm);
    expect(kinds).toEqual(['prekey-ensemble']);
    expect(readFileSync(join(folder, 'ensemble-secrets'), 'utf8')).toMatch(
      /^prekey message identifier: [0-9a-f]{8}\ny: [0-9a-f]{114}\nb: [0-9a-f]{160}\nshared prekey: [0-9a-f]{114}\n$/,
    );
    expect(statSync(join(folder, 'ensemble-secrets')).mode & 0o777).toBe(0o600);
    const wrong = await forge('ensemble', ...given.slice(0, 3), 'bob/forging-key');
    expect(wrong.stderr).toContain('not the long-term key of that profile');
    // As the server hands it out, and as bytes.
    const bytes = new Uint8Array(Buffer.from(made.stdout, 'base64'));
    const answer = encodeEnsembleRetrieval({
      receiverTag: createInstanceTag(clockedEnv('asks', new Clock())),
      identity: new TextEncoder().encode('bob@example.org'),
      ensembles: [toRaw(decodeEnsemble(bytes))],
    });
    for (const form of [bytes, formatPrekeyArmor(answer)]) {
      const again = await offline('dake', '--responder', file('form', form));
      expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('(no session)')]);
      const other = await offline(
        'dake',
        '--responder',
        'form',
        '--initiator',
        'alice/client-profile',
      );
      expect(other.status).toBe(0);
    }
  });

  it('says what is wrong and how to go on, and ends with an error', async () => {
    const old = ['--at', '2001-01-01'];
    const cases: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
      [['parse', 'nowhere'], /nowhere cannot be read/, /Check the name/],
      [['parse', file('plain', 'hello')], /no OTR message/, /begins with \?OTR:/],
      [['parse', file('cut', '?OTR:AAQD.')], /truncated/, /exactly as it was sent/],
      [['read', '--message', 'message'], /--chain-key is missing/, /Add it/],
      [['modify', '--massage', 'x'], /Unknown option '--massage'/, /--help/],
      [['nonsense'], /no command nonsense/, /--help/],
      [['mac-key', '--message-key', 'ab'.repeat(64)], /a key, not the name/, /into a file/],
      [['mac-key', '--message-key', file('short', 'abcd')], /right kind/, /128 hexadecimal/],
      [['verify', file('words', 'hello there')], /Line 1/, /alice@example\.org \?OTR/],
    ];
    for (const [args, wrong, wayOn] of cases) {
      const { status, stdout, stderr } = await forge(...args);
      expect(status).not.toBe(0);
      expect(stdout).toBe('');
      const [first = '', second = ''] = stderr.split('\n');
      expect(first).toMatch(wrong);
      expect(second).toMatch(wayOn);
      expect(stderr).not.toContain('ababab');
    }
    expect((await transcriptOf(SCRIPT, ...old)).stderr).toContain(
      'profile in bob/client-profile does not',
    );
    expect((await transcriptOf('carol: hi\n')).stderr).toContain(
      'Begin the line with bob@example.org:',
    );
    expect((await transcriptOf('\n')).stderr).toContain('The script is empty');
    expect((await transcriptOf(SCRIPT, '--ended-by', 'carol')).stderr).toContain(
      'neither of the two',
    );
  });

  it('does not take a conversation that was tampered with for a whole one', async () => {
    const lines = (await transcriptOf(SCRIPT)).stdout.split('\n');
    const verdict = spawned(lines.toSpliced(3, 1).join('\n'), 'verify');
    expect(verdict.status).toBe(1);
    expect(verdict.stderr).toContain('It does not verify.');
  });

  it('tells what each command takes', async () => {
    const { stdout } = await forge('--help');
    const names = [...stdout.matchAll(/^ {2}([a-z-]+) +\S/gm)].map(([, name = '']) => name);
    expect(names).toContain('transcript');
    for (const name of names)
      expect(await forge(name, '--help')).toMatchObject({ status: 0, stderr: '' });
  });
});

/** The key file that Sotto writes when somebody wants to keep the deniability key. */
function deniabilityFile(seed: Uint8Array, passphrase: string): Uint8Array {
  const salt = new Uint8Array(16).fill(7);
  const nonce = new Uint8Array(24).fill(9);
  const { memoryKiB: m, passes: t, lanes: p } = KDF_COST;
  const key = argon2id(new TextEncoder().encode(passphrase), salt, { m, t, p, dkLen: 32 });
  const kind = new TextEncoder().encode(FORGING_FILE_KIND);
  const sealed = xchacha20poly1305(key, nonce, kind).encrypt(seed);
  return formatForgingFile({ ...KDF_COST, salt, nonce, sealed });
}

describe('otr:T-228 a forging key that was kept', () => {
  const clock = new Clock();
  const now: Env = { ...clockedEnv('kept', clock), nowMs: () => Date.now() };
  const made = makeKeys(now, createInstanceTag(now), true);
  const alice = makeKeys(now, createInstanceTag(now), false);
  const owner = { profile: made.ring.identity.profile, jid: 'bob@example.org' };
  const shown = { profile: alice.ring.identity.profile, jid: 'alice@example.org' };
  const kept = deniabilityFile(made.forgingSeed ?? new Uint8Array(), 'pass');
  const given = (): readonly string[] => [
    ...['--key', file('kept.json', kept)],
    ...['--passphrase-file', file('pass', 'pass\n')],
    ...['--as', file('as', shown.profile.raw), '--as-address', shown.jid],
    ...['--to', file('to', owner.profile.raw), '--to-address', owner.jid],
  ];

  it('makes its owner’s device believe in anyone, from the file that Sotto wrote', async () => {
    const device = liveParty(owner, made.ring.identity.longTermKey, shown, now);
    const tool = spawn(process.execPath, [MAIN, 'impersonate', ...given()], {
      cwd: folder,
      env: { ...process.env, INIT_CWD: folder },
    });
    const bodies = linesOf(tool);
    device.do({ tag: 'start' });
    for (const body of device.takeOutbox()) tool.stdin.write(`${body}\n`);
    device.receive(await bodies());
    for (const body of device.takeOutbox()) tool.stdin.write(`${body}\n`);
    tool.stdin.write('it is me\n');
    device.receive(await bodies());
    tool.stdin.end();
    expect(await once(tool, 'exit')).toEqual([0, null]);
    expect(device.heard('established')).toMatchObject([
      { theirFingerprint: shown.profile.fingerprint },
    ]);
    expect(device.read()).toEqual(['it is me']);
  });

  it('opens with its passphrase, whole, and only for the device it is of', async () => {
    const wrong = await forge(
      'impersonate',
      ...given(),
      '--passphrase-file',
      file('other', 'guess'),
    );
    expect(wrong.stderr).toContain('The passphrase does not open kept.json');
    const none = await forge('impersonate', ...given().toSpliced(2, 2));
    expect(none.stderr).toContain('sealed under a passphrase');
    const damaged = await forge('impersonate', ...given(), '--key', file('damaged', '{"kind":1}'));
    expect(damaged.stderr).toContain('not a deniability key of Sotto');
    const elsewhere = await forge('impersonate', ...given(), '--to', 'as', '--as', 'to');
    expect(elsewhere.stderr).toContain('not the forging key of that device');
    for (const { status } of [wrong, none, damaged, elsewhere]) expect(status).toBe(1);
  });
});

/** The next line of what a process prints, each time it is asked. */
function linesOf(tool: ChildProcess): () => Promise<string> {
  if (tool.stdout === null) throw new TypeError('no output');
  const lines = createInterface({ input: tool.stdout })[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    if (next.done === true) throw new Error('the tool said nothing more');
    return next.value;
  };
}
