// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchLeaks } from '../../tools/demo/leak-search.ts';
import {
  bubble,
  chip,
  closePanel,
  composer,
  endOffTheRecord,
  startOffTheRecord,
  startSheet,
  write,
} from '../../tools/driver/chat.ts';
import { lookAtHealth } from '../../tools/driver/health.ts';
import { DEMO_COMPONENT } from '../../tools/prekey-server/prekey-server.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { AWAY, comeBack, publishKeys, seesOffline, verifyEachOther } from './support/away.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { House } from './support/house.ts';
import { askedAtQuit, passTime } from './support/main.ts';
import { ALICE, BOB, CHIP, meet, type Person } from './support/pair.ts';
import { card, expectServerNeverSaw, line, messages, row } from './support/room.ts';
import { eventually } from './support/screen.ts';

const MINUTE_MS = 60_000;
const ON_THE_RECORD = 'The ferry leaves at nine.';
const SECRETS = {
  lost: 'The captain is not who he says he is.',
  held: 'Do not take the nine o’clock ferry.',
  kept: 'The ledgers are in the second lifeboat.',
  answer: 'Then I will be there before he is.',
  first: 'The harbour master has been told.',
  second: 'He will look the other way until ten.',
  third: 'Burn this.',
} as const;

let house: House;
let alice: Person;
let bob: Person;
let keyServer: string;

tellScreensOnFailure(() => [alice, bob].flatMap((each) => (each.isOpen ? [each.page] : [])));

const placeholder = (page: Page) => composer(page).getAttribute('placeholder');

/** As it is on the screen of whoever was away: once, with its mark, and when it was written. */
async function expectReadLater(page: Page, text: string, mark: string): Promise<void> {
  await bubble(page, text).waitFor();
  expect(await bubble(page, text).count()).toBe(1);
  await row(page, text).getByRole('img', { name: mark, exact: true }).waitFor();
  await row(page, text)
    .getByText(/^written \d\d:\d\d$/)
    .waitFor();
}

const expectDelivered = (page: Page, text: string): Promise<void> =>
  row(page, text).getByText('Delivered', { exact: true }).waitFor();

describe('a verified contact who is away, at Prosody', () => {
  let prosody: Prosody;

  beforeAll(async () => {
    house = new House();
    prosody = await house.server('server', { component: DEMO_COMPONENT });
    ({ alice, bob } = await meet(house, prosody));
    await write(alice.page, ON_THE_RECORD);
    await bubble(bob.page, ON_THE_RECORD).waitFor();
    await verifyEachOther({ alice, bob });
    await bob.quit();
    // Only now there is somebody to leave keys with: Bob has none there.
    keyServer = await house.keyServer(prosody);
    await seesOffline(alice.page);
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('ux:15 ux:S6 and has no keys left: the text is held, and whoever quits is told', async () => {
    const { page } = alice;
    await write(page, SECRETS.lost);
    await chip(page, AWAY.waiting).waitFor();
    const words =
      'Bob’s device has no spare keys on the server. ' +
      'Your text stays here and is sent, encrypted, when the device is online.';
    const waiting = card(page, words);
    await waiting.waitFor();
    await waiting.getByRole('button', { name: 'Discard' }).waitFor();
    expect(await waiting.getByRole('button', { name: /unencrypted/i }).count()).toBe(0);
    expect(await placeholder(page)).toBe('Held until Bob’s device is online');
    await row(page, SECRETS.lost).getByText('Held: will be encrypted before sending').waitFor();
    await waiting.getByRole('button', { name: 'Keep waiting' }).click();
    await waiting.waitFor({ state: 'detached' });
    await row(page, SECRETS.lost).getByText('Held: will be encrypted before sending').waitFor();
    expect(await askedAtQuit(alice)).toBe('1 held message was not sent, and will be removed.');
    await chip(page, AWAY.waiting).waitFor();
    await alice.quit();
  });

  it('ux:15 gets what waits as soon as he is back, without a click', async () => {
    await comeBack(alice, BOB);
    expect(await bubble(alice.page, SECRETS.lost).count()).toBe(0);
    await write(alice.page, SECRETS.held);
    await chip(alice.page, AWAY.waiting).waitFor();
    expect(await prosody.readWire()).not.toContain(AWAY.firstBody);
    await comeBack(bob, ALICE);
    await bubble(bob.page, SECRETS.held).waitFor();
    await expectDelivered(alice.page, SECRETS.held);
    await Promise.all([alice, bob].map(({ page }) => chip(page, CHIP.verified).waitFor()));
    await row(bob.page, SECRETS.held)
      .getByRole('img', { name: 'Off the record, verified' })
      .waitFor();
    await expectServerNeverSaw(prosody, [SECRETS.held, SECRETS.lost], ON_THE_RECORD);
  });

  it('ux:14 ux:S5 and left keys: what is written waits on his server, and he reads it when he is back', async () => {
    const { page } = alice;
    await publishKeys(bob.page);
    await endOffTheRecord(page);
    await bob.quit();
    await seesOffline(page);
    // Nobody is asked about twice in a minute.
    await passTime(alice, MINUTE_MS);
    await write(page, SECRETS.kept);
    await chip(page, AWAY.verified).waitFor();
    await line(
      page,
      /Off the record began with the keys that Bob’s .* left on its server\. Verified\./,
    ).waitFor();
    await line(
      page,
      'Starting while Bob is offline gives you a little less deniability than a live start. ' +
        'Encryption is the same.',
    ).waitFor();
    expect(await placeholder(page)).toBe('Will be readable when Bob’s device is back');
    const shown = (await messages(page).textContent()) ?? '';
    expect(shown.indexOf(SECRETS.kept)).toBeGreaterThan(shown.indexOf('Off the record from'));
    const sent = row(page, SECRETS.kept);
    await sent.getByRole('img', { name: 'Off the record, verified' }).waitFor();
    await sent.getByText('Sent', { exact: true }).waitFor({ state: 'attached' });
    expect(await prosody.readWire()).toContain(AWAY.firstBody);

    await comeBack(bob, ALICE);
    await expectReadLater(bob.page, SECRETS.kept, 'Off the record, verified');
    await expectDelivered(page, SECRETS.kept);
    await write(bob.page, SECRETS.answer);
    await bubble(page, SECRETS.answer).waitFor();
    await Promise.all([page, bob.page].map((each) => chip(each, CHIP.verified).waitFor()));
    await line(page, /Continued live, with new keys/).waitFor();
    await expectServerNeverSaw(prosody, Object.values(SECRETS), ON_THE_RECORD);
    expect(searchLeaks([keyServer], [ON_THE_RECORD, ...Object.values(SECRETS)])).toEqual([]);
  });
});

describe('somebody who is away and was never off the record, at ejabberd', () => {
  let server: string;

  beforeAll(async () => {
    house = new House();
    const ejabberd = await house.ejabberd();
    server = ejabberd.folder;
    keyServer = await house.keyServer(ejabberd);
    ({ alice, bob } = await meet(house, ejabberd));
    await write(alice.page, ON_THE_RECORD);
    await bubble(bob.page, ON_THE_RECORD).waitFor();
    await publishKeys(bob.page);
    await bob.quit();
    await seesOffline(alice.page);
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('ux:14 ux:S5 is written to with the keys he left, and reads it when he is back', async () => {
    const { page } = alice;
    await startOffTheRecord(page);
    await startSheet(page).getByRole('button', { name: 'Start', exact: true }).click();
    await chip(page, AWAY.unverified).waitFor();
    await closePanel(page);
    await write(page, SECRETS.first);
    await bubble(page, SECRETS.first).waitFor();
    await write(page, SECRETS.second);
    await bubble(page, SECRETS.second).waitFor();
    await comeBack(bob, ALICE);
    await expectReadLater(bob.page, SECRETS.first, 'Off the record, not verified');
    await expectReadLater(bob.page, SECRETS.second, 'Off the record, not verified');
    await expectDelivered(page, SECRETS.first);
    await expectDelivered(page, SECRETS.second);
    await eventually(() => searchLeaks([server], [ON_THE_RECORD]).length).toBeGreaterThan(0);
    expect(searchLeaks([server, keyServer], Object.values(SECRETS))).toEqual([]);
  });

  it('ux:A10 sec:F-PROC-1 reads nothing twice and uses no key twice when he is killed right after', async () => {
    const { page } = alice;
    await bob.kill();
    await comeBack(bob, ALICE);
    await chip(bob.page, CHIP.unverified).waitFor();
    await write(page, SECRETS.third);
    await bubble(bob.page, SECRETS.third).waitFor();
    await write(bob.page, SECRETS.answer);
    await bubble(page, SECRETS.answer).waitFor();
    expect(await bubble(bob.page, SECRETS.third).count()).toBe(1);
    for (const text of [SECRETS.first, SECRETS.second]) {
      expect(await bubble(bob.page, text).count()).toBe(0);
    }
    expect(await bob.page.getByText(/could not be read|damaged/).count()).toBe(0);
    const health = await lookAtHealth(bob.page);
    await health.getByText('99 of 100').waitFor();
    expect(searchLeaks([server, keyServer], Object.values(SECRETS))).toEqual([]);
  });
});
