// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, composer, invitation, write } from '../../tools/driver/chat.ts';
import { openChat } from '../../tools/driver/contacts.ts';
import { waitUntilOnline } from '../../tools/driver/sign-in.ts';
import {
  answerQuestion,
  prepareQuestion,
  questionCard,
  sendQuestion,
} from '../../tools/driver/verify.ts';
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
  seesOnline,
} from './support/pair.ts';
import { oversleep } from './support/main.ts';
import { expectServerNeverSaw, row } from './support/room.ts';
import { eventually } from './support/screen.ts';

const OPENLY = {
  control: 'The parcel came this morning.',
  while: 'This was written while the server was down.',
} as const;
const SECRETS = {
  heldForInvitation: 'The number of the locker is 1412.',
  heldForKeys: 'The locker is at the eastern station.',
  whileAsked: 'I am waiting for your answer before I go.',
  whileAsleep: 'They have changed the lock, by the way.',
  whenAwake: 'I slept through all of it.',
  whileDown: 'Somebody has been at the locker already.',
  answerWhileDown: 'Then leave the key where it was.',
  question: 'What did we drink on the ferry?',
  answer: 'cold tea with salt',
} as const;

let pair: Pair;

const pages = (): readonly [Page, Page] => [pair.alice.page, pair.bob.page];
const both = (look: (page: Page) => Promise<void>): Promise<unknown> =>
  Promise.all(pages().map(look));
const banner = (page: Page) =>
  page.getByText(/^The connection to your server is gone\./).filter({ visible: true });

/** The server is gone, and both windows say so. */
async function cut(): Promise<void> {
  await pair.prosody.kill();
  await both((page) => banner(page).waitFor());
}

/** The server is back, and both are as well; nobody has to wait for the next attempt. */
async function mend(): Promise<void> {
  await pair.prosody.restart();
  await both(async (page) => {
    // It may connect by itself just before the button is pressed.
    await page
      .getByRole('button', { name: 'Try now' })
      .filter({ visible: true })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await waitUntilOnline(page);
    await eventually(() => banner(page).count()).toBe(0);
    await seesOnline(page);
  });
}

/** The server still stands there and takes what comes, and does nothing with it any more. */
function freeze(): void {
  const pid = Number(readFileSync(join(pair.prosody.folder, 'prosody.pid'), 'utf8'));
  process.kill(pid, 'SIGSTOP');
}

/** Whose keys were agreed on several times in a moment waits for the answer to a repetition. */
const bothOffTheRecord = (): Promise<unknown> =>
  both((page) => chip(page, CHIP.unverified).waitFor({ timeout: 30_000 }));

async function expectOnce(page: Page, text: string): Promise<void> {
  await bubble(page, text).waitFor();
  expect(await bubble(page, text).count()).toBe(1);
}

/** It arrived, or the sender sees that it did not and may send it again; then it arrives, once. */
async function arrives(from: Page, to: Page, text: string): Promise<void> {
  const again = row(from, text).getByRole('button', { name: 'Send again' });
  await eventually(async () => (await bubble(to, text).count()) + (await again.count())).toBe(1);
  if (await again.isVisible()) await again.click();
  await expectOnce(to, text);
  await expectOnce(from, text);
}

beforeAll(async () => {
  pair = await openPair();
  await write(pair.alice.page, OPENLY.control);
  await bubble(pair.bob.page, OPENLY.control).waitFor();
});

afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

describe('a server that dies while two people', () => {
  it('ux:S0 write in clear: what is typed meanwhile stays, and arrives once', async () => {
    const [alice, bob] = pages();
    await cut();
    await write(alice, OPENLY.while);
    await expectOnce(alice, OPENLY.while);
    expect(await composer(alice).inputValue()).toBe('');
    await mend();
    await arrives(alice, bob, OPENLY.while);
  });

  it('ux:S2 agree on keys: the answer is lost, and they agree again without being asked', async () => {
    const [alice, bob] = pages();
    await invite(alice);
    await invitation(bob).waitFor();
    freeze();
    await acceptInvitation(bob);
    await chip(bob, CHIP.starting).waitFor();
    await write(alice, SECRETS.heldForKeys);
    await cut();
    await mend();
    await bothOffTheRecord();
    await expectOnce(bob, SECRETS.heldForKeys);
    await expectOnce(alice, SECRETS.heldForKeys);
  });

  it('ux:S2 wait for an answer to an invitation: it stands, and what is held is encrypted', async () => {
    await goPlain(pair);
    const [alice, bob] = pages();
    // The other way round: invitations are limited, for each who receives them.
    await invite(bob);
    await invitation(alice).waitFor();
    await cut();
    await write(bob, SECRETS.heldForInvitation);
    await row(bob, SECRETS.heldForInvitation).getByText(/^Held/).waitFor();
    await mend();
    await acceptInvitation(alice);
    await bothOffTheRecord();
    await expectOnce(bob, SECRETS.heldForInvitation);
    await expectOnce(alice, SECRETS.heldForInvitation);
  });
});

describe('a server that dies while two people, who have both started anew,', () => {
  // Invitations are limited in time: those from before are forgotten with the process.
  beforeAll(async () => {
    const { alice, bob } = pair;
    await Promise.all([alice.quit(), bob.quit()]);
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([openChat(alice.page, BOB), openChat(bob.page, ALICE)]);
    await both(waitUntilOnline);
    await both(seesOnline);
  });

  it('ux:S3 are off the record: what both type meanwhile leaves encrypted, and arrives once', async () => {
    const [alice, bob] = pages();
    await goOffTheRecord(pair);
    await cut();
    await write(alice, SECRETS.whileDown);
    await write(bob, SECRETS.answerWhileDown);
    await expectOnce(alice, SECRETS.whileDown);
    await expectOnce(bob, SECRETS.answerWhileDown);
    await mend();
    await bothOffTheRecord();
    await arrives(alice, bob, SECRETS.whileDown);
    await arrives(bob, alice, SECRETS.answerWhileDown);
  });

  it('ux:24 are off the record while one laptop sleeps and wakes elsewhere: it goes on, nothing is lost', async () => {
    const [alice, bob] = pages();
    await bothOffTheRecord();
    const asleep = pair.alice.running.app.process().pid ?? 0;
    process.kill(asleep, 'SIGSTOP');
    // Of the line she had before nothing is left when she wakes.
    await pair.prosody.kill();
    await banner(bob).waitFor();
    await pair.prosody.restart();
    await waitUntilOnline(bob);
    await write(bob, SECRETS.whileAsleep);
    process.kill(asleep, 'SIGCONT');
    await oversleep(pair.alice, 20 * 60_000);
    await both(seesOnline);
    await bothOffTheRecord();
    await arrives(bob, alice, SECRETS.whileAsleep);
    await write(alice, SECRETS.whenAwake);
    await arrives(alice, bob, SECRETS.whenAwake);
  });

  it('ux:I-7 verify each other: nobody is verified by it, and asking again works', async () => {
    const [alice, bob] = pages();
    await bothOffTheRecord();
    const ask = async (): Promise<void> => {
      const { question, answer } = SECRETS;
      await sendQuestion(await prepareQuestion(alice, { name: BOB, question, answer }), BOB);
      await questionCard(bob).waitFor();
    };
    await ask();
    await cut();
    await write(alice, SECRETS.whileAsked);
    await mend();
    await bothOffTheRecord();
    await arrives(alice, bob, SECRETS.whileAsked);
    if (!(await questionCard(bob).isVisible())) await ask();
    await answerQuestion(bob, SECRETS.answer);
    await chip(alice, CHIP.verified).waitFor();
    await chip(bob, CHIP.unverified).waitFor();
  });
});

describe('the server', () => {
  it('sec:T-X-TLS never heard anything of it in clear', async () => {
    await expectServerNeverSaw(pair.prosody, Object.values(SECRETS), OPENLY.control);
  });
});
