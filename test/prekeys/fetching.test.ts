// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { createLongTermKey } from '#otr';
import type { FetchedEnsembles } from '#main/prekeys/ports.ts';
import type { WantedDevices } from '#shared/model/prekeys.ts';
import { PrekeyStage, type Publisher } from '../support/prekey-stage.ts';

const MINUTE_MS = 60_000;
const stages: PrekeyStage[] = [];

afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
});

/** Bob has published on his domain; Alice is online on hers, which has no prekey server. */
async function twoDomains() {
  const stage = new PrekeyStage();
  stages.push(stage);
  const offered = stage.server('bobs.example');
  const bob = stage.party('bob@bobs.example');
  await bob.goOnline();
  await stage.pass(MINUTE_MS);
  const alice = stage.party('alice');
  await alice.goOnline();
  return { stage, offered, alice, bob };
}

async function fetchAs(
  stage: PrekeyStage,
  from: Publisher,
  of: Publisher,
  wanted: WantedDevices = 'latest',
) {
  const fetching = from.service.fetch(of.jid, wanted);
  await stage.settle();
  return fetching;
}

function found(fetched: FetchedEnsembles) {
  if (fetched.tag !== 'found') throw new Error(fetched.why);
  return fetched.ensembles;
}

describe('fetching what somebody published who is away', () => {
  it('xep:C-08 xep:C-09 xep:X-36 xep:X-38 xep:X-39 xep:X-40 asks a server of their domain for the bare address, and finds what they find again', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    // Not before somebody wants to write to who is away: xep X-36 is not followed, as C-07 says.
    await stage.pass(MINUTE_MS);
    expect(alice.sent).toEqual([]);
    const [ensemble] = found(await fetchAs(stage, alice, bob));
    expect(alice.searched.filter((domain) => domain === 'bobs.example')).toHaveLength(1);
    expect(alice.sent.map(({ to }) => to)).toEqual([offered.jid]);
    const id = ensemble?.prekeyMessage.id ?? -1;
    const own = bob.service.find(id);
    expect(own?.pair.ecdh.public).toEqual(ensemble?.prekeyMessage.ecdhPublic);
    expect(own?.pair.dh.public).toBe(ensemble?.prekeyMessage.dhPublic);
    expect(own?.published.map(({ prekeyProfile }) => prekeyProfile.raw)).toEqual([
      ensemble?.prekeyProfile.raw,
    ]);
  });

  it('pks:T-61 knows a prekey no longer once it was used, and those of others still', async () => {
    const { stage, alice, bob } = await twoDomains();
    const [ensemble] = found(await fetchAs(stage, alice, bob));
    const id = ensemble?.prekeyMessage.id ?? -1;
    expect(() => {
      bob.store.transaction((tx) => {
        bob.service.forget(tx, id);
        throw new Error('the step did not come to its end');
      });
    }).toThrow();
    expect(bob.service.find(id)).toBeDefined();
    bob.store.transaction((tx) => {
      bob.service.forget(tx, id);
    });
    bob.service.used();
    expect(bob.service.find(id)).toBeUndefined();
    expect(bob.service.find(12345)).toBeUndefined();
    expect(bob.store.prekeys.ids(bob.account).size).toBe(99);
    expect(bob.view().left).toBe(99);
  });

  it('uses up first what it was given and did not use, and asks nobody meanwhile', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    const first = found(await fetchAs(stage, alice, bob));
    // Whichever of the domain's servers it would be.
    for (const name of ['one', 'two', 'three']) stage.server('bobs.example', name);
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'too-soon' });
    stage.domains.set('bobs.example', [offered]);
    alice.service.giveBack(bob.jid, first);
    expect(found(await fetchAs(stage, alice, bob))).toEqual(first);
    expect(alice.sent).toHaveLength(1);
    await stage.pass(2 * MINUTE_MS);
    const [second] = found(await fetchAs(stage, alice, bob));
    expect(second?.prekeyMessage.id).not.toBe(first[0]?.prekeyMessage.id);
  });

  it('asks for one device although it was given keys of another before, and keeps those', async () => {
    const { stage, alice, bob } = await twoDomains();
    const first = found(await fetchAs(stage, alice, bob));
    const tag = first[0]?.ownerTag ?? 0;
    alice.service.giveBack(bob.jid, first);
    await stage.pass(2 * MINUTE_MS);
    const [second] = found(await fetchAs(stage, alice, bob, [tag + 1]));
    expect(second?.prekeyMessage.id).not.toBe(first[0]?.prekeyMessage.id);
    expect(found(await fetchAs(stage, alice, bob, [tag]))).toEqual(first);
    expect(alice.sent).toHaveLength(2);
  });

  it('sec:F-PK-7 pks:T-60 xep:X-40 says that there are none, whatever the server writes about it', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    offered.server.shelves.devices[0]?.messages.splice(0);
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'no-prekeys' });
    // Asked again at once, nobody is asked, and nothing else is said.
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'no-prekeys' });
    expect(alice.sent).toHaveLength(1);
  });

  it('tells a domain without such a server from one that does not answer', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    const carol = stage.party('carol@nowhere.example');
    expect(await fetchAs(stage, alice, carol)).toEqual({ tag: 'none', why: 'unreachable' });
    stage.domains.set('nowhere.example', []);
    expect(await fetchAs(stage, alice, carol)).toEqual({ tag: 'none', why: 'no-server' });
    offered.fate = () => 'bounces';
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'unreachable' });
    await alice.goOffline();
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'unreachable' });
  });

  it('gives up after a minute without an answer', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    offered.fate = () => 'vanishes';
    const fetching = alice.service.fetch(bob.jid, 'latest');
    await stage.settle();
    await stage.pass(61_000);
    expect(await fetching).toEqual({ tag: 'none', why: 'unreachable' });
  });

  it('pks:T-51 sec:F-PK-12 takes nothing from a server whose fingerprint changed, before the user says so', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    found(await fetchAs(stage, alice, bob));
    await stage.pass(2 * MINUTE_MS);
    const other = stage.server('other.example', 'prekey', {
      longTermKey: createLongTermKey(stage.env),
    });
    offered.fingerprint = other.fingerprint;
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'server-key-changed' });
    expect(alice.sent).toHaveLength(1);
    expect(alice.view().changed).toMatchObject([{ jid: offered.jid, domain: 'bobs.example' }]);
    alice.service.acceptServerKey(offered.jid);
    expect(found(await fetchAs(stage, alice, bob))).toHaveLength(1);
  });

  it('pks:T-58 ignores ensembles that nobody asked for', async () => {
    const { stage, offered, alice, bob } = await twoDomains();
    const carol = stage.party('carol');
    await carol.goOnline();
    const answers: string[] = [];
    offered.answers = (bodies) => {
      answers.push(...bodies);
      return bodies;
    };
    found(await fetchAs(stage, carol, bob));
    for (const body of answers) await stage.say(alice, offered.jid, body);
    expect(alice.failures).toEqual([]);
    expect(alice.sent).toEqual([]);
  });
});

describe('interactive-only mode', () => {
  it('mode:I-02 mode:I-03 mode:I-05 mode:I-07 mode:I-08 asks nobody, makes nothing and says nothing', async () => {
    const stage = new PrekeyStage();
    stages.push(stage);
    stage.server('example.org');
    const alice = stage.party('alice', { mode: 'interactive-only' });
    const bob = stage.party('bob');
    await alice.goOnline();
    alice.service.keysChanged();
    alice.service.repair();
    await stage.pass(3 * 86_400_000);
    expect(await fetchAs(stage, alice, bob)).toEqual({ tag: 'none', why: 'not-allowed' });
    expect(alice.searched).toEqual([]);
    expect(alice.sent).toEqual([]);
    expect(stage.pairsMade).toBe(0);
    expect(alice.store.prekeys.publications(alice.account)).toEqual([]);
    expect(alice.service.view()).toEqual({ tag: 'not-used', publishedUntil: undefined });
  });

  it('mode:I-12 erases every secret when it is chosen, and says until when others may be given the keys', async () => {
    const stage = new PrekeyStage();
    stages.push(stage);
    const { server } = stage.server('example.org');
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(MINUTE_MS);
    const { publishedUntil } = alice.view();
    const [message] = server.shelves.devices[0]?.messages ?? [];
    alice.mode = 'interactive-only';
    alice.service.modeChanged();
    await stage.settle();
    expect(alice.store.prekeys.ids(alice.account).size).toBe(0);
    expect(alice.store.prekeys.publications(alice.account)).toEqual([]);
    expect(alice.service.find(message?.id ?? -1)).toBeUndefined();
    expect(alice.service.view()).toEqual({ tag: 'not-used', publishedUntil });
    const said = alice.sent.length;
    await stage.pass(2 * 86_400_000);
    expect(alice.sent).toHaveLength(said);

    // And back: what the server still has is of no use, so there is more.
    alice.mode = 'compatible';
    alice.service.modeChanged();
    await stage.pass(2 * MINUTE_MS);
    expect(alice.store.prekeys.ids(alice.account).size).toBe(100);
    expect(server.shelves.devices[0]?.messages).toHaveLength(200);
  });
});
