// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, startOffTheRecord, startSheet, write } from '../../tools/driver/chat.ts';
import { openChat } from '../../tools/driver/contacts.ts';
import { waitUntilOnline } from '../../tools/driver/sign-in.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { BOB, CHIP } from '../e2e/support/pair.ts';
import { line, messages, row } from '../e2e/support/room.ts';
import { areThere } from './support/packages.ts';
import { Profanity } from './support/profanity.ts';
import { type PeerAccount, Stage } from './support/stage.ts';

const start = (prosody: Prosody, account: PeerAccount) => Profanity.start(prosody, account);

describe.skipIf(!areThere('profanity', 'tmux'))('beside Profanity', () => {
  let stage: Stage;
  let bob: Profanity;

  beforeAll(async () => {
    stage = await Stage.open();
    const { alice } = stage;
    bob = await stage.client('bob', start);
    await stage.meet(async () => {
      await bob.shows(`Received authorization request from ${alice.jid}`);
      bob.enter(`/sub allow ${alice.jid}`);
      bob.enter(`/sub request ${alice.jid}`);
    });
    bob.enter(`/msg ${alice.jid}`);
  });

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it('ux:4 writes and reads in clear, and its receipt becomes a tick', async () => {
    const { page } = stage.alice;
    await write(page, 'good morning');
    await bob.shows('good morning');
    await row(page, 'good morning').getByText('Delivered', { exact: true }).waitFor();
    bob.enter('and to you');
    await bubble(page, 'and to you').waitFor();
  });

  it('xep:X-43 is the same account in another client: each shows what the other one wrote', async () => {
    const { page } = stage.alice;
    const other = await stage.client('alice', start);
    other.enter(`/msg ${stage.bobsJid} from the terminal`);
    await bubble(page, 'from the terminal').waitFor();
    expect(await bubble(page, 'from the terminal').count()).toBe(1);
    await write(page, 'from the window');
    await other.shows('from the window');
    bob.enter('to both');
    await other.shows('to both');
    await bubble(page, 'to both').waitFor();
  });

  it('xep:X-46 is told in one line that it cannot read an invitation, and shows no ciphertext', async () => {
    const { page } = stage.alice;
    await startOffTheRecord(page);
    await startSheet(page).getByRole('button', { name: 'Start', exact: true }).click();
    await chip(page, CHIP.starting).waitFor();
    await bob.shows('OTR: Cannot recognize the type of message received.');
    expect(bob.screen()).not.toContain('?OTR');
    await write(page, 'held, not sent');
    await row(page, 'held, not sent').getByText('Held').first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('xep:S-20 asks for OTR version 3, and ours reads a plain sentence', async () => {
    const { page } = stage.alice;
    bob.enter('/win 1');
    bob.enter('/otr gen');
    await bob.shows('Private key generation complete.');
    bob.enter(`/msg ${stage.alice.jid}`);
    bob.enter('/otr start');
    await line(page, 'OTR 3').waitFor();
    expect(await messages(page).getByText('?OTR').count()).toBe(0);
  });

  it('has missed nothing after an absence, although another client was there', async () => {
    const { alice } = stage;
    await alice.quit();
    bob.enter('while you were away');
    bob.enter('twice');
    await alice.start();
    await waitUntilOnline(alice.page);
    await openChat(alice.page, BOB);
    await bubble(alice.page, 'twice').waitFor();
    for (const text of ['while you were away', 'twice']) {
      expect(await bubble(alice.page, text).count()).toBe(1);
    }
  });
});
