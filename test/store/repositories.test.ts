// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../../src/main/store/database.ts';
import type { RosterItem, RuleOverrides, Sighting } from '../../src/main/store/rows.ts';
import { createStore } from '../../src/main/store/store.ts';
import { jid, newAccount, newChat, newLocation, newStore } from './fixture.ts';

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const rosterItem = (address: string, name?: string): RosterItem => ({
  jid: jid(address),
  name,
  subscription: 'both',
  asked: false,
  groups: ['Friends'],
});

describe('transaction', () => {
  it('keeps all of its work or none', () => {
    const store = newStore();
    expect(() =>
      store.transaction((tx) => {
        store.accounts.add(tx, newAccount());
        throw new RangeError('half way');
      }),
    ).toThrow('half way');
    expect(store.accounts.list()).toStrictEqual([]);
  });

  it('refuses to be opened inside another one', () => {
    const store = newStore();
    expect(() => store.transaction(() => store.transaction(() => 1))).toThrow(TypeError);
  });
});

describe('AccountRepository', () => {
  it('gives back what was saved, and credentials only by name', () => {
    const store = newStore();
    const { credentials, ...account } = newAccount({
      server: { host: 'xmpp.example.org', port: 5223, tls: 'direct' },
      allowPlain: true,
      instanceTag: 0xffff_ffff,
      credentials: bytes(9, 7),
    });
    const id = store.transaction((tx) => store.accounts.add(tx, { ...account, credentials }));
    expect(store.accounts.get(id)).toStrictEqual({ ...account, id });
    expect(store.accounts.byJid(account.jid)).toStrictEqual({ ...account, id });
    expect(store.accounts.loadCredentials(id)).toEqual(Buffer.from(bytes(9, 7)));
    store.transaction((tx) => {
      store.accounts.saveCredentials(tx, id, undefined);
      store.accounts.saveServer(tx, id, undefined);
      store.accounts.saveMode(tx, id, 'standalone');
      store.accounts.saveDevice(tx, id, { resource: 'r2', deviceLabel: 'Laptop' });
    });
    expect(store.accounts.loadCredentials(id)).toBeUndefined();
    expect(store.accounts.get(id)).toMatchObject({
      server: undefined,
      mode: 'standalone',
      resource: 'r2',
      deviceLabel: 'Laptop',
    });
  });

  it('keeps a server that is a WebSocket, and the way that worked last, until the server is set anew', () => {
    const store = newStore();
    const server = { tls: 'websocket', url: 'wss://xmpp.example.org/ws' } as const;
    const id = store.transaction((tx) => store.accounts.add(tx, newAccount({ server })));
    expect(store.accounts.get(id)?.server).toStrictEqual(server);
    expect(store.accounts.loadWay(id)).toBeUndefined();
    const way = { way: 'xmpps://xmpp.example.org:443', foundAt: 7 };
    store.transaction((tx) => {
      store.accounts.saveWay(tx, id, way);
    });
    expect(store.accounts.loadWay(id)).toStrictEqual(way);
    store.transaction((tx) => {
      store.accounts.saveServer(tx, id, { tls: 'starttls', host: 'h.example', port: 5222 });
    });
    expect(store.accounts.loadWay(id)).toBeUndefined();
    expect(store.accounts.get(id)?.server).toStrictEqual({
      tls: 'starttls',
      host: 'h.example',
      port: 5222,
    });
  });

  it.each([0, 0xff, 0x1_0000_0000])('refuses the reserved instance tag %d', (instanceTag) => {
    const store = newStore();
    expect(() =>
      store.transaction((tx) => store.accounts.add(tx, newAccount({ instanceTag }))),
    ).toThrow(/CHECK constraint/);
  });

  it('has each address once', () => {
    const store = newStore();
    const add = (): unknown => store.transaction((tx) => store.accounts.add(tx, newAccount()));
    add();
    expect(add).toThrow(/UNIQUE constraint/);
  });
});

describe('IdentityRepository', () => {
  it('keeps the keys of an account, renews its profile and forgets the forging key', () => {
    const store = newStore();
    const { account } = newChat(store);
    const identity = {
      accountId: account,
      longTermSeed: bytes(57, 1),
      forgingPublic: bytes(57, 2),
      forgingSeed: bytes(57, 3),
      clientProfile: bytes(300, 4),
      clientProfileExpiresAt: 5,
    };
    expect(store.identities.load(account)).toBeUndefined();
    store.transaction((tx) => {
      store.identities.save(tx, identity);
    });
    // Plain arrays: the slice of a Buffer would share its memory, and keys are copied and wiped.
    expect(store.identities.load(account)).toStrictEqual(identity);
    store.transaction((tx) => {
      store.identities.forgetForgingSeed(tx, account);
      store.identities.saveClientProfile(tx, account, bytes(10, 9), 99);
    });
    const after = store.identities.load(account);
    expect(after?.forgingSeed).toBeUndefined();
    expect(after?.clientProfileExpiresAt).toBe(99);
    expect(after?.longTermSeed).toStrictEqual(identity.longTermSeed);
  });
});

describe('ContactRepository', () => {
  it('takes over the server’s roster and never touches what the user decided', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const rules: RuleOverrides = {
      otr: 'always',
      accept: undefined,
      verifiedOnly: true,
      keep: 'until-quit',
      liveOnly: true,
    };
    store.transaction((tx) => {
      store.contacts.saveRules(tx, conversation, rules);
      store.contacts.markUsedOtr(tx, conversation);
      store.contacts.saveBlocked(tx, conversation, true);
      store.contacts.replaceRoster(tx, account, [
        rosterItem('bob@example.org', 'Bob'),
        rosterItem('carol@example.org'),
      ]);
      store.contacts.replaceRoster(tx, account, [rosterItem('carol@example.org', 'Carol')]);
    });
    expect(store.contacts.list(account)).toMatchObject([
      {
        id: conversation,
        inRoster: false,
        name: undefined,
        subscription: 'none',
        rules,
        usedOtr: true,
        blocked: true,
      },
      { name: 'Carol', inRoster: true, groups: ['Friends'], usedOtr: false },
    ]);
  });

  it('finds the same conversation for the same address, in or out of the roster', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const again = store.transaction((tx) => {
      store.contacts.saveRosterItem(tx, account, rosterItem('bob@example.org'));
      store.contacts.leaveRoster(tx, account, jid('bob@example.org'));
      return store.contacts.ensure(tx, account, jid('bob@example.org'));
    });
    expect(again).toBe(conversation);
    expect(store.contacts.byJid(account, jid('bob@example.org'))?.id).toBe(conversation);
  });
});

describe('TrustRepository', () => {
  const sighting = (account: Sighting['accountId'], more: Partial<Sighting> = {}): Sighting => ({
    accountId: account,
    peer: jid('bob@example.org'),
    fingerprint: bytes(56, 1),
    instanceTag: 0x100,
    label: undefined,
    at: 10,
    ...more,
  });

  it('ux:I-6 does not trust a key because it was seen', () => {
    const store = newStore();
    const { account } = newChat(store);
    store.transaction((tx) => {
      store.trust.see(tx, sighting(account));
    });
    expect(store.trust.ofPeer(account, jid('bob@example.org'))).toMatchObject([
      { verified: undefined, firstSeenAt: 10, lastSeenAt: 10 },
    ]);
  });

  it('verifies a key on every device that shows it, and no other key on the same device', () => {
    const store = newStore();
    const { account } = newChat(store);
    const verified = { at: 20, method: 'question' } as const;
    store.transaction((tx) => {
      store.trust.see(tx, sighting(account));
      store.trust.verify(tx, sighting(account), verified);
      store.trust.see(tx, sighting(account, { instanceTag: 0x200, label: 'Phone', at: 30 }));
      store.trust.see(tx, sighting(account, { fingerprint: bytes(56, 2), at: 40 }));
    });
    const rows = store.trust.ofPeer(account, jid('bob@example.org'));
    expect(rows.map((row) => [row.instanceTag, row.fingerprint[0], row.verified])).toStrictEqual([
      [0x100, 2, undefined],
      [0x200, 1, verified],
      [0x100, 1, verified],
    ]);
    const stranger = sighting(account, { peer: jid('mallory@example.org') });
    expect(store.trust.verification(sighting(account))).toStrictEqual(verified);
    expect(store.trust.verification(stranger)).toBeUndefined();
    store.transaction((tx) => {
      store.trust.withdraw(tx, sighting(account));
    });
    expect(store.trust.verification(sighting(account))).toBeUndefined();
  });

  it('ux:I-7 verifies and withdraws one key of a peer and leaves the others as they are', () => {
    const store = newStore();
    const { account } = newChat(store);
    const [one, two] = [1, 2].map((fill) => sighting(account, { fingerprint: bytes(56, fill) }));
    if (one === undefined || two === undefined) throw new Error('no sightings');
    const verified = { at: 20, method: 'code' } as const;
    store.transaction((tx) => {
      store.trust.see(tx, one);
      store.trust.see(tx, two);
      store.trust.verify(tx, one, verified);
    });
    expect([one, two].map((key) => store.trust.verification(key))).toStrictEqual([
      verified,
      undefined,
    ]);
    store.transaction((tx) => {
      store.trust.verify(tx, two, verified);
      store.trust.withdraw(tx, one);
    });
    expect([one, two].map((key) => store.trust.verification(key))).toStrictEqual([
      undefined,
      verified,
    ]);
  });

  it('seeing a verified key again neither loses nor renews its verification', () => {
    const store = newStore();
    const { account } = newChat(store);
    store.transaction((tx) => {
      store.trust.verify(tx, sighting(account), { at: 5, method: 'compare' });
    });
    fc.assert(
      fc.property(fc.nat(1000), (at) => {
        store.transaction((tx) => {
          store.trust.see(tx, sighting(account, { at }));
        });
        expect(store.trust.verification(sighting(account))).toStrictEqual({
          at: 5,
          method: 'compare',
        });
      }),
      { numRuns: 20 },
    );
    const [row] = store.trust.ofAccount(account);
    expect(row?.lastSeenAt).toBeGreaterThanOrEqual(row?.firstSeenAt ?? Infinity);
  });

  it.each([55, 57, 0])('refuses a fingerprint of %d bytes', (length) => {
    const store = newStore();
    const { account } = newChat(store);
    expect(() => {
      store.transaction((tx) => {
        store.trust.see(tx, sighting(account, { fingerprint: bytes(length, 1) }));
      });
    }).toThrow(/CHECK constraint/);
  });

  it('keeps a log of verifications that cannot be rewritten, only cleared as a whole', () => {
    const db = createDatabase(newLocation());
    onTestFinished(() => {
      db.close();
    });
    const store = createStore(db);
    const { account } = newChat(store);
    const entry = {
      accountId: account,
      peer: jid('bob@example.org'),
      fingerprint: Buffer.from(bytes(56, 1)),
      change: 'verified',
      method: 'code',
      at: 1,
    } as const;
    store.transaction((tx) => {
      store.trust.appendLog(tx, entry);
      store.trust.appendLog(tx, { ...entry, change: 'withdrawn', method: undefined, at: 2 });
    });
    expect(store.trust.log(account)).toEqual([
      { ...entry, id: 1 },
      { ...entry, id: 2, change: 'withdrawn', method: undefined, at: 2 },
    ]);
    expect(() => db.exec('UPDATE verification_log SET at = 9')).toThrow(/append-only/);
    store.transaction((tx) => {
      store.trust.clearLog(tx, account);
    });
    expect(store.trust.log(account)).toStrictEqual([]);
  });
});

describe('SettingsRepository', () => {
  it('gives back any JSON value under its name', () => {
    const store = newStore();
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (name, value) => {
          const clean = JSON.parse(JSON.stringify(value)) as object;
          store.transaction((tx) => {
            store.settings.save(tx, name, clean);
          });
          expect(store.settings.load(name)).toEqual(clean);
        },
      ),
      { numRuns: 50 },
    );
    expect(store.settings.load('never saved')).toBeUndefined();
  });
});
