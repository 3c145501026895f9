// SPDX-License-Identifier: GPL-3.0-or-later

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { encodeQR } from 'qr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, composer, endOffTheRecord, write } from '../../tools/driver/chat.ts';
import {
  answerQuestion,
  openWay,
  prepareQuestion,
  questionCard,
  sendQuestion,
} from '../../tools/driver/verify.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { ask, conversationId } from './support/main.ts';
import { ALICE, BOB, CHIP, goOffTheRecord, openPair, type Pair } from './support/pair.ts';
import { openInSystem } from './support/open-in-system.ts';
import { card, expectServerNeverSaw, line, openPanel, panel, progress } from './support/room.ts';
import {
  clickNotification,
  listenToNotifications,
  openNotifications,
  tracesOf,
} from './support/traces.ts';
import { House } from './support/house.ts';
import { choosePicture, compareDialog, openCompare, photograph } from './support/verification.ts';

const ON_THE_RECORD = 'good morning on the record';
const DIFFERENT =
  'The answers were different. A typing mistake is common: capitals and spaces count. If it happens again, someone may be pretending to be';

let pair: Pair;
const house = new House();
/** What Alice's camera sees. */
const view = join(house.folder, 'camera.mjpeg');

tellScreensOnFailure(() => [pair.alice.page, pair.bob.page]);

const device = (page: Page): Locator => panel(page).getByRole('listitem').first();

/** By the menu of the device, and its question. */
async function removeVerification(page: Page): Promise<void> {
  await openPanel(page);
  await device(page)
    .getByRole('button', { name: /^More for/ })
    .click();
  await page.getByRole('menuitem', { name: 'Remove verification…' }).click();
  const sheet = page.getByRole('alertdialog', { name: /^Remove the verification of/ });
  await sheet.getByRole('button', { name: 'Remove verification' }).click();
  await chip(page, CHIP.unverified).waitFor();
}

async function ownCode(page: Page): Promise<{ readonly code: string }> {
  const view = (await ask(page, 'account.view', {})) as {
    readonly keys: { readonly code: { readonly hex: string } };
  };
  return { code: view.keys.code.hex };
}

const bothAre = (state: string): Promise<unknown> =>
  Promise.all([pair.alice, pair.bob].map(({ page }) => chip(page, state).waitFor()));

describe('two people who verify each other', () => {
  beforeAll(async () => {
    pair = await openPair(house, { ELECTRON_DOUBLE_CAMERA: view });
    await write(pair.alice.page, ON_THE_RECORD);
    await bubble(pair.bob.page, ON_THE_RECORD).waitFor();
    await goOffTheRecord(pair);
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  it('ux:8 by a question: a wrong capital is told to both and changes nothing, the exact answer verifies one side', async () => {
    const { alice, bob } = pair;
    const question = { name: BOB, question: 'Where did we meet?', answer: 'Paris' };
    const asking = await prepareQuestion(alice.page, question);
    await asking.getByText(/must type exactly this: capitals and spaces count\./).waitFor();
    await sendQuestion(asking, BOB);
    await progress(alice.page)
      .getByText(/^Waiting for Bob to answer/)
      .waitFor();
    expect(await questionCard(bob.page).getByRole('blockquote').textContent()).toBe(
      'Where did we meet?',
    );
    await answerQuestion(bob.page, 'paris');
    await progress(alice.page).getByText(`${DIFFERENT} Bob.`).waitFor();
    await progress(bob.page).getByText(`${DIFFERENT} alice.`).waitFor();
    await bothAre(CHIP.unverified);

    await progress(alice.page).getByRole('button', { name: 'Try again' }).click();
    await alice.page.keyboard.press('Escape');
    await sendQuestion(await prepareQuestion(alice.page, question), BOB);
    await answerQuestion(bob.page, 'Paris');
    await chip(alice.page, CHIP.verified).waitFor();
    await progress(alice.page)
      .getByText('Bob’s answer matches. This device is now verified.')
      .waitFor();
    await progress(alice.page).getByText('Bob has not verified you yet.').waitFor();
    await panel(alice.page)
      .getByText(/that this device is Bob’s \(question\)\.$/)
      .waitFor();
    await progress(bob.page).getByText('Your answer matched. alice has verified you.').waitFor();
    await progress(bob.page).getByRole('button', { name: 'Ask alice a question' }).waitFor();
    await chip(bob.page, CHIP.unverified).waitFor();
  });

  it('ux:2.5.6 and from then on send to the verified device only', async () => {
    const { page } = pair.alice;
    await removeVerification(page);
    await card(page, 'Bob’s device is not verified.').waitFor();
    expect(await composer(page).getAttribute('readonly')).not.toBeNull();
    await line(page, 'You removed the verification of Bob’s').waitFor();
    expect(await panel(page).getByText('This device is now verified').count()).toBe(0);
  });

  it('ux:9 ux:S4 by six digits read aloud: both are verified', async () => {
    const { alice, bob, prosody } = pair;
    const dialog = await openWay(alice.page, BOB, /We can talk now/);
    await dialog.getByRole('button', { name: 'Show a code' }).click();
    await dialog.getByText(/^Read this code to Bob by phone or show it\./).waitFor();
    const shown = (await dialog.getByText(/^\d{3} \d{3}$/).textContent()) ?? '';
    const digits = shown.replace(' ', '');
    expect(digits).toMatch(/^\d{6}$/);
    await questionCard(bob.page)
      .getByRole('blockquote')
      .getByText('Type the 6-digit code I tell you')
      .waitFor();
    await answerQuestion(bob.page, digits);
    await dialog.getByText('The answers match. You and Bob have verified each other.').waitFor();
    await alice.page.keyboard.press('Escape');
    await bothAre(CHIP.verified);
    await expectServerNeverSaw(prosody, [shown], ON_THE_RECORD);
  });

  it('ux:2.5.11 by a secret they agreed on: both are verified', async () => {
    const { alice, bob } = pair;
    await removeVerification(alice.page);
    await removeVerification(bob.page);
    const dialog = await openWay(bob.page, ALICE, /We agreed on a secret/);
    await dialog.getByLabel('Secret', { exact: true }).fill('the third stair');
    await sendQuestion(dialog, ALICE);
    const asked = progress(alice.page);
    await asked.getByText('Bob wants to check that you both know the same secret.').waitFor();
    await asked.getByRole('button', { name: 'Answer…' }).click();
    const answer = alice.page.getByRole('dialog', { name: 'The secret you agreed on with Bob' });
    await answer.getByLabel('Your secret', { exact: true }).fill('the third stair');
    await answer.getByRole('button', { name: 'Answer', exact: true }).click();
    await bothAre(CHIP.verified);
    for (const [{ page }, name] of [
      [alice, BOB],
      [bob, ALICE],
    ] as const) {
      await progress(page)
        .getByText(`The answers match. You and ${name} have verified each other.`)
        .waitFor();
    }
  });

  it('ux:10 by the codes, which are the same on both screens, read by camera or from a picture; different ones stop the chat', async () => {
    const { alice, bob } = pair;
    await removeVerification(alice.page);
    const here = await openCompare(alice.page, BOB);
    const there = await openCompare(bob.page, ALICE);
    const codeOf = async (dialog: Locator, whose: string): Promise<string> => {
      const column = dialog.getByRole('region', { name: whose });
      const words = await column.getByRole('list').first().getByRole('listitem').allTextContents();
      expect(words).toHaveLength(12);
      return words.map((word) => word.trim()).join(' ');
    };
    expect(await codeOf(here, 'Bob’s device')).toBe(await codeOf(there, 'This device'));
    expect(await codeOf(there, 'alice’s device')).toBe(await codeOf(here, 'This device'));
    expect(await codeOf(here, 'This device')).not.toBe(await codeOf(there, 'This device'));

    writeFileSync(view, await photograph(there));
    const offAlice = await photograph(here);
    await here.getByRole('button', { name: 'Use the camera' }).click();
    await here.getByText(/^The same code\. It is the one of Bob’s device/).waitFor();
    await here.locator('video').waitFor({ state: 'detached' });
    const id = await conversationId(alice.page);
    expect(await ask(alice.page, 'conversation.open', { id })).toMatchObject({
      state: 'unverified',
    });
    await here.getByRole('button', { name: 'They match' }).click();
    await chip(alice.page, CHIP.verified).waitFor();

    await choosePicture(there, offAlice, 'image/jpeg');
    await there.getByText(/^The same code\./).waitFor();
    const other = `xmpp:${alice.jid}?otr-fingerprint=${'C0FFEE42'.repeat(14)}`;
    await choosePicture(there, Buffer.from(encodeQR(other, 'gif', { scale: 4 })), 'image/gif');
    await there.getByText(/^A different code\./).waitFor();
    expect(await there.getByRole('button', { name: 'They match' }).count()).toBe(0);
    await there.getByRole('button', { name: 'They are different' }).click();
    await chip(bob.page, 'Security code changed').waitFor();
    expect(await composer(bob.page).getAttribute('readonly')).not.toBeNull();
    const stopped = card(bob.page, /^The security code of alice’s .* changed\.$/);
    await stopped.getByText(/Off the record is stopped\.$/).waitFor();
    await stopped.getByRole('button', { name: 'Compare security code' }).click();
    await compareDialog(bob.page).getByRole('button', { name: 'They match' }).click();
    await chip(bob.page, CHIP.verified).waitFor();
  });

  it('ux:A9 xep:X-52 are asked about a link that the system opens; it fills in, and no more', async () => {
    const { alice, bob, prosody } = pair;
    const { code } = await ownCode(bob.page);
    await openInSystem(
      alice.profile,
      `xmpp:${bob.jid}?message;body=from%20a%20web%20page;otr-fingerprint=${code.toLowerCase()}`,
    );
    const sheet = alice.page.getByRole('dialog', { name: 'Write to this contact?' });
    await sheet.getByText(bob.jid, { exact: true }).waitFor();
    await sheet.getByRole('button', { name: 'Put it into the field' }).click();
    const comparing = compareDialog(alice.page);
    await comparing.getByText(/^The same code\./).waitFor();
    await comparing.getByRole('button', { name: 'Not sure' }).click();
    expect(await composer(alice.page).inputValue()).toBe('from a web page');
    await composer(alice.page).fill('');
    await expectServerNeverSaw(prosody, ['from a web page'], ON_THE_RECORD);
  });

  it('ux:21 are notified without a word of it and without a name; a click opens the chat and takes it away', async () => {
    const { alice, bob } = pair;
    await alice.page.getByRole('button', { name: 'Settings', exact: true }).click();
    await composer(alice.page).waitFor({ state: 'detached' });
    await listenToNotifications(alice.running);
    await write(bob.page, 'do not show me anywhere');
    await expect
      .poll(async () => (await tracesOf(alice.running)).notifications)
      .toEqual([[expect.stringMatching(/^sotto$/i), 'New message']]);
    expect(await openNotifications(alice.running)).toBe(1);
    await clickNotification(alice.running);
    await bubble(alice.page, 'do not show me anywhere').waitFor();
    await expect.poll(() => openNotifications(alice.running)).toBe(0);
  });

  it('ux:12 ux:S7 keep what they were typing when the other ends at that moment', async () => {
    const { alice, bob, prosody } = pair;
    await composer(alice.page).fill('caught camellia');
    await Promise.all([endOffTheRecord(bob.page), composer(alice.page).press('Shift')]);
    await chip(alice.page, CHIP.bobEnded).waitFor();
    await composer(alice.page).press('Enter');
    const bar = card(alice.page, /^Bob ended off the record at/);
    for (const name of ['Start again', 'Write unencrypted…', 'Clear messages']) {
      await bar.getByRole('button', { name }).waitFor();
    }
    expect(await composer(alice.page).inputValue()).toBe('caught camellia');
    await expectServerNeverSaw(prosody, ['caught camellia'], ON_THE_RECORD);
  });
});
