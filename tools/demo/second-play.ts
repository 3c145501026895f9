// SPDX-License-Identifier: GPL-3.0-or-later

import {
  bubble,
  chip,
  closePanel,
  composer,
  startOffTheRecord,
  startSheet,
  write,
} from '../driver/chat.ts';
import { openChat } from '../driver/contacts.ts';
import { lookAtHealth } from '../driver/health.ts';
import { waitUntilOnline } from '../driver/sign-in.ts';
import type { Act } from './act.ts';
import { WHILE_AWAY } from './script.ts';

/** How long the other side may take to be told that somebody has gone or come back. */
const NOTICED_MS = 60_000;
/** The keys of a device are made and published in the background. */
const PUBLISHED_MS = 120_000;

const publish: Act = {
  title: 'Bob’s device has left keys on the key server',
  run: async ({ stage, album }) => {
    const bob = stage.bob.running.page;
    const health = await lookAtHealth(bob);
    await health.getByText('100 of 100').waitFor({ timeout: PUBLISHED_MS });
    await album.take(bob, 'health');
  },
};

const leave: Act = {
  title: 'Bob quits; Alice writes to him off the record all the same',
  run: async ({ stage, alice, album }) => {
    await stage.bob.quit();
    await alice.getByText('Offline', { exact: true }).waitFor({ timeout: NOTICED_MS });
    await startOffTheRecord(alice);
    await startSheet(alice).getByRole('button', { name: 'Start', exact: true }).click();
    await chip(alice, 'Off the record.*Bob is offline.*(?<!not )verified').waitFor({
      timeout: NOTICED_MS,
    });
    await album.take(alice, 'away-started');
    await closePanel(alice);
    await write(alice, WHILE_AWAY.alice);
    await bubble(alice, WHILE_AWAY.alice).waitFor();
    await album.take(alice, 'away-written');
    await stage.alice.quit();
  },
};

const readAndAnswer: Act = {
  title: 'Alice has quit too; Bob returns, reads and answers',
  run: async ({ stage, album }) => {
    await stage.bob.open();
    const bob = stage.bob.running.page;
    await openChat(bob, 'Alice');
    await bubble(bob, WHILE_AWAY.alice).waitFor({ timeout: NOTICED_MS });
    await album.take(bob, 'away-read');
    await chip(bob, 'Off the record.*Alice is offline').waitFor({ timeout: NOTICED_MS });
    await write(bob, WHILE_AWAY.bob);
    await bubble(bob, WHILE_AWAY.bob).waitFor();
  },
};

const goOnLive: Act = {
  title: 'Alice returns and reads; both are here, and it goes on live',
  run: async ({ stage, album }) => {
    await stage.alice.open();
    const alice = stage.alice.running.page;
    const bob = stage.bob.running.page;
    await waitUntilOnline(alice);
    await openChat(alice, 'Bob');
    await bubble(alice, WHILE_AWAY.bob).waitFor({ timeout: NOTICED_MS });
    await chip(alice, 'Off the record · verified').waitFor({ timeout: NOTICED_MS });
    await write(alice, WHILE_AWAY.live);
    await bubble(bob, WHILE_AWAY.live).waitFor();
    await alice.getByText(/Continued live/).waitFor({ timeout: NOTICED_MS });
    await composer(alice).hover();
    await album.take(alice, 'away-live');
  },
};

/** Needs a prekey server beside the XMPP server. */
export const secondActs: readonly Act[] = [publish, leave, readAndAnswer, goOnLive];
