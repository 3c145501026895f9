// SPDX-License-Identifier: GPL-3.0-or-later
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { beforeEach, describe, expect, it } from 'vitest';

import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { decodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import { toQueriedIdentity } from '#otr/prekey/server/jid.ts';
import {
  decidePublication,
  isCompleteShelf,
  rememberConsumedUntil,
} from '#otr/prekey/server/shelf-rules.ts';
import type { StoredShelf } from '#otr/prekey/server/shelf-rules.ts';
import type { PublishCommand, StoredMessage } from '#otr/prekey/server/state.ts';
import { publisherContext } from '../../support/prekey-parties.ts';
import { PrekeyClock, TestServer, typesOf } from '../../support/prekey-world.ts';

const HOUR_MS = 3_600_000;
const publicKey = publisherContext().own.longTermKey.public;
const otherKey = publisherContext({ key: 'pks/renewed' }).own.longTermKey.public;
const identity = 'bob@z.example';
const bytes = (text: string): Uint8Array => utf8ToBytes(text);

let clock: PrekeyClock;
let server: TestServer;

beforeEach(() => {
  clock = new PrekeyClock();
  server = new TestServer(clock);
});

const messages = (...ids: readonly number[]): readonly StoredMessage[] =>
  ids.map((id) => ({ id, raw: bytes(`message ${id}`) }));

/** What a verified publication asks for; both profiles in force for an hour unless it says otherwise. */
function command(
  change: Partial<PublishCommand> & { tag?: 'publish'; device?: number } = {},
): PublishCommand {
  const { device = 0x101, ...rest } = change;
  const expiresAt = clock.wallMs + HOUR_MS;
  return {
    tag: 'publish',
    shelf: { identity, ownerTag: validateInstanceTag(device, 'tag'), publicKey },
    prekeyMessages: [],
    clientProfile: { raw: bytes(`client profile of ${device}`), expiresAt },
    prekeyProfile: { raw: bytes(`prekey profile of ${device}`), expiresAt },
    ...rest,
  };
}

const publish = (change: Parameters<typeof command>[0]) =>
  server.shelves.publish(command(change), clock.wallMs);
const count = (device = 0x101, key = publicKey) =>
  server.shelves.count({
    tag: 'count',
    shelf: { identity, ownerTag: validateInstanceTag(device, 'tag'), publicKey: key },
  });

/** Asks as a stranger does. @returns what the server sent back */
function ask(
  who = identity,
  { versions = bytes('4'), from = 'alice@a.example/desk', tag = 0x300 } = {},
): readonly string[] {
  const senderTag = validateInstanceTag(tag, 'tag');
  const query = encodeEnsembleQuery({ senderTag, identity: bytes(who), versions });
  return server.receive(from, formatPrekeyArmor(query));
}

/** The ids that `ask` was given, read from bytes that are no real messages. */
function taken(): readonly string[] {
  return server.shelves
    .take({ tag: 'take', identity, ownerTag: undefined }, clock.wallMs)
    .map(({ prekeyMessage }) => new TextDecoder().decode(prekeyMessage));
}

describe('what a publication may change', () => {
  it('pks:T-27 a new long-term key comes with both profiles, and the old prekeys go', () => {
    publish({ prekeyMessages: messages(1, 2, 3) });
    const shelf = { ...command().shelf, publicKey: otherKey };
    const alone = { shelf, prekeyMessages: messages(7) };
    expect(publish({ ...alone, prekeyProfile: undefined })).toBe('refused');
    expect(publish({ ...alone, clientProfile: undefined })).toBe('refused');
    expect(count()).toBe(3);
    expect(publish(alone)).toBe('stored');
    expect(count()).toBe(0);
    expect(count(0x101, otherKey)).toBe(1);
    expect(taken()).toEqual(['message 7']);
  });

  it('pks:T-28 the same ids again change nothing, with other bytes they are refused', () => {
    publish({ prekeyMessages: messages(1, 2) });
    expect(publish({ prekeyMessages: messages(1, 2) })).toBe('stored');
    expect(count()).toBe(2);
    const other = [...messages(3), { id: 2, raw: bytes('something else') }];
    expect(publish({ prekeyMessages: other })).toBe('refused');
    expect(count()).toBe(2);
  });

  it('pks:T-29 an id that was handed out does not come back', () => {
    publish({ prekeyMessages: messages(1) });
    expect(taken()).toEqual(['message 1']);
    expect(publish({ prekeyMessages: messages(1, 2) })).toBe('refused');
    expect(count()).toBe(0);
    expect(rememberConsumedUntil(1000)).toBe(1000 + LIMITS.consumedPrekeyMarginMs);
  });

  it('pks:T-29 not even when the device was under another key in the meantime', () => {
    publish({ prekeyMessages: messages(1) });
    expect(taken()).toEqual(['message 1']);
    const shelf = { ...command().shelf, publicKey: otherKey };
    expect(publish({ shelf, prekeyMessages: messages(1) })).toBe('stored');
    expect(publish({ prekeyMessages: messages(1) })).toBe('refused');
    expect(publish({ prekeyMessages: messages(2) })).toBe('stored');
    expect(taken()).toEqual(['message 2']);
  });

  it('pks:T-30 the 256th prekey is refused, with all that came with it', () => {
    const ids = (from: number, n: number) => Array.from({ length: n }, (_, k) => from + k);
    expect(publish({ prekeyMessages: messages(...ids(0, 254)) })).toBe('stored');
    expect(publish({ prekeyMessages: messages(1000, 1001) })).toBe('refused');
    expect(count()).toBe(254);
    expect(publish({ prekeyMessages: messages(1000) })).toBe('stored');
    expect(publish({ prekeyMessages: messages(1001) })).toBe('refused');
    expect(publish({ prekeyMessages: messages(1000) })).toBe('stored');
    expect(count()).toBe(255);
  });

  it('a profile with the shorter life does not replace the longer one of the same key', () => {
    const longer = { raw: bytes('longer'), expiresAt: clock.wallMs + 2 * HOUR_MS };
    publish({ clientProfile: longer, prekeyProfile: longer });
    expect(publish({})).toBe('stored');
    expect(server.shelves.devices[0]?.clientProfile).toBe(longer);
    const longest = { raw: bytes('longest'), expiresAt: clock.wallMs + 3 * HOUR_MS };
    publish({ clientProfile: longest, prekeyProfile: undefined });
    expect(server.shelves.devices[0]?.clientProfile).toBe(longest);
    expect(server.shelves.devices[0]?.prekeyProfile).toBe(longer);
    const asLong = { ...longest, raw: bytes('as long, and made later') };
    publish({ clientProfile: asLong, prekeyProfile: undefined });
    expect(server.shelves.devices[0]?.clientProfile).toBe(asLong);
    const shelf = { ...command().shelf, publicKey: otherKey };
    expect(publish({ shelf })).toBe('stored');
    expect(server.shelves.devices[0]?.clientProfile?.expiresAt).toBe(clock.wallMs + HOUR_MS);
  });

  it('an account has 8 devices; a ninth takes the place of an expired one, or none', () => {
    for (let k = 0; k < LIMITS.prekeyDevices - 1; k += 1) publish({ device: 0x200 + k });
    const soon = { raw: bytes('soon'), expiresAt: clock.wallMs + 1 };
    expect(publish({ device: 0x300, clientProfile: soon, prekeyProfile: soon })).toBe('stored');
    expect(server.shelves.devices).toHaveLength(LIMITS.prekeyDevices);
    expect(publish({ device: 0x400 })).toBe('refused');
    clock.pass(1);
    expect(publish({ device: 0x400 })).toBe('stored');
    const tags = server.shelves.devices.map(({ ownerTag }) => ownerTag);
    expect(tags).toHaveLength(LIMITS.prekeyDevices);
    expect(tags).not.toContain(0x300);
    expect(tags).toContain(0x400);
  });

  it('of which one without a profile, that nobody can be led to, makes room first', () => {
    for (let k = 0; k < LIMITS.prekeyDevices - 1; k += 1) publish({ device: 0x200 + k });
    const bare = { clientProfile: undefined, prekeyProfile: undefined };
    publish({ device: 0x300, ...bare, prekeyMessages: messages(1) });
    expect(publish({ device: 0x400 })).toBe('stored');
    expect(server.shelves.devices.map(({ ownerTag }) => ownerTag)).not.toContain(0x300);
  });
});

describe('what is decided about a publication', () => {
  const profiles = { clientProfile: undefined, prekeyProfile: undefined };
  const accepted = { tag: 'accepted', clear: false, evict: undefined, ...profiles, insert: [] };
  const shelf: StoredShelf = {
    publicKey,
    clientProfileExpiresAt: undefined,
    prekeyProfileExpiresAt: undefined,
    count: 1,
    find: () => undefined,
  };
  const isConsumed = () => false;

  it('a device that is stored takes the place of no other, a new one only of one too many', () => {
    const others = Array.from({ length: LIMITS.prekeyDevices }, (_, k) => ({
      ownerTag: validateInstanceTag(0x200 + k, 'tag'),
      expiresAt: undefined,
    }));
    const decide = (stored: StoredShelf | undefined, known = others) =>
      decidePublication(command(profiles), stored, { others: known, isConsumed }, clock.wallMs);
    expect(decide(shelf)).toStrictEqual(accepted);
    expect(decide(undefined, others.slice(1))).toStrictEqual(accepted);
    expect(decide(undefined)).toStrictEqual({ ...accepted, evict: 0x200 });
  });

  it('pks:T-29 an id that was handed out is refused, whatever bytes come with it', () => {
    const asked = command({ prekeyMessages: messages(1) });
    const beside = { others: [], isConsumed: (id: number) => id === 1 };
    for (const stored of [shelf, { ...shelf, publicKey: otherKey }, undefined]) {
      expect(decidePublication(asked, stored, beside, clock.wallMs)).toEqual({
        tag: 'refused',
        why: 'id-taken',
      });
    }
  });
});

describe('what a query gets', () => {
  it('pks:T-31 one ensemble of each complete device, and each count goes down by one', () => {
    publish({ device: 0x201, prekeyMessages: messages(1, 2) });
    publish({ device: 0x202, prekeyMessages: messages(3, 4) });
    publish({ device: 0x203 });
    publish({ device: 0x204, prekeyMessages: messages(5), prekeyProfile: undefined });
    publish({ device: 0x205, prekeyMessages: messages(6), clientProfile: undefined });
    expect(taken()).toEqual(['message 1', 'message 3']);
    expect([0x201, 0x202, 0x203, 0x204, 0x205].map((device) => count(device))).toEqual([
      1, 1, 0, 1, 1,
    ]);
  });

  it('pks:T-32 ensembles for version 4, as a digit or as a byte, and nothing for any other', () => {
    const versions = ['', '9', '45', String.fromCharCode(4)].map(bytes);
    for (let k = 0; k < 4; k += 1) publish({ device: 0x201 + k, prekeyMessages: messages(k) });
    const types = versions.map((wanted, k) => {
      const [answer = ''] = ask(identity, { versions: wanted, from: `asker${k}@a.example/x` });
      return parsePrekeyArmor(answer)[2];
    });
    expect(types).toEqual([0x0e, 0x0e, 0x13, 0x0e]);
  });

  it('pks:T-33 a device whose profile has expired is left out', () => {
    const long = { raw: bytes('long'), expiresAt: clock.wallMs + 2 * HOUR_MS };
    publish({ device: 0x201, prekeyMessages: messages(1) });
    publish({ device: 0x202, prekeyMessages: messages(2), clientProfile: long });
    publish({
      device: 0x203,
      prekeyMessages: messages(3),
      clientProfile: long,
      prekeyProfile: long,
    });
    clock.pass(HOUR_MS);
    expect(taken()).toEqual(['message 3']);
    clock.pass(HOUR_MS);
    expect(typesOf(ask())).toEqual([0x0e]);
  });

  it('pks:T-34 nothing once the last prekey is taken, and the profiles stay', () => {
    publish({ prekeyMessages: messages(1) });
    expect(typesOf(ask())).toEqual([0x13]);
    expect(typesOf(ask())).toEqual([0x0e]);
    expect(server.shelves.devices[0]?.clientProfile).toBeDefined();
    expect(
      publish({ prekeyMessages: messages(2), clientProfile: undefined, prekeyProfile: undefined }),
    ).toBe('stored');
    expect(typesOf(ask())).toEqual([0x13]);
  });

  it('pks:T-45 only the device that is named, and the question is echoed as it was asked', () => {
    publish({ device: 0x7c91e4ce, prekeyMessages: messages(1) });
    publish({ device: 0x201, prekeyMessages: messages(2) });
    expect(typesOf(ask(`${identity}/7c91e4ce`))).toEqual([0x13]);
    expect([count(0x7c91e4ce), count(0x201)]).toEqual([0, 1]);
    const [none = ''] = ask(`${identity}/7C91E4CE`);
    const answer = decodeNoEnsembles(parsePrekeyArmor(none));
    expect(new TextDecoder().decode(answer.identity)).toBe(`${identity}/7C91E4CE`);
    expect(answer.receiverTag).toBe(0x300);
    expect(toQueriedIdentity(`${identity}/desk`).ownerTag).toBeUndefined();
    for (const other of [`${identity}/desk/7c91e4ce`, `${identity}/7c91e4ce0`, '/7c91e4ce']) {
      expect(toQueriedIdentity(other)).toEqual({ identity: other, ownerTag: undefined });
    }
    expect(server.receive('a@b/c', queryOf(`${identity}/000000ff`))).toEqual([]);
    expect(server.ignored).toEqual(['malformed']);
  });

  it('the fixed text when there is nothing, for people who read English', () => {
    const [none = ''] = ask('nobody@z.example');
    const { text } = decodeNoEnsembles(parsePrekeyArmor(none));
    expect(new TextDecoder().decode(text)).toBe('No Prekey Messages available for this identity');
  });

  it('pks:T-39 a stanza error while the store is down, and an answer afterwards', () => {
    server.storeIsDown = true;
    expect(ask()).toEqual([]);
    const to = 'alice@a.example/desk';
    expect(server.effects).toContainEqual({ tag: 'reject', to, why: 'resource-constraint' });
    server.storeIsDown = false;
    expect(typesOf(ask())).toEqual([0x0e]);
  });

  it('pks:T-40 five for one account in a minute, then a stanza error; others are not affected', () => {
    for (let n = 0; n < 5; n += 1) expect(ask()).toHaveLength(1);
    expect(ask()).toEqual([]);
    const to = 'alice@a.example/desk';
    expect(server.effects).toEqual([{ tag: 'reject', to, why: 'resource-constraint' }]);
    expect(ask(identity, { from: 'carol@a.example/desk' })).toHaveLength(1);
    expect(ask('dan@z.example')).toHaveLength(1);
    clock.pass(12_000);
    expect(ask()).toHaveLength(1);
    expect(ask()).toEqual([]);
  });

  it('pks:T-40 sec:T-P-RL-1 sixty about one account in an hour, from however many accounts', () => {
    const answered = (n: number) =>
      Array.from({ length: n }, (_, k) => ask(identity, { from: `a${k}@m${k}.example/x` }).length);
    expect(answered(70).filter((length) => length === 1)).toHaveLength(60);
    expect(ask('dan@z.example')).toHaveLength(1);
  });

  it('pks:T-43 from a foreign domain an answer, unless the operator says otherwise', () => {
    expect(ask()).toHaveLength(1);
    const closed = new TestServer(clock, { retrieverDomains: ['z.example'] });
    const body = queryOf(identity);
    expect(closed.receive('alice@a.example/desk', body)).toEqual([]);
    expect(closed.ignored).toEqual(['not-allowed']);
    expect(closed.receive('carol@z.example/desk', body)).toHaveLength(1);
  });
});

function queryOf(who: string): string {
  const senderTag = validateInstanceTag(0x300, 'tag');
  const query = { senderTag, identity: bytes(who), versions: bytes('4') };
  return formatPrekeyArmor(encodeEnsembleQuery(query));
}

describe('a complete shelf', () => {
  it('has a prekey message and two profiles that are in force', () => {
    const at = 1000;
    const shelf: StoredShelf = {
      publicKey,
      clientProfileExpiresAt: at + 1,
      prekeyProfileExpiresAt: at + 1,
      count: 1,
      find: () => undefined,
    };
    expect(isCompleteShelf(shelf, at)).toBe(true);
    const incomplete: readonly Partial<StoredShelf>[] = [
      { count: 0 },
      { clientProfileExpiresAt: at },
      { prekeyProfileExpiresAt: at },
      { clientProfileExpiresAt: undefined },
      { prekeyProfileExpiresAt: undefined },
    ];
    for (const change of incomplete)
      expect(isCompleteShelf({ ...shelf, ...change }, at)).toBe(false);
  });
});
