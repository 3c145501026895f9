// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bubble,
  chip,
  closePanel,
  endOffTheRecord,
  invitation,
  startOffTheRecord,
  startSheet,
  write,
} from '../../tools/driver/chat.ts';
import { acceptRequest, addContact, openChat } from '../../tools/driver/contacts.ts';
import type { RunningApp } from '../../tools/driver/launch.ts';
import {
  fillAddress,
  finishKeys,
  submitAddress,
  waitUntilOnline,
} from '../../tools/driver/sign-in.ts';
import {
  answerQuestion,
  openWay,
  prepareQuestion,
  questionCard,
  sendQuestion,
  verifyDialog,
} from '../../tools/driver/verify.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { House } from './support/house.ts';
import { inspect, listenToComplaints } from './support/page-checks.ts';
import { acceptInvitation, ALICE, BOB, CHIP, Person } from './support/pair.ts';
import { card, choosePanelMenu, row } from './support/room.ts';
import { compareDialog } from './support/verification.ts';

const SECTIONS = [
  'Account',
  'This device',
  'Off the record',
  'Messages',
  'Notifications',
  'Appearance',
  'Locking and storage',
  'About',
] as const;

let house: House;
let alice: Person;
let bob: Person;
let complaints: readonly string[];

tellScreensOnFailure(() => [alice.page, bob.page]);

beforeAll(async () => {
  house = new House();
  const prosody = await house.server();
  alice = new Person('alice', house, prosody);
  bob = new Person('bob', house, prosody);
  await Promise.all([alice.start(), bob.start()]);
  await alice.page.getByLabel('Address', { exact: true }).waitFor();
  complaints = await listenToComplaints(alice.page);
});

afterAll(() => house[Symbol.asyncDispose]());

describe('each screen of the application, by day, by night and at 360 px', () => {
  it('ux:22 ux:23 the first ones', async () => {
    const { page } = alice;
    await inspect(page, 'sign in');
    await fillAddress(page, alice.credentials);
    await inspect(page, 'create an account, with server settings');
    await submitAddress(page, alice.credentials);
    await page.getByRole('button', { name: 'Finish' }).waitFor();
    await inspect(page, 'keys');
    await finishKeys(page);
    await waitUntilOnline(page);
    await inspect(page, 'no contacts');
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.getByRole('dialog', { name: 'Add a contact' }).waitFor();
    await inspect(page, 'add a contact');
    await page.keyboard.press('Escape');
  });

  it('ux:22 ux:23 a chat in clear, and the way out of it', async () => {
    await fillAddress(bob.page, bob.credentials);
    await submitAddress(bob.page, bob.credentials);
    await finishKeys(bob.page);
    await waitUntilOnline(bob.page);
    await addContact(alice.page, bob.jid, BOB);
    await bob.page.getByRole('region', { name: 'Requests' }).waitFor();
    await inspect(bob.page, 'a request');
    await acceptRequest(bob.page);
    await openChat(alice.page, BOB);
    await openChat(bob.page, ALICE);
    await write(bob.page, 'in clear');
    await bubble(alice.page, 'in clear').waitFor();
    await write(alice.page, 'a_very_long_word_'.repeat(12));
    await inspect(alice.page, 'plain chat');
    await startOffTheRecord(alice.page);
    await startSheet(alice.page).waitFor();
    await inspect(alice.page, 'start sheet');
    await startSheet(alice.page).getByRole('button', { name: 'Start', exact: true }).click();
    await chip(alice.page, CHIP.starting).waitFor();
    await write(alice.page, 'wait for me');
    await row(alice.page, 'wait for me').getByText('Held').waitFor();
    await inspect(alice.page, 'held, with the panel');
    await invitation(bob.page).waitFor();
    await inspect(bob.page, 'invitation');
    await acceptInvitation(bob.page);
    await chip(alice.page, CHIP.unverified).waitFor();
    await bubble(bob.page, 'wait for me').waitFor();
    await inspect(alice.page, 'off the record, with the panel');
  });

  it('ux:22 ux:23 verification', async () => {
    const { page } = alice;
    for (const way of [/We can talk now/, /We share a memory/, /We agreed on a secret/]) {
      await openWay(page, BOB, way);
      await inspect(page, String(way));
      await page.keyboard.press('Escape');
    }
    await openWay(page, BOB, /We are together/);
    await compareDialog(page).waitFor();
    await inspect(page, 'compare');
    await page.keyboard.press('Escape');
    const code = await openWay(page, BOB, /We can talk now/);
    await code.getByRole('button', { name: 'Show a code' }).click();
    await code.getByText(/^\d{3} \d{3}$/).waitFor();
    await inspect(page, 'six digits');
    await code.getByRole('button', { name: 'Cancel' }).click();
    const question = { name: BOB, question: 'Where did we meet?', answer: 'lisbon' };
    await sendQuestion(await prepareQuestion(page, question), BOB);
    await questionCard(bob.page).waitFor();
    await inspect(bob.page, 'a question');
    await questionCard(bob.page).getByRole('button', { name: 'Answer…' }).click();
    await bob.page.getByRole('dialog', { name: /^Answer / }).waitFor();
    await inspect(bob.page, 'answer');
    await bob.page.keyboard.press('Escape');
    await answerQuestion(bob.page, 'lisbon');
    await chip(page, CHIP.verified).waitFor();
    await inspect(page, 'verified, with the panel');
    await inspect(bob.page, 'one-sided result');
    await choosePanelMenu(page, 'Security details');
    await page.getByRole('dialog', { name: 'Security details' }).waitFor();
    await inspect(page, 'security details');
    await page.keyboard.press('Escape');
    await closePanel(page);
    await inspect(page, 'verified');
  });

  it('ux:22 ux:23 the end', async () => {
    await alice.page.keyboard.press('Control+Shift+E');
    await alice.page.getByRole('dialog', { name: 'End off the record with Bob?' }).waitFor();
    await inspect(alice.page, 'end');
    await alice.page.keyboard.press('Escape');
    await endOffTheRecord(bob.page);
    await chip(alice.page, CHIP.bobEnded).waitFor();
    await inspect(alice.page, 'ended');
    await inspect(bob.page, 'tombstone');
    await card(alice.page, /^Bob ended/)
      .getByRole('button', { name: 'Write unencrypted…' })
      .click();
    await alice.page.getByRole('alertdialog').waitFor();
    await inspect(alice.page, 'write unencrypted');
    await alice.page.keyboard.press('Escape');
  });

  it('ux:22 ux:23 settings and shortcuts', async () => {
    const { page } = alice;
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await inspect(page, 'shortcuts');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+,');
    for (const section of SECTIONS) {
      await page
        .getByRole('navigation', { name: 'Settings' })
        .getByRole('link', { name: section, exact: false })
        .first()
        .click();
      await page.getByRole('main').getByRole('heading', { name: section }).first().waitFor();
      await inspect(page, `settings: ${section}`);
    }
  });

  it('ux:22 ux:23 a passphrase, and the locked profile', async () => {
    const env = { ELECTRON_DOUBLE_SAFE_STORAGE: 'none', ELECTRON_DOUBLE_RELAUNCH: 'off' };
    const first: RunningApp = await house.launch('carol', env);
    await first.page.getByLabel('Passphrase', { exact: true }).waitFor();
    await inspect(first.page, 'a new passphrase');
    for (const label of ['Passphrase', 'The same passphrase again']) {
      await first.page.getByLabel(label, { exact: true }).fill('five words that fit badly');
    }
    await first.page.getByRole('button', { name: 'Seal with this passphrase' }).click();
    await first.page.getByLabel('Address', { exact: true }).waitFor();
    await house.quit(first);
    const second = await house.launch('carol', env);
    await second.page.getByRole('button', { name: 'Unlock' }).waitFor();
    await inspect(second.page, 'locked');
    await house.quit(second);
  });

  it('sec:CSP nothing on any of them was refused by the policy or went wrong', () => {
    expect(complaints).toEqual([]);
  });
});

describe('the window', () => {
  it('ux:4 has the size it had, after a restart', async () => {
    await alice.running.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setSize(913, 641);
    });
    await alice.quit();
    await alice.start();
    const size = await alice.running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getSize(),
    );
    expect(size).toEqual([913, 641]);
    await verifyDialog(alice.page, BOB).waitFor({ state: 'detached' });
  });
});
