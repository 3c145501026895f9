// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccountService } from '#main/account/service.ts';
import { parseXmppUri } from '#shared/links/xmpp-uri.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { LiveParty } from '../support/live-party.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };
const until = (condition: () => void): Promise<void> => vi.waitFor(condition, PATIENCE);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let started: TestProsody;
let prosody: Prosody;
let round = 0;
const parties: LiveParty[] = [];

function party(name: string, more?: ConstructorParameters<typeof LiveParty>[2]): LiveParty {
  const made = new LiveParty(prosody, `${name}${String(round)}`, more);
  parties.push(made);
  return made;
}

beforeAll(async () => {
  started = await startProsody({ record: true });
  ({ prosody } = started);
});
beforeEach(() => {
  round += 1;
});
afterEach(async () => {
  for (const each of parties.splice(0)) await each[Symbol.asyncDispose]();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

describe('an account by invitation', () => {
  it('ux:3 is created where the server asks for one, once', async () => {
    await using inviting = await startProsody({
      modules: ['invites', 'invites_register'],
      extra: 'registration_invite_only = true',
    });
    const link = parseXmppUri(await inviting.prosody.invite());
    if (!link.ok || link.value.tag !== 'register') throw new TypeError('no invitation');
    const { domain, token } = link.value;
    expect([domain, token]).toEqual([inviting.prosody.domain, expect.any(String)]);
    await using alice = new LiveParty(inviting.prosody, 'alice');
    await expect(alice.add()).rejects.toMatchObject({ code: 'server-refused' });
    await expect(alice.add({ token: 'guessed' })).rejects.toMatchObject({
      code: 'register-invitation',
    });
    await alice.add({ token });
    expect(alice.account.view()?.connection).toEqual({ tag: 'online' });
    await using bob = new LiveParty(inviting.prosody, 'bob');
    await expect(bob.add({ token })).rejects.toMatchObject({ code: 'register-invitation' });
  });
});

describe('an account', () => {
  it('ux:1 xep:X-04 is created on its server and has its keys a moment later', async () => {
    const alice = party('alice');
    await alice.add({ deviceLabel: ` Desktop\u202E${'x'.repeat(80)}` });
    expect(alice.account.view()).toMatchObject({
      jid: alice.address,
      connection: { tag: 'online' },
    });
    await until(() => {
      expect(alice.account.view()?.keys).toMatchObject({ tag: 'ready', forgingKey: 'destroyed' });
    });
    const view = alice.account.view();
    if (view?.keys.tag !== 'ready') throw new TypeError('keys');
    expect(view.keys.code.hex).toMatch(/^[0-9A-F]{112}$/);
    expect(view.keys.code.words).toHaveLength(12);
    expect(view.keys.instanceTag).toMatch(/^[0-9a-f]{8}$/);
    expect(Number.parseInt(view.keys.instanceTag, 16)).toBeGreaterThanOrEqual(0x100);
    expect(view.deviceLabel).toBe(`Desktop${'x'.repeat(46)}`);
    expect(alice.published.map(({ name }) => name)).toContain('account.changed');
  });

  it('is not stored when the password is wrong, and can be tried again at once', async () => {
    await prosody.addAccount(`alice${String(round)}`, 'correct horse');
    const alice = party('alice');
    const wrong = { createOnServer: false, password: bytes('wrong') };
    await expect(alice.add(wrong)).rejects.toMatchObject({ code: 'auth-failed' });
    expect(alice.store.accounts.list()).toEqual([]);
    expect(alice.account.view()).toBeUndefined();
    await alice.add({ createOnServer: false });
    expect(alice.account.view()?.connection).toEqual({ tag: 'online' });
  });

  it.each([
    ['address-invalid', { jid: 'no at sign' }],
    ['address-invalid', { jid: 'a@b/resource' }],
    ['connection-refused', { server: { host: '127.0.0.1', port: 1, tls: 'starttls' } }],
  ] as const)('is refused with %s', async (code, more) => {
    const alice = party('alice');
    await expect(alice.add({ ...more, createOnServer: false })).rejects.toMatchObject({ code });
    expect(alice.store.accounts.list()).toEqual([]);
  });

  it('ux:2 is refused at a server whose certificate nobody vouches for', async () => {
    const alice = party('alice', { extraCertificates: [] });
    await expect(alice.add()).rejects.toMatchObject({ code: 'certificate-untrusted' });
  });

  it('cannot be created twice, here or on the server', async () => {
    const alice = party('alice');
    await alice.add();
    await expect(alice.add()).rejects.toMatchObject({ code: 'account-exists' });
    const other = party('alice');
    await expect(other.add()).rejects.toMatchObject({ code: 'register-conflict' });
  });

  it('otr:T-195 comes back with the same keys, tag and password, without being asked', async () => {
    const alice = party('alice');
    await alice.add();
    await until(() => {
      expect(alice.account.view()?.keys.tag).toBe('ready');
    });
    const keys = alice.account.view()?.keys;
    await alice.account.stop();
    alice.account.open();
    await until(() => {
      expect(alice.account.view()).toMatchObject({ connection: { tag: 'online' }, keys });
    });
  });

  it('sec:T-K-DISK keeps password and long-term key where nobody can read them', async () => {
    const alice = party('alice');
    await alice.add();
    await until(() => {
      expect(alice.account.view()?.keys.tag).toBe('ready');
    });
    const [row] = alice.store.accounts.list();
    const identity = row && alice.store.identities.load(row.id);
    const disk = readdirSync(alice.folder)
      .map((name) => readFileSync(join(alice.folder, name), 'latin1'))
      .join('');
    expect(disk).not.toContain('correct horse');
    expect(disk).not.toContain(Buffer.from(identity?.longTermSeed ?? []).toString('latin1'));
    expect(disk).not.toContain(alice.address);
    expect(identity?.forgingSeed).toBeUndefined();
  });

  it('ux:2.5.12 keeps the deniability key in a file only, when the user wants it', async () => {
    const alice = party('alice');
    await alice.add({ forgingKey: { choice: 'keep', passphrase: bytes('another one') } });
    await until(() => {
      expect(alice.account.view()?.keys).toMatchObject({ forgingKey: 'kept' });
    });
    expect(alice.exported).toHaveLength(1);
    expect(alice.exported[0]).toHaveLength(57);
    const [row] = alice.store.accounts.list();
    expect(row && alice.store.identities.load(row.id)?.forgingSeed).toBeUndefined();
    await alice.account.stop();
    alice.account.open();
    await until(() => {
      expect(alice.account.view()?.keys).toMatchObject({ forgingKey: 'kept' });
    });
  });

  it('goes offline and online when told to', async () => {
    const alice = party('alice');
    await alice.add();
    await alice.account.disconnect();
    expect(alice.account.view()?.connection).toEqual({ tag: 'offline' });
    alice.account.connect();
    await until(() => {
      expect(alice.account.view()?.connection).toEqual({ tag: 'online' });
    });
  });

  it('takes a changed password at the next login', async () => {
    const alice = party('alice');
    await alice.add();
    await alice.account.setPassword(bytes('not this one'));
    await until(() => {
      expect(alice.account.view()?.connection).toEqual({ tag: 'failed', code: 'auth-failed' });
    });
    await alice.account.setPassword(bytes('correct horse'));
    await until(() => {
      expect(alice.account.view()?.connection).toEqual({ tag: 'online' });
    });
  });

  it('is removed with everything that hung on it', async () => {
    const alice = party('alice');
    await alice.add();
    await alice.account.remove();
    expect(alice.account.view()).toBeUndefined();
    expect(alice.store.accounts.list()).toEqual([]);
    expect(alice.published.at(-1)).toEqual({ name: 'account.changed', payload: undefined });
    await alice.add({ createOnServer: false });
    expect(alice.account).toBeInstanceOf(AccountService);
    expect(alice.account.view()?.connection).toEqual({ tag: 'online' });
  });
});

describe('contacts', () => {
  async function two(): Promise<readonly [LiveParty, LiveParty]> {
    const [alice, bob] = [party('alice'), party('bob')];
    await Promise.all([alice.add(), bob.add()]);
    return [alice, bob];
  }

  it('xep:X-37 become friends when one asks and the other accepts', async () => {
    const [alice, bob] = await two();
    await alice.contacts.add(` ${bob.address.toUpperCase()} `, ' Bob ');
    await until(() => {
      expect(alice.conversations.contacts()).toMatchObject([{ name: 'Bob', asked: true }]);
    });
    await until(() => {
      expect(bob.contacts.requests()).toMatchObject([{ jid: alice.address }]);
    });
    await bob.contacts.accept(alice.address);
    await until(() => {
      expect(alice.conversations.contacts()).toMatchObject([
        { subscription: 'both', presence: 'online', asked: false },
      ]);
      expect(bob.conversations.contacts()).toMatchObject([{ subscription: 'both' }]);
    });
    expect(bob.contacts.requests()).toEqual([]);
  });

  it('become friends when both ask', async () => {
    const [alice, bob] = await two();
    await Promise.all([
      alice.contacts.add(bob.address, undefined),
      bob.contacts.add(alice.address, undefined),
    ]);
    await until(() => {
      expect(alice.conversations.contacts()).toMatchObject([{ subscription: 'both' }]);
      expect(bob.conversations.contacts()).toMatchObject([{ subscription: 'both' }]);
    });
  });

  it.each([
    ['address-invalid', 'nobody'],
    ['address-invalid', 'a@b/desk'],
    ['address-invalid', ''],
  ])('are refused with %s: %s', async (code, address) => {
    const alice = party('alice');
    await alice.add();
    await expect(alice.contacts.add(address, undefined)).rejects.toMatchObject({ code });
  });

  it('are refused where a part of the address is longer than any can be', async () => {
    const alice = party('alice');
    await alice.add();
    const address = `${'x'.repeat(1024)}@localhost`;
    await expect(alice.contacts.add(address, undefined)).rejects.toMatchObject({
      code: 'address-invalid',
    });
  });

  it('cannot be oneself, or the same twice, or added offline', async () => {
    const [alice, bob] = await two();
    await expect(alice.contacts.add(alice.address, undefined)).rejects.toMatchObject({
      code: 'contact-self',
    });
    await alice.contacts.add(bob.address, undefined);
    await expect(alice.contacts.add(bob.address, undefined)).rejects.toMatchObject({
      code: 'contact-exists',
    });
    await alice.account.disconnect();
    await expect(alice.contacts.add('carol@localhost', undefined)).rejects.toMatchObject({
      code: 'not-connected',
    });
  });

  it('are declined without a trace, and blocked for good', async () => {
    const [alice, bob] = await two();
    await alice.contacts.add(bob.address, undefined);
    await until(() => {
      expect(bob.contacts.requests()).toHaveLength(1);
    });
    bob.contacts.decline(alice.address);
    expect(bob.contacts.requests()).toEqual([]);
    await bob.contacts.block(alice.address);
    const id = alice.conversations.contacts()[0]?.id;
    if (id === undefined) throw new TypeError('contact');
    const { stateToken } = alice.conversations.view(id);
    await alice.conversations.send(id, 'please', stateToken);
    await until(() => {
      const [item] = alice.conversations.history({ id, limit: 1 });
      expect(item).toMatchObject({ delivery: 'sent' });
    });
    expect(bob.contacts.requests()).toEqual([]);
    expect(bob.conversations.contacts()).toEqual([]);
  });

  it('are renamed on the server, and removed with all that was said', async () => {
    const [alice, bob] = await two();
    const id = await alice.contacts.add(bob.address, 'Bob');
    await alice.contacts.rename(id, ' Robert ');
    await until(() => {
      expect(alice.conversations.contacts()).toMatchObject([{ name: 'Robert' }]);
    });
    await alice.conversations.send(id, 'words', alice.conversations.view(id).stateToken);
    await alice.contacts.remove(id);
    expect(alice.conversations.contacts()).toEqual([]);
    expect(alice.conversations.search('words')).toEqual([]);
    expect(alice.published).toContainEqual({ name: 'contact.removed', payload: id });
  });
});
