// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bubble,
  chip,
  closePanel,
  composer,
  endOffTheRecord,
  invitation,
  startSheet,
  write,
} from '../../tools/driver/chat.ts';
import { openChat } from '../../tools/driver/contacts.ts';
import { ask, conversationId, oversleep } from './support/main.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import {
  ALICE,
  acceptInvitation,
  BOB,
  CHIP,
  goOffTheRecord,
  goPlain,
  invite,
  openPair,
  type Pair,
  seesOnline,
} from './support/pair.ts';
import {
  card,
  choosePanelMenu,
  dialogs,
  expectServerNeverSaw,
  line,
  messages,
  panel,
  row,
  setRule,
} from './support/room.ts';
import { eventually } from './support/screen.ts';

const HOUR_MS = 3_600_000;
const ON_THE_RECORD = 'good morning on the record';

let pair: Pair;

tellScreensOnFailure(() => [pair.alice.page, pair.bob.page]);

const placeholder = (page: Page) => composer(page).getAttribute('placeholder');

async function openGreetedPair(): Promise<void> {
  pair = await openPair();
  await write(pair.alice.page, ON_THE_RECORD);
  await bubble(pair.bob.page, ON_THE_RECORD).waitFor();
}

async function close(): Promise<void> {
  await pair[Symbol.asyncDispose]();
}

describe('two people who are not off the record yet', () => {
  beforeAll(openGreetedPair);
  afterAll(close);

  it('ux:4 ux:S0 ux:S1 write in clear: once, with ticks, and the chip says so', async () => {
    const { alice, bob } = pair;
    await write(alice.page, 'hi');
    await bubble(bob.page, 'hi').waitFor();
    await row(alice.page, 'hi').getByText('Delivered', { exact: true }).waitFor();
    for (const { page } of [alice, bob]) {
      expect(await bubble(page, 'hi').count()).toBe(1);
      await chip(page, `${CHIP.plain} · off the record available`).waitFor();
      expect(await placeholder(page)).toBe('Message (not encrypted)');
    }
  });

  it('ux:5 guide:R-01 guide:R-05 guide:R-06 guide:R-07 start from the menu: the panel opens, nothing is sent before the four lines are read', async () => {
    const { alice, bob, prosody } = pair;
    await alice.page.getByRole('button', { name: 'More for Bob' }).last().click();
    await alice.page.getByRole('menuitem', { name: 'Encryption' }).click();
    await panel(alice.page)
      .getByText('Messages here can be read by the servers they pass.')
      .waitFor();
    await panel(alice.page).getByRole('button', { name: 'Start off the record' }).click();
    await startSheet(alice.page).waitFor();
    expect(await startSheet(alice.page).getByRole('listitem').count()).toBe(4);
    await startSheet(alice.page)
      .getByText(/^Nothing is saved here unless/)
      .waitFor();
    await startSheet(alice.page).getByRole('button', { name: 'Cancel' }).click();
    await chip(alice.page, CHIP.plain).waitFor();
    expect(await prosody.readWire()).not.toContain('?OTR');

    await alice.page.keyboard.press('Control+Shift+O');
    await startSheet(alice.page).getByLabel('Do not show again').check();
    await startSheet(alice.page).getByRole('button', { name: 'Start', exact: true }).click();
    await invitation(bob.page).waitFor();
    expect(await prosody.readWire()).toContain('?OTR');
    await invitation(bob.page)
      .getByText('Messages will be encrypted and not saved here.')
      .waitFor();
    expect(await dialogs(bob.page).count()).toBe(0);
    await alice.page.getByRole('button', { name: 'More for Bob' }).last().click();
    expect(await alice.page.getByRole('menuitem', { name: 'Start off the record' }).count()).toBe(
      0,
    );
    await alice.page.keyboard.press('Escape');
  });

  it('ux:7 guide:R-08 guide:R-09 ux:S2 wait without a countdown until it is taken back, and the card goes', async () => {
    const { alice, bob } = pair;
    await chip(alice.page, CHIP.starting).waitFor();
    expect(await placeholder(alice.page)).toBe('Text is held until it is encrypted');
    await line(alice.page, /^Waiting for Bob to accept/).waitFor();
    expect(await invitation(bob.page).getByText(/\d/).count()).toBe(0);
    await messages(alice.page).getByRole('button', { name: 'Cancel' }).click();
    await invitation(bob.page).waitFor({ state: 'detached' });
    await line(bob.page, 'alice no longer waits to talk off the record.').waitFor();
    await chip(alice.page, CHIP.plain).waitFor();
  });

  it('ux:6 guide:R-08 decline: the inviter is told, and what was held stays held until the user chooses', async () => {
    const { alice, bob, prosody } = pair;
    const secret = 'declined daffodil';
    await invite(alice.page);
    await write(alice.page, secret);
    await row(alice.page, secret).getByText('Held: will be encrypted before sending').waitFor();
    await invitation(bob.page).getByRole('button', { name: 'Decline' }).click();
    await line(alice.page, 'Bob declined to talk off the record.').first().waitFor();
    await line(bob.page, 'You declined to talk off the record.').waitFor();
    const stopped = card(alice.page, 'Bob declined to talk off the record.');
    await stopped.getByText('1 message is still held. Nothing was sent.').waitFor();
    await row(alice.page, secret).getByText('Held').waitFor();

    await stopped.getByRole('button', { name: 'Send unencrypted…' }).click();
    const sheet = alice.page.getByRole('alertdialog');
    await sheet.getByRole('button', { name: 'Stay off the record' }).click();
    await stopped.getByRole('button', { name: 'Keep' }).click();
    await stopped.waitFor({ state: 'detached' });
    await row(alice.page, secret).getByText('Held').waitFor();
    await row(alice.page, secret).getByRole('button', { name: 'Edit' }).click();
    await eventually(() => composer(alice.page).inputValue()).toBe(secret);
    await bubble(alice.page, secret).waitFor({ state: 'detached' });
    await expectServerNeverSaw(prosody, [secret], ON_THE_RECORD);
    await composer(alice.page).fill('');
  });
});

describe('two people off the record', () => {
  beforeAll(openGreetedPair);
  afterAll(close);

  it('ux:5 ux:S3 have both chips say "not verified", and the server never sees their words', async () => {
    const { alice, bob, prosody } = pair;
    await goOffTheRecord(pair);
    expect(await placeholder(alice.page)).toBe('Off the record to Bob');
    await panel(alice.page)
      .getByText(/^Only you and this device can read the messages\./)
      .waitFor();
    await messages(alice.page)
      .getByText(/^Off the record from /)
      .waitFor();
    await line(alice.page, 'Off the record started. Not verified yet.').waitFor();
    await write(alice.page, 'secret snowdrop');
    await bubble(bob.page, 'secret snowdrop').waitFor();
    await row(alice.page, 'secret snowdrop').getByText('Delivered', { exact: true }).waitFor();
    await expectServerNeverSaw(prosody, ['secret snowdrop'], ON_THE_RECORD);
  });

  it('guide:R-14 find what was said in clear, and never what was not', async () => {
    const { page } = pair.alice;
    await closePanel(page);
    const search = page.getByRole('searchbox', { name: 'Search' });
    const found = page.getByRole('region', { name: 'Messages' });
    await search.fill('on the record');
    await found.getByRole('link').filter({ hasText: ON_THE_RECORD }).waitFor();
    await search.fill('snowdrop');
    await page.getByText('No name or address has “snowdrop” in it.').waitFor();
    await found.waitFor({ state: 'detached' });
    await search.fill('');
  });

  it('guide:R-15 refresh their keys by hand: the same device, and the chat goes on', async () => {
    const { alice, bob } = pair;
    await choosePanelMenu(alice.page, 'Refresh keys');
    for (const { page } of [alice, bob]) {
      await line(page, 'New encryption keys, same device. Not verified yet.').waitFor();
      await chip(page, CHIP.unverified).waitFor();
    }
    await write(bob.page, 'fresh freesia');
    await bubble(alice.page, 'fresh freesia').waitFor();
    await bubble(alice.page, 'secret snowdrop').waitFor();
  });

  it('ux:20 guide:R-17 guide:R-18 guide:R-19 end: messages go here, a tombstone stays, the other side is held until they choose', async () => {
    const { alice, bob } = pair;
    await alice.page.keyboard.press('Control+Shift+E');
    const sheet = alice.page.getByRole('dialog', { name: 'End off the record with Bob?' });
    await sheet
      .getByText(/^The messages of this chat will be removed from this window now\./)
      .waitFor();
    await sheet.getByRole('button', { name: 'Cancel' }).click();
    await chip(alice.page, CHIP.unverified).waitFor();

    await endOffTheRecord(alice.page);
    await chip(alice.page, CHIP.plain).waitFor();
    await line(alice.page, /^2 off-the-record messages removed \(/).waitFor();
    for (const text of ['secret snowdrop', 'fresh freesia']) {
      await bubble(alice.page, text).waitFor({ state: 'detached' });
    }
    await bubble(alice.page, ON_THE_RECORD).waitFor();

    await chip(bob.page, CHIP.aliceEnded).waitFor();
    expect(await placeholder(bob.page)).toBe('Locked until you choose');
    await messages(bob.page)
      .getByText(/^alice ended off the record at /)
      .waitFor();
    await bubble(bob.page, 'secret snowdrop').waitFor();
    expect(await composer(bob.page).getAttribute('readonly')).not.toBeNull();
    const choices = card(bob.page, /^alice ended off the record at/);
    await choices.getByText(/^Your next message would not be encrypted\./).waitFor();
    await choices.getByRole('button', { name: 'Start again' }).waitFor();
    await choices.getByRole('button', { name: 'Write unencrypted…' }).waitFor();
    await choices.getByRole('button', { name: 'Clear messages' }).click();
    await bubble(bob.page, 'secret snowdrop').waitFor({ state: 'detached' });
  });

  it('ux:20 guide:R-12 find nothing again after a restart', async () => {
    const { alice } = pair;
    await alice.quit();
    await alice.start();
    await openChat(alice.page, BOB);
    await bubble(alice.page, ON_THE_RECORD).waitFor();
    expect(await messages(alice.page).getByText('snowdrop').count()).toBe(0);
    expect(await alice.page.getByText(/off-the-record messages removed/).count()).toBe(0);
  });

  it('ux:S7 start again from the card of the one who was left', async () => {
    const { alice, bob } = pair;
    await seesOnline(bob.page);
    await card(bob.page, /^alice ended off the record at/)
      .getByRole('button', { name: 'Start again' })
      .click();
    await invitation(alice.page).waitFor();
    await acceptInvitation(alice.page);
    await chip(bob.page, CHIP.unverified).waitFor();
    await chip(alice.page, CHIP.unverified).waitFor();
  });
});

describe('two people at the same moment', () => {
  beforeAll(openGreetedPair);
  afterAll(close);

  it('otr:T-050 start both at once and end up in one chat', async () => {
    const { alice, bob } = pair;
    await alice.page.keyboard.press('Control+Shift+O');
    await bob.page.keyboard.press('Control+Shift+O');
    const starts = [alice, bob].map(({ page }) =>
      startSheet(page).getByRole('button', { name: 'Start', exact: true }),
    );
    await Promise.all(starts.map((button) => button.waitFor()));
    await Promise.all(starts.map((button) => button.click()));
    for (const { page } of [alice, bob]) {
      const accept = invitation(page).getByRole('button', { name: 'Accept', exact: true });
      await chip(page, CHIP.unverified).or(accept).first().waitFor();
      if (await accept.isVisible()) await accept.click().catch(() => undefined);
    }
    await Promise.all([
      chip(alice.page, CHIP.unverified).waitFor(),
      chip(bob.page, CHIP.unverified).waitFor(),
    ]);
    await write(alice.page, 'from alice at once');
    await write(bob.page, 'from bob at once');
    await bubble(bob.page, 'from alice at once').waitFor();
    await bubble(alice.page, 'from bob at once').waitFor();
  });

  it('ux:19 guide:R-16 ux:S9 lose one side in a crash: the session is renewed once by itself, and every line is read or marked', async () => {
    const { alice, bob, prosody } = pair;
    await bob.kill();
    await bob.start();
    await openChat(bob.page, ALICE);
    await write(alice.page, 'aster after the crash');
    await write(alice.page, 'begonia after the crash');
    await acceptOnce(bob.page);
    await Promise.all([
      chip(alice.page, CHIP.unverified).waitFor(),
      chip(bob.page, CHIP.unverified).waitFor(),
    ]);
    for (const text of ['aster after the crash', 'begonia after the crash']) {
      await expect
        .poll(async () => {
          const read = (await bubble(bob.page, text).count()) === 1;
          const marked = await row(alice.page, text)
            .getByText(/^Not delivered\./)
            .count();
          return read !== (marked === 1);
        })
        .toBe(true);
    }
    expect(await bob.page.getByText(/could not be read/).count()).toBeLessThanOrEqual(1);
    expect(await bob.page.locator('body').textContent()).not.toContain('?OTR');
    await write(alice.page, 'chrysanthemum');
    await bubble(bob.page, 'chrysanthemum').waitFor();
    const words = ['aster after the crash', 'begonia after the crash', 'chrysanthemum'];
    await expectServerNeverSaw(prosody, words, ON_THE_RECORD);
  });

  it('ux:S8 find it expired after two hours without a word: locked until they start again', async () => {
    const { alice, bob } = pair;
    await oversleep(alice, 2 * HOUR_MS + 1000);
    await ask(alice.page, 'conversation.mark-read', { id: await conversationId(alice.page) });
    await chip(alice.page, 'Off the record expired').waitFor();
    await line(alice.page, /^Off the record expired/).waitFor();
    expect(await composer(alice.page).getAttribute('readonly')).not.toBeNull();
    await chip(bob.page, CHIP.aliceEnded).waitFor();
    await seesOnline(alice.page);
    await card(alice.page, /^Off the record expired/)
      .getByRole('button', { name: 'Start again' })
      .click();
    await acceptInvitation(bob.page);
    await Promise.all([
      chip(alice.page, CHIP.unverified).waitFor(),
      chip(bob.page, CHIP.unverified).waitFor(),
    ]);
  });

  /** Whether the user is asked depends on what the restarted side still remembers. */
  async function acceptOnce(page: Page): Promise<void> {
    const accept = invitation(page).getByRole('button', { name: 'Accept', exact: true });
    await chip(page, CHIP.unverified).or(accept).first().waitFor();
    if (await accept.isVisible()) await accept.click();
  }
});

describe('rules', () => {
  beforeAll(openGreetedPair);
  beforeEach(() => goPlain(pair));
  afterAll(close);

  it('ux:2.5.6 "Never" refuses invitations by itself, and asks nobody', async () => {
    const { alice, bob } = pair;
    await setRule(bob.page, 'Off the record', 'Never');
    await invite(alice.page);
    await line(alice.page, 'Bob declined to talk off the record.').first().waitFor();
    expect(await invitation(bob.page).count()).toBe(0);
    await setRule(bob.page, 'Off the record', 'When I ask');
  });

  it('ux:2.5.6 "Always" starts by itself, holds what is written and offers no clear text at all', async () => {
    const { alice, bob, prosody } = pair;
    const secret = 'always azalea';
    await setRule(alice.page, 'Off the record', 'Always');
    await write(alice.page, secret);
    await row(alice.page, secret).getByText('Held').waitFor();
    await invitation(bob.page).waitFor();
    await invitation(bob.page).getByRole('button', { name: 'Decline' }).click();
    const stopped = card(alice.page, 'Bob declined to talk off the record.');
    await stopped.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await alice.page.getByRole('button', { name: /unencrypted/i }).count()).toBe(0);
    await stopped.getByRole('button', { name: 'Try again' }).click();
    await acceptInvitation(bob.page);
    await bubble(bob.page, secret).waitFor();
    await endOffTheRecord(bob.page);
    await chip(alice.page, CHIP.bobEnded).waitFor();
    await card(alice.page, /^Bob ended off the record at/)
      .getByText(/^Nothing is sent unencrypted to Bob\./)
      .waitFor();
    expect(await alice.page.getByRole('button', { name: /unencrypted/i }).count()).toBe(0);
    await card(alice.page, /^Bob ended/)
      .getByRole('button', { name: 'Clear messages' })
      .click();
    await expectServerNeverSaw(prosody, [secret], ON_THE_RECORD);
    await setRule(alice.page, 'Off the record', 'When I ask');
  });
});
