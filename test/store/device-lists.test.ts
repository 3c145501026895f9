// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import type { NewDeviceList } from '../../src/main/store/rows.ts';
import { jid, newChat, newStore } from './fixture.ts';

const peer = jid('bob@example.org');
const DAY_MS = 86_400_000;
const START = 1_700_000_000_000;

function newList() {
  const store = newStore();
  const { account } = newChat(store);
  const replace = (
    devices: NewDeviceList['devices'],
    at: number,
    noted: NewDeviceList['noted'] = () => false,
  ): void => {
    store.transaction((tx) => {
      store.devices.replace(tx, { accountId: account, peer, devices, at, noted });
    });
  };
  return { store, account, replace, list: () => store.devices.ofPeer(account, peer) };
}

describe('DeviceListRepository', () => {
  it('xep:X-34 keeps the newest list in its order, and since when each device is known', () => {
    const { replace, list } = newList();
    replace([{ tag: 0x200, label: 'Phone' }], START);
    replace(
      [
        { tag: 0x300, label: undefined },
        { tag: 0x200, label: 'Mobile' },
      ],
      START + 5,
    );
    expect(list()).toEqual([
      {
        tag: 0x300,
        label: undefined,
        firstSeenAt: START + 5,
        lastListedAt: START + 5,
        listed: true,
        noted: false,
      },
      {
        tag: 0x200,
        label: 'Mobile',
        firstSeenAt: START,
        lastListedAt: START + 5,
        listed: true,
        noted: false,
      },
    ]);
  });

  it('xep:S-08 remembers for 30 days what is no longer listed', () => {
    const { replace, list } = newList();
    replace([{ tag: 0x200, label: 'Phone' }], START);
    replace([], START + 30 * DAY_MS);
    expect(list()).toMatchObject([{ tag: 0x200, label: 'Phone', listed: false }]);
    replace([], START + 30 * DAY_MS + 1);
    expect(list()).toEqual([]);
  });

  it.each([
    [64, 64],
    [65, 64],
  ])('ux:A6 of %d devices that came and went, %d are remembered', (count, kept) => {
    const { replace, list } = newList();
    for (let index = 0; index < count; index += 1) {
      replace([{ tag: 0x100 + index, label: 'x' }], START + index);
    }
    replace([], START + count);
    expect(list()).toHaveLength(kept);
    expect(list()[0]?.tag).toBe(0x100 + count - 1);
  });

  it('knows which devices the user has been told of', () => {
    const { store, account, replace, list } = newList();
    const devices = [
      { tag: 0x200, label: 'Phone' },
      { tag: 0x300, label: 'Tablet' },
    ];
    replace(devices, START, (tag) => tag === 0x200);
    expect(list().map(({ noted }) => noted)).toEqual([true, false]);
    store.transaction((tx) => {
      store.devices.saveNoted(tx, { accountId: account, peer }, 0x300, true);
    });
    replace([], START + 1);
    replace(devices, START + 2);
    expect(list().map(({ noted }) => noted)).toEqual([true, true]);
  });

  it('goes with its account', () => {
    const { store, account, replace, list } = newList();
    replace([{ tag: 0x200, label: 'Phone' }], START);
    store.transaction((tx) => {
      store.accounts.remove(tx, account);
    });
    expect(list()).toEqual([]);
  });
});
