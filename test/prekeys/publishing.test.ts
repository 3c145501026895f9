// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { PrekeyStage } from '../support/prekey-stage.ts';

const MINUTE_MS = 60_000;
const stages: PrekeyStage[] = [];

function newStage(): PrekeyStage {
  const stage = new PrekeyStage();
  stages.push(stage);
  return stage;
}

afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
});

describe('publishing', () => {
  it('xep:X-14 puts both profiles and a hundred keys on the server of the own domain, soon after the login', async () => {
    const stage = newStage();
    const { server, jid } = stage.server('example.org');
    const alice = stage.party('alice');
    await alice.goOnline();
    expect(alice.searched).toEqual([]);
    await stage.pass(MINUTE_MS);
    expect(alice.failures).toEqual([]);
    expect(alice.searched).toEqual(['example.org']);
    const [device] = server.shelves.devices;
    expect(device?.messages).toHaveLength(100);
    expect(device?.clientProfile?.raw).toEqual(alice.identity?.profile.raw);
    expect(alice.view()).toMatchObject({ stage: 'published', left: 100, server: { jid } });
  });

  it('hands out to others what it finds again itself', async () => {
    const stage = newStage();
    stage.server('example.org');
    const [alice, bob] = [stage.party('alice'), stage.party('bob')];
    await bob.goOnline();
    await stage.pass(MINUTE_MS);
    await alice.goOnline();
    const fetching = alice.service.fetch(bob.jid);
    await stage.settle();
    const fetched = await fetching;
    if (fetched.tag !== 'found') throw new Error(fetched.why);
    const [ensemble] = fetched.ensembles;
    const id = ensemble?.prekeyMessage.id ?? -1;
    const found = bob.service.find(id);
    expect(found?.pair.ecdh.public).toEqual(ensemble?.prekeyMessage.ecdhPublic);
    expect(found?.published.map(({ prekeyProfile }) => prekeyProfile.raw)).toEqual([
      ensemble?.prekeyProfile.raw,
    ]);
    bob.store.transaction((tx) => {
      bob.service.forget(tx, id);
    });
    bob.service.used();
    expect(bob.service.find(id)).toBeUndefined();
    expect(bob.view().left).toBe(99);
    expect(bob.failures).toEqual([]);
  });
});
