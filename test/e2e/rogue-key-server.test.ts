// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chip, closePanel, endOffTheRecord, write } from '../../tools/driver/chat.ts';
import { addContact, openChat } from '../../tools/driver/contacts.ts';
import { DEMO_COMPONENT } from '../../tools/prekey-server/prekey-server.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { AWAY, seesOffline } from './support/away.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { House } from './support/house.ts';
import { passTime } from './support/main.ts';
import { BOB, CHIP, invite, Person, seesOnline } from './support/pair.ts';
import { ensembleOf, RogueKeyServer, stranger } from './support/rogue-key-server.ts';
import { RoguePeer } from './support/rogue-peer.ts';
import { card, expectServerNeverSaw, line, row, setRule } from './support/room.ts';
import { compareCodes } from './support/verification.ts';

const MINUTE_MS = 60_000;
const ON_THE_RECORD = 'The lamp is in the north window.';
const SECRETS = {
  held: 'Nobody but you may put it out.',
  late: 'It has been put out by a stranger.',
} as const;
const HELD = 'Held: will be encrypted before sending';
const mallory = stranger();

let house: House;
let prosody: Prosody;
let keyServer: RogueKeyServer;
let alice: Person;
let bob: RoguePeer;

tellScreensOnFailure(() => [alice.page]);

/** How often somebody began with keys that were fetched. */
const timesBegun = async (): Promise<number> =>
  (await prosody.readWire()).split(AWAY.firstBody).length - 1;

/** What she hears of what the key server hands out, asked once more: nobody is asked twice in a minute. */
async function tryAgain(words: RegExp): Promise<void> {
  await passTime(alice, MINUTE_MS);
  await card(alice.page, words).getByRole('button', { name: 'Try again' }).click();
}

describe('a key server that cannot be trusted', () => {
  beforeAll(async () => {
    house = new House();
    prosody = await house.server('server', { component: DEMO_COMPONENT });
    keyServer = await RogueKeyServer.join(prosody);
    alice = new Person('alice', house, prosody);
    bob = await RoguePeer.online(prosody, 'bob', alice.jid);
    await alice.arrive();
    const { page } = alice;
    await addContact(page, bob.party.jid, BOB);
    await openChat(page, BOB);
    await seesOnline(page);
    await write(page, ON_THE_RECORD);
    await bob.party.see('message', ({ body }) => body === ON_THE_RECORD);
    await invite(page);
    await chip(page, CHIP.unverified).waitFor();
    await compareCodes(page, BOB, 'They match');
    await chip(page, CHIP.verified).waitFor();
    await setRule(page, 'Off the record', 'Whenever possible');
    await closePanel(page);
    await endOffTheRecord(page);
    await bob.leave();
    await seesOffline(page);
  });
  afterAll(async () => {
    keyServer[Symbol.dispose]();
    await house[Symbol.asyncDispose]();
  });

  it('ux:A7 ux:S6 hands out the keys of somebody else: nothing begins, and the text is held', async () => {
    const { page } = alice;
    keyServer.handsOut = ensembleOf(mallory);
    await write(page, SECRETS.held);
    await chip(page, AWAY.waiting).waitFor();
    await card(page, /^Bob’s device has no spare keys on the server\./).waitFor();
    await row(page, SECRETS.held).getByText(HELD).waitFor();
    expect(keyServer.asked).toEqual([bob.party.jid]);
    expect(await timesBegun()).toBe(0);
  });

  it('ux:A7 ux:S6 hands out what has expired: nothing begins, and the text is held', async () => {
    const { page } = alice;
    keyServer.handsOut = ensembleOf(bob.device, Date.now() - MINUTE_MS);
    await tryAgain(/^Bob’s device has no spare keys on the server\./);
    await card(
      page,
      'Bob’s key information has expired or is not right. ' +
        'It is renewed when Bob’s device comes online; your text stays here until then.',
    ).waitFor();
    await chip(page, AWAY.waiting).waitFor();
    await row(page, SECRETS.held).getByText(HELD).waitFor();
    expect(keyServer.asked).toHaveLength(2);
    expect(await timesBegun()).toBe(0);
  });

  it('ux:S5 ux:A7 hands out what is right: with that, and with nothing before, it begins', async () => {
    const { page } = alice;
    keyServer.handsOut = ensembleOf(bob.device);
    await tryAgain(/^Bob’s key information has expired or is not right\./);
    await chip(page, AWAY.verified).waitFor();
    await row(page, SECRETS.held).getByText('Sent', { exact: true }).waitFor({ state: 'attached' });
    expect(await timesBegun()).toBe(1);
    await expectServerNeverSaw(prosody, [SECRETS.held], ON_THE_RECORD);
  });

  it('ux:A7 ux:S10 hands out a stranger’s keys under the name of a known device: it stops, and says so', async () => {
    const { page } = alice;
    await endOffTheRecord(page);
    keyServer.handsOut = ensembleOf(stranger(bob.device.ownerTag));
    await passTime(alice, MINUTE_MS);
    await write(page, SECRETS.late);
    await chip(page, 'Security code changed').waitFor();
    await line(
      page,
      /The security code of Bob’s .* changed\. Off the record is stopped\./,
    ).waitFor();
    await row(page, SECRETS.late).getByText('Held: not sent').waitFor();
    expect(keyServer.asked).toHaveLength(4);
    expect(await timesBegun()).toBe(1);
    await expectServerNeverSaw(prosody, Object.values(SECRETS), ON_THE_RECORD);
  });
});
