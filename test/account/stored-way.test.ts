// SPDX-License-Identifier: GPL-3.0-or-later

import { expect, test } from 'vitest';
import { endpointOf, StoredWay } from '#main/account/server-config.ts';
import { newAccount, newStore } from '../store/fixture.ts';

const WAY = { way: 'wss://w.test/ws', foundAt: 7 };

function open() {
  const store = newStore();
  const notes: unknown[] = [];
  const note = (event: string): void => void notes.push(event);
  const id = store.transaction((tx) => store.accounts.add(tx, newAccount()));
  return { deps: { store, note }, id, notes };
}

test('what worked during the first sign-in is kept once there is a row', () => {
  const { deps, id } = open();
  const ways = new StoredWay(deps);
  ways.save(WAY);
  expect(ways.load()).toEqual(WAY);
  expect(deps.store.accounts.loadWay(id)).toBeUndefined();
  ways.moveInto(id);
  expect(deps.store.accounts.loadWay(id)).toEqual(WAY);
});

test('what worked later is kept at once, and there the next time', () => {
  const { deps, id } = open();
  new StoredWay(deps, id).save(WAY);
  expect(new StoredWay(deps, id).load()).toEqual(WAY);
});

test('a store that does not take it costs the shortcut, not the session', () => {
  const { deps, id, notes } = open();
  const ways = new StoredWay(deps, id);
  deps.store.close();
  ways.save(WAY);
  expect(notes).toEqual(['account-failed']);
});

test('a server is what the user has set, or what the domain says', () => {
  const url = 'wss://w.test/ws';
  expect(endpointOf(undefined)).toEqual({ tag: 'domain' });
  expect(endpointOf({ tls: 'websocket', url })).toEqual({ tag: 'websocket', url });
  expect(endpointOf({ tls: 'direct', host: 'h.test', port: 443 })).toMatchObject({
    tag: 'fixed',
    tls: 'direct',
  });
});
