// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { searchLeaks } from '../../tools/demo/leak-search.ts';
import {
  bubble,
  chip,
  composer,
  endOffTheRecord,
  invitation,
  write,
} from '../../tools/driver/chat.ts';
import {
  answerQuestion,
  prepareQuestion,
  questionCard,
  sendQuestion,
} from '../../tools/driver/verify.ts';
import { compareCodes } from './support/verification.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { focused } from './support/focus-watch.ts';
import { ask, conversationId, holdWindow } from './support/main.ts';
import {
  acceptInvitation,
  ALICE,
  BOB,
  CHIP,
  goOffTheRecord,
  goPlain,
  invite,
  openPair,
  type Pair,
} from './support/pair.ts';
import { listenToNotifications, tracesOf } from './support/traces.ts';
import {
  card,
  dialogs,
  expectServerNeverSaw,
  line,
  openPanel,
  panel,
  progress,
  row,
} from './support/room.ts';

const ON_THE_RECORD = 'good morning on the record';

let pair: Pair;

tellScreensOnFailure(() => [pair.alice.page, pair.bob.page]);

/** How a line is drawn, without its words. */
const lookOf = (page: Page, text: string) =>
  row(page, text)
    .locator('.bubble')
    .evaluate((element) => {
      const { borderTopStyle, fontStyle, opacity } = getComputedStyle(element);
      return { borderTopStyle, fontStyle, opacity };
    });

const stateAt = async (page: Page): Promise<string> => {
  const id = await conversationId(page);
  const { state } = (await ask(page, 'conversation.open', { id })) as { readonly state: string };
  return state;
};

describe('what is typed', () => {
  beforeAll(async () => {
    pair = await openPair();
    await write(pair.alice.page, ON_THE_RECORD);
    await bubble(pair.bob.page, ON_THE_RECORD).waitFor();
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  beforeEach(() => goPlain(pair));

  it('ux:I-2 ux:I-4 is held while a chat starts, says so, looks unlike what was sent, and leaves encrypted', async () => {
    const { alice, bob, prosody } = pair;
    const secret = 'held heliotrope';
    await invite(alice.page);
    await write(alice.page, secret);
    await row(alice.page, secret).getByText('Held: will be encrypted before sending').waitFor();
    await invitation(bob.page).waitFor();
    expect(await composer(alice.page).getAttribute('placeholder')).toBe(
      'Text is held until it is encrypted',
    );
    expect(await bubble(bob.page, secret).count()).toBe(0);
    const sent = row(alice.page, ON_THE_RECORD);
    await sent.getByText('Delivered').waitFor();
    for (const mark of ['Sent', 'Delivered', 'Sending']) {
      expect(await row(alice.page, secret).getByText(mark, { exact: true }).count()).toBe(0);
    }
    const held = await lookOf(alice.page, secret);
    const plain = await lookOf(alice.page, ON_THE_RECORD);
    expect(held.fontStyle).toBe('italic');
    expect(held).not.toEqual(plain);
    await expectServerNeverSaw(prosody, [secret], ON_THE_RECORD);
    await acceptInvitation(bob.page);
    await bubble(bob.page, secret).waitFor();
    await row(bob.page, secret).getByLabel('Off the record, not verified').waitFor();
    await row(alice.page, secret).getByLabel('Off the record, not verified').waitFor();
    await expectServerNeverSaw(prosody, [secret], ON_THE_RECORD);
  });

  it('ux:I-1 stays in the composer when the chat has ended before Enter, and nothing leaves', async ({
    onTestFinished,
  }) => {
    const { alice, bob, prosody } = pair;
    const secret = 'racing rhododendron';
    await goOffTheRecord(pair);
    await composer(alice.page).fill(secret);
    const letGo = await holdWindow(alice);
    onTestFinished(letGo);
    await endOffTheRecord(bob.page);
    await expect.poll(() => stateAt(alice.page)).toBe('ended-by-peer');
    await chip(alice.page, CHIP.unverified).waitFor();

    await composer(alice.page).press('Enter');
    await alice.page
      .getByRole('alert')
      .filter({ hasText: 'Not sent: the chat changed before this left.' })
      .waitFor();
    expect(await composer(alice.page).inputValue()).toBe(secret);
    await letGo();
    await chip(alice.page, CHIP.bobEnded).waitFor();
    await composer(alice.page).press('Enter');
    expect(await composer(alice.page).inputValue()).toBe(secret);
    expect(await composer(alice.page).getAttribute('readonly')).not.toBeNull();
    expect(await bubble(alice.page, secret).count()).toBe(0);
    await expectServerNeverSaw(prosody, [secret], ON_THE_RECORD);
  });

  it('ux:13 ux:I-3 goes out in clear only after a sheet whose default is to stay, and not by its click', async () => {
    const { alice, bob, prosody } = pair;
    const draft = 'unlocked umbrella';
    await goOffTheRecord(pair);
    await composer(alice.page).fill(draft);
    await endOffTheRecord(bob.page);
    await chip(alice.page, CHIP.bobEnded).waitFor();
    const sheet = alice.page.getByRole('alertdialog', { name: 'Send without encryption to Bob?' });
    const openSheet = () =>
      card(alice.page, /^Bob ended off the record at/)
        .getByRole('button', { name: 'Write unencrypted…' })
        .click();

    await openSheet();
    await sheet.waitFor();
    expect(await focused(alice.page)).toBe('Stay off the record');
    for (const key of ['Enter', 'Escape']) {
      if (!(await sheet.isVisible())) await openSheet();
      await sheet.waitFor();
      await alice.page.keyboard.press(key);
      await sheet.waitFor({ state: 'detached' });
      await chip(alice.page, CHIP.bobEnded).waitFor();
      expect(await composer(alice.page).getAttribute('readonly')).not.toBeNull();
    }

    await openSheet();
    await sheet.getByRole('button', { name: 'Send unencrypted' }).click();
    await chip(alice.page, CHIP.plain).waitFor();
    expect(await composer(alice.page).inputValue()).toBe(draft);
    expect(await composer(alice.page).getAttribute('readonly')).toBeNull();
    expect(await bubble(alice.page, draft).count()).toBe(0);
    await expectServerNeverSaw(prosody, [draft], ON_THE_RECORD);

    await composer(alice.page).press('Enter');
    await expect.poll(() => prosody.readWire()).toContain(draft);
  });
});

describe('trust', () => {
  beforeAll(async () => {
    pair = await openPair();
    await write(pair.alice.page, ON_THE_RECORD);
    await bubble(pair.bob.page, ON_THE_RECORD).waitFor();
    await goOffTheRecord(pair);
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  const marked = (page: Page, text: string, mark: string) =>
    row(page, text).getByRole('img', { name: mark, exact: true });
  const verifiedOn = (page: Page) => marked(page, '', 'Off the record, verified');

  async function expectNobodyVerified(): Promise<void> {
    for (const { page } of [pair.alice, pair.bob]) {
      await chip(page, CHIP.unverified).waitFor();
      await openPanel(page);
      await panel(page).getByText('Not verified', { exact: true }).waitFor();
      expect(await panel(page).getByText('Verified', { exact: true }).count()).toBe(0);
      expect(await verifiedOn(page).count()).toBe(0);
    }
  }

  it('ux:I-7 is not changed by a verification that is declined, cancelled or does not match', async () => {
    const { alice, bob } = pair;
    const question = { name: BOB, question: 'Which street?', answer: 'linden' };
    await sendQuestion(await prepareQuestion(alice.page, question), BOB);
    await questionCard(bob.page).getByRole('button', { name: 'Decline' }).click();
    await progress(alice.page).getByText('Bob cancelled. Nothing changed.').waitFor();
    await expectNobodyVerified();

    await sendQuestion(await prepareQuestion(alice.page, question), BOB);
    await questionCard(bob.page).waitFor();
    await progress(alice.page).getByRole('button', { name: 'Cancel' }).click();
    await questionCard(bob.page).waitFor({ state: 'detached' });
    await progress(bob.page).getByText('alice cancelled. Nothing changed.').waitFor();
    await expectNobodyVerified();

    await sendQuestion(await prepareQuestion(alice.page, question), BOB);
    await answerQuestion(bob.page, 'Linden');
    const different = /^The answers were different\./;
    await progress(alice.page).getByText(different).waitFor();
    await progress(bob.page).getByText(different).waitFor();
    await expectNobodyVerified();
  });

  it('ux:I-6 is "verified" only for who verified: answering a question proves nothing to the answerer', async () => {
    const { alice, bob } = pair;
    const question = { name: ALICE, question: 'Which river?', answer: 'elbe' };
    await sendQuestion(await prepareQuestion(bob.page, question), ALICE);
    await answerQuestion(alice.page, 'elbe');
    await chip(bob.page, CHIP.verified).waitFor();
    await progress(alice.page).getByText('Your answer matched. Bob has verified you.').waitFor();
    await line(alice.page, 'Bob verified you.').waitFor();
    await chip(alice.page, CHIP.unverified).waitFor();
    await panel(alice.page).getByText('Not verified', { exact: true }).waitFor();
    await write(alice.page, 'one-sided oleander');
    await marked(bob.page, 'one-sided oleander', 'Off the record, verified').waitFor();
    await marked(alice.page, 'one-sided oleander', 'Off the record, not verified').waitFor();
  });

  it('ux:I-5 guide:R-10 is on every message in words and in a shape of its own', async () => {
    const { alice, bob } = pair;
    await write(alice.page, 'marked marigold');
    await bubble(bob.page, 'marked marigold').waitFor();
    await compareCodes(alice.page, BOB, 'They match');
    await chip(alice.page, CHIP.verified).waitFor();
    await write(alice.page, 'marked magnolia');
    await bubble(bob.page, 'marked magnolia').waitFor();

    const shapeOf = (text: string, mark: string) =>
      marked(alice.page, text, mark).evaluate(({ innerHTML }) => innerHTML);
    const shapes = [
      await shapeOf('marked marigold', 'Off the record, not verified'),
      await shapeOf('marked magnolia', 'Off the record, verified'),
    ];
    expect(new Set(shapes).size).toBe(2);
    await row(alice.page, ON_THE_RECORD).getByText('Not encrypted', { exact: true }).waitFor({
      state: 'attached',
    });
    for (const item of await alice.page.locator('.message').all()) {
      expect(await item.textContent()).toBeTruthy();
      const marks = item.getByText(/^(?:Not encrypted|Held)/).or(item.getByRole('img'));
      expect(await marks.count()).toBe(1);
    }
  });

  it('ux:I-7 is not taken away by a later verification that does not match', async () => {
    const { alice, bob } = pair;
    await chip(bob.page, CHIP.verified).waitFor();
    const question = { name: ALICE, question: 'Which tree?', answer: 'oak' };
    await sendQuestion(await prepareQuestion(bob.page, question), ALICE);
    await answerQuestion(alice.page, 'ash');
    await progress(bob.page)
      .getByText('Verification failed although this device was verified today.')
      .waitFor();
    await chip(bob.page, CHIP.verified).waitFor();
    await progress(bob.page).getByRole('button', { name: 'Keep verified' }).click();
    await chip(bob.page, CHIP.verified).waitFor();
  });
});

describe('an off-the-record chat', () => {
  const secrets = {
    held: 'hidden hyacinth',
    alice: 'whispered wisteria',
    bob: 'buried bougainvillea',
    draft: 'drafted dandelion',
    question: 'Whose amaryllis?',
    answer: 'my grandmothers amaryllis',
  } as const;

  beforeAll(async () => {
    pair = await openPair();
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  it('ux:I-10 guide:R-11 guide:R-12 leaves no trace: not on disk, at the server, in notifications, titles or the clipboard', async () => {
    const { alice, bob, prosody, house } = pair;
    await write(bob.page, ON_THE_RECORD);
    await bubble(alice.page, ON_THE_RECORD).waitFor();
    await Promise.all([listenToNotifications(alice.running), listenToNotifications(bob.running)]);
    await invite(alice.page);
    await write(alice.page, secrets.held);
    await acceptInvitation(bob.page);
    await bubble(bob.page, secrets.held).waitFor();
    await write(alice.page, secrets.alice);
    await bubble(bob.page, secrets.alice).waitFor();
    await write(bob.page, secrets.bob);
    await bubble(alice.page, secrets.bob).waitFor();
    const { question, answer } = secrets;
    await sendQuestion(await prepareQuestion(alice.page, { name: BOB, question, answer }), BOB);
    await answerQuestion(bob.page, answer);
    await chip(alice.page, CHIP.verified).waitFor();
    await composer(bob.page).fill(secrets.draft);

    for (const { running, page, profile } of [alice, bob]) {
      const traces = await tracesOf(running);
      expect(traces.notifications.length).toBeGreaterThan(0);
      expect(traces.kept).toEqual([]);
      expect(traces.titles).toEqual(['Sotto', 'Sotto']);
      for (const secret of Object.values(secrets))
        expect(JSON.stringify(traces)).not.toContain(secret);
      expect(await composer(page).getAttribute('spellcheck')).toBe('false');
      expect(searchLeaks([profile], Object.values(secrets))).toEqual([]);
    }

    await endOffTheRecord(alice.page);
    await chip(bob.page, CHIP.aliceEnded).waitFor();
    await Promise.all([alice.quit(), bob.quit()]);
    expect(searchLeaks([house.folder], Object.values(secrets))).toEqual([]);
    expect(searchLeaks([prosody.folder], [ON_THE_RECORD])).not.toEqual([]);

    await alice.start();
    await alice.page.getByRole('link', { name: BOB }).first().click();
    await bubble(alice.page, ON_THE_RECORD).waitFor();
    for (const secret of Object.values(secrets)) {
      expect(await alice.page.locator('body').textContent()).not.toContain(secret);
    }
    expect(await dialogs(alice.page).count()).toBe(0);
  });
});
