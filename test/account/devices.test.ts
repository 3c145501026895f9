// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccountMode } from '#shared/model/account.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { LiveParty } from '../support/live-party.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { configure, Party } from '../xmpp/parties.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };
const until = (condition: () => void): Promise<void> => vi.waitFor(condition, PATIENCE);

let started: TestProsody;
let prosody: Prosody;
let round = 0;
const live: LiveParty[] = [];
const others: Party[] = [];

beforeAll(async () => {
  started = await startProsody({ record: true });
  ({ prosody } = started);
});
beforeEach(() => {
  round += 1;
});
afterEach(async () => {
  for (const each of live.splice(0)) await each[Symbol.asyncDispose]();
  for (const each of others.splice(0)) await each.client.disconnect();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

/** Alice's application, for the first time on this computer. */
async function signIn(
  createOnServer: boolean,
  deviceLabel: string,
  mode: AccountMode = 'compatible',
): Promise<LiveParty> {
  const alice = new LiveParty(prosody, `alice${String(round)}`);
  live.push(alice);
  await alice.add({ createOnServer, deviceLabel, mode });
  await until(() => {
    expect(alice.account.view()?.devices.standing).toBe('listed');
  });
  return alice;
}

/** Another program of hers, which writes the list as the test says. */
async function otherProgram(): Promise<Party> {
  const party = new Party(configure(prosody, `alice${String(round)}@localhost`));
  others.push(party);
  return party.online();
}

const listed = async (party: Party) => {
  const answer = await party.client.fetchDevices(party.jid);
  return answer.tag === 'list' ? answer.devices.map(({ label }) => label) : answer.tag;
};
const labels = (party: LiveParty) =>
  party.account.view()?.devices.others.map(({ name: { label }, isNew }) => [label, isNew]);

describe('the devices of an account on a real server', () => {
  it('xep:T-63 xep:X-05 xep:X-13 lists this device under the label the user chose, and nothing else', async () => {
    const alice = await signIn(true, 'Desktop');
    const program = await otherProgram();
    expect(await listed(program)).toEqual(['Desktop']);
    alice.account.setDeviceLabel('Work');
    await until(() => {
      expect(program.all('device-list').at(-1)?.devices).toMatchObject([{ label: 'Work' }]);
    });
  });

  it('xep:X-06 mode:I-14 mode:I-08 lists a device that talks only live, and publishes nothing else of its keys', async () => {
    const alice = await signIn(true, 'Desktop', 'interactive-only');
    const program = await otherProgram();
    expect(await listed(program)).toEqual(['Desktop']);
    await alice.account.disconnect();
    const wire = await prosody.readWire();
    const said = wire
      .split('\n')
      .filter((entry) => entry.includes(`client='${alice.address}/`))
      .filter((entry) => entry.includes("direction='from-client'"))
      .join('\n');
    expect(said).toContain("node='urn:xmpp:otr:1:devices'");
    expect(new Set(said.match(/<publish node='[^']*'/g))).toEqual(
      new Set(["<publish node='urn:xmpp:otr:1:devices'"]),
    );
    expect(said).not.toMatch(/<query xmlns='[^']*disco#items'/);
    expect(said).not.toMatch(/<message|otrv4-prekey-server|<body>AAQ/);
  });

  it('xep:T-65 xep:X-09 xep:X-10 puts itself back when another program takes it off', async () => {
    const alice = await signIn(true, 'Desktop');
    const program = await otherProgram();
    await program.client.publishDevices([{ tag: 0x4444, label: 'Other' }]);
    await until(() => {
      expect(
        program
          .all('device-list')
          .at(-1)
          ?.devices.map(({ label }) => label),
      ).toEqual(['Desktop', 'Other']);
    });
    await until(() => {
      expect(alice.account.view()?.devices.standing).toBe('listed');
    });
  });

  it('ux:A6 asks about a device that came later, not about one that was there', async () => {
    const desktop = await signIn(true, 'Desktop');
    const laptop = await signIn(false, 'Laptop');
    await until(() => {
      expect(labels(desktop)).toEqual([['Laptop', true]]);
    });
    expect(labels(laptop)).toEqual([['Desktop', false]]);

    const tag = desktop.account.view()?.devices.others[0]?.name.instanceTag ?? '';
    desktop.account.devices().keep(tag);
    expect(labels(desktop)).toEqual([['Laptop', false]]);

    const program = await otherProgram();
    await program.client.publishDevices([{ tag: 0x4444, label: 'Strange' }]);
    await until(() => {
      expect(labels(desktop)).toContainEqual(['Strange', true]);
    });
    desktop.account.devices().remove('00004444');
    await until(() => {
      expect(labels(desktop)).not.toContainEqual(['Strange', true]);
    });
    await vi.waitFor(async () => {
      expect((await listed(program)).toString().split(',').toSorted()).toEqual([
        'Desktop',
        'Laptop',
      ]);
    }, PATIENCE);
  });
});
