// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, composer, invitation, write } from '../../tools/driver/chat.ts';
import { addContact, openChat } from '../../tools/driver/contacts.ts';
import { prepareQuestion, questionCard, sendQuestion } from '../../tools/driver/verify.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { focusMoves, watchFocus } from './support/focus-watch.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { House } from './support/house.ts';
import { ask, conversationId } from './support/main.ts';
import { acceptInvitation, BOB, CHIP, invite, Person, seesOnline } from './support/pair.ts';
import { RoguePeer } from './support/rogue-peer.ts';
import { card, dialogs, line, openPanel, panel, progress, row } from './support/room.ts';
import { openCompare } from './support/verification.ts';

let house: House;
let prosody: Prosody;
let alice: Person;
let bob: RoguePeer;
let texts = 0;

tellScreensOnFailure(() => [alice.page]);

async function meetRogue(): Promise<void> {
  house = new House();
  prosody = await house.server();
  alice = new Person('alice', house, prosody);
  bob = await RoguePeer.online(prosody, 'bob', alice.jid);
  await alice.arrive();
  await addContact(alice.page, bob.party.jid, BOB);
  await openChat(alice.page, BOB);
  await seesOnline(alice.page);
}

async function part(): Promise<void> {
  await bob.leave();
  await house[Symbol.asyncDispose]();
}

/** An encrypted text that arrives shows that everything sent before it was taken as well. */
async function settle(): Promise<void> {
  texts += 1;
  const text = `still here ${String(texts)}`;
  bob.do({ tag: 'send', ref: text, text });
  await bubble(alice.page, text).waitFor();
}

describe('a contact with another client', () => {
  beforeAll(meetRogue);
  afterAll(part);

  it('ux:I-9 never takes the focus and never opens a dialog, whatever it does', async () => {
    const { page } = alice;
    await composer(page).fill('half a sen');
    await composer(page).focus();
    await watchFocus(page);
    const expectLeftAlone = async (): Promise<void> => {
      expect(await focusMoves(page)).toEqual([]);
      expect(await dialogs(page).count()).toBe(0);
      expect(await composer(page).inputValue()).toBe('half a sen');
      expect(await composer(page).evaluate((box) => box === document.activeElement)).toBe(true);
    };

    bob.do({ tag: 'start' });
    await invitation(page).waitFor();
    await expectLeftAlone();
    // Without a click, which would move the focus by itself.
    await ask(page, 'conversation.accept', { id: await conversationId(page) });
    await chip(page, CHIP.unverified).waitFor();
    await settle();
    await expectLeftAlone();
    bob.askAnything('Who was there?');
    await questionCard(page).waitFor();
    await expectLeftAlone();
    bob.do({ tag: 'smp-abort' });
    await questionCard(page).waitFor({ state: 'detached' });
    bob.sendOtr('?OTR Error: ERROR_1: click https://example.org', 'error');
    bob.sendPlain('and in clear');
    await bubble(page, 'and in clear').waitFor();
    await line(page, 'New encryption keys, same device.').waitFor();
    await chip(page, CHIP.unverified).waitFor();
    await settle();
    await expectLeftAlone();
    bob.do({ tag: 'end' });
    await chip(page, CHIP.bobEnded).waitFor();
    await card(page, /^Bob ended off the record at/).waitFor();
    await expectLeftAlone();
    expect(await page.getByText('example.org').count()).toBe(0);
  });
});

describe('a contact who does not play by the rules', () => {
  beforeAll(async () => {
    await meetRogue();
    await write(alice.page, 'first in clear');
    await bob.party.see('message', ({ body }) => body === 'first in clear');
    await invite(alice.page);
    await chip(alice.page, CHIP.unverified).waitFor();
  });

  afterAll(part);

  it('ux:18 ux:I-5 sees its clear text marked and hatched inside of the chat, and is answered encrypted', async () => {
    const { page } = alice;
    bob.sendPlain('where are you');
    const stray = row(page, 'where are you');
    await stray.getByText('Not encrypted', { exact: true }).first().waitFor();
    await stray
      .getByText('This message came without encryption. Others may have read or changed it.')
      .waitFor();
    const edge = await stray
      .locator('.bubble')
      .evaluate((bubbleElement) =>
        ['', '::before', '::after']
          .map((pseudo) => getComputedStyle(bubbleElement, pseudo || null).backgroundImage)
          .join(' '),
      );
    expect(edge).toContain('repeating-linear-gradient');
    await chip(page, CHIP.unverified).waitFor();
    await write(page, 'answered in cipher');
    await row(page, 'answered in cipher')
      .getByRole('img', { name: 'Off the record, not verified' })
      .waitFor();
    expect(await prosody.readWire()).toContain('where are you');
    expect(await prosody.readWire()).not.toContain('answered in cipher');
  });

  it('ux:I-4 finds its error drawn on the line that was not read, which looks unlike one that was sent', async () => {
    const { page } = alice;
    await write(page, 'never to be read');
    const lost = row(page, 'never to be read');
    await lost.getByText('Sent', { exact: true }).waitFor({ state: 'attached' });
    const borderOf = () => lost.locator('.bubble').evaluate((e) => getComputedStyle(e).border);
    const sent = await borderOf();
    bob.sendOtr('?OTR Error: ERROR_1: it was you', 'error');
    await lost.getByText('Not delivered. Bob’s device could not read it.').waitFor();
    expect(await borderOf()).not.toBe(sent);
    expect(await lost.getByText('Sent', { exact: true }).count()).toBe(0);
    await lost.getByRole('button', { name: 'Send again' }).waitFor();
    await line(page, 'Bob’s app could not read your last message.').waitFor();
    expect(await page.getByText('it was you').count()).toBe(0);
    await line(page, 'New encryption keys, same device. Not verified yet.').waitFor();
    await chip(page, CHIP.unverified).waitFor();
    await settle();
    expect(await prosody.readWire()).not.toContain('never to be read');
  });

  it('ux:I-8 ux:A2 asks with markup, turned text and too many words, and is shown one cut, isolated, quoted line', async () => {
    const { page } = alice;
    const question = `<img src=x onerror=alert(1)> your\u202Epassword\u2066?\n${'y'.repeat(950)}END`;
    bob.askAnything(question);
    const box = questionCard(page).getByRole('blockquote');
    await box.waitFor();
    const shown = (await box.textContent()) ?? '';
    expect(shown).toMatch(/^<img src=x onerror=alert\(1\)> your password \? y+…?$/);
    expect(Array.from(shown).length).toBeLessThanOrEqual(301);
    expect(await box.locator('bdi').count()).toBe(1);
    expect(await box.locator('img, a, b').count()).toBe(0);
    await questionCard(page)
      .getByText(/^Written by Bob’s device/)
      .waitFor();
    await questionCard(page)
      .getByText(/Never type a password as an answer\.$/)
      .waitFor();
    await questionCard(page).getByRole('button', { name: 'Answer…' }).click();
    const dialog = page.getByRole('dialog', { name: /^Answer / });
    expect(await dialog.getByRole('blockquote').textContent()).toBe(shown);
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await questionCard(page).getByRole('button', { name: 'Decline' }).click();
    await questionCard(page).waitFor({ state: 'detached' });
  });

  it('ux:I-7 ux:A3 cheats in its answer, is told so, and neither trust nor the chat changes', async () => {
    const { page } = alice;
    const asking = { name: BOB, question: 'Which port?', answer: 'lisbon' };
    await sendQuestion(await prepareQuestion(page, asking), BOB);
    await bob.asked();
    bob.answerWithInvalidProof('lisbon');
    await progress(page)
      .getByText(/^Verification stopped: .* Nothing was revealed/)
      .waitFor();
    await chip(page, CHIP.unverified).waitFor();
    await panel(page).getByText('Not verified', { exact: true }).waitFor();

    await progress(page).getByRole('button', { name: 'Dismiss' }).click();
    const again = await prepareQuestion(page, asking);
    await again.getByRole('button', { name: 'Ask Bob' }).click();
    await again
      .getByRole('alert')
      .getByText(/pauses for now/)
      .waitFor();
    await page.keyboard.press('Escape');
    bob.askWithInvalidProof('And now?');
    bob.askAnything('z'.repeat(10_000));
    await settle();
    expect(await questionCard(page).count()).toBe(0);
    await chip(page, CHIP.unverified).waitFor();
  });

  it('ux:16 ux:S4p has a second device, which gets nothing until the user says so', async () => {
    const { page } = alice;
    const dialog = await openCompare(page, BOB);
    await dialog.getByRole('button', { name: 'They match' }).click();
    await chip(page, CHIP.verified).waitFor();
    const phone = await RoguePeer.beside(prosody, 'bob', alice.jid);
    phone.do({ tag: 'start' });
    await acceptInvitation(page);
    const news = card(page, /^Bob has a new device/);
    await news.waitFor();
    await chip(page, CHIP.verified).waitFor();
    await write(page, 'for the first only');
    await bob.reads('for the first only');
    await news.getByRole('button', { name: 'Use without verifying' }).click();
    await chip(page, 'Off the record · 1 of 2 devices verified').waitFor();
    await write(page, 'for both of them');
    await Promise.all([bob, phone].map((device) => device.reads('for both of them')));
    expect(phone.texts).toEqual(['for both of them']);
    phone.do({ tag: 'end' });
    await line(page, /ended off the record\. It goes on with the others\./).waitFor();
    await chip(page, CHIP.verified).waitFor();
    await phone.leave();
  });

  it('ux:17 ux:S10 ux:I-7 sec:F-PEER-2 shows another key under the same tag: sending stops until the user has looked', async () => {
    const { page } = alice;
    await composer(page).fill('kept in the composer');
    bob.reinstall();
    bob.do({ tag: 'start' });
    await invitation(page).waitFor();
    await chip(page, CHIP.verified).waitFor();
    await acceptInvitation(page);
    await chip(page, 'Security code changed').waitFor();
    const changed = card(page, /^The security code of Bob’s .* changed\.$/);
    await changed.getByRole('button', { name: 'Compare security code' }).waitFor();
    await changed.getByRole('button', { name: 'Not now' }).waitFor();
    expect(await composer(page).getAttribute('readonly')).not.toBeNull();
    await composer(page).press('Enter');
    expect(await composer(page).inputValue()).toBe('kept in the composer');
    await openPanel(page);
    await panel(page).getByText('Verified', { exact: true }).waitFor();
    await panel(page).getByText('Security code changed', { exact: true }).last().waitFor();

    await changed.getByRole('button', { name: 'More choices' }).click();
    await page.getByRole('menuitem', { name: 'Use it anyway…' }).click();
    const sheet = page.getByRole('alertdialog', { name: 'Use the new security code of Bob?' });
    await sheet.getByRole('button', { name: 'Stay stopped' }).click();
    await chip(page, 'Security code changed').waitFor();
    await changed.getByRole('button', { name: 'More choices' }).click();
    await page.getByRole('menuitem', { name: 'Use it anyway…' }).click();
    await sheet.getByRole('button', { name: 'Use it, not verified' }).click();
    await chip(page, CHIP.unverified).waitFor();
    expect(await prosody.readWire()).not.toContain('kept in the composer');
  });
});
