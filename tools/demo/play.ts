// SPDX-License-Identifier: GPL-3.0-or-later

import {
  bubble,
  chip,
  closePanel,
  composer,
  endOffTheRecord,
  invitation,
  startOffTheRecord,
  startSheet,
  write,
} from '../driver/chat.ts';
import { acceptRequest, addContact, openChat, renameContact } from '../driver/contacts.ts';
import { fillAddress, finishKeys, submitAddress, waitUntilOnline } from '../driver/sign-in.ts';
import { answerQuestion, prepareQuestion, questionCard, sendQuestion } from '../driver/verify.ts';
import type { Act } from './act.ts';
import type { Album } from './album.ts';
import { secondActs } from './second-play.ts';
import { OFF_THE_RECORD, ON_THE_RECORD, VERIFICATION } from './script.ts';
import type { Stage } from './stage.ts';

const DESKTOP = { width: 1280, height: 800 };

const signIn: Act = {
  title: 'Alice and Bob create their accounts',
  run: async ({ stage, alice, bob, album }) => {
    await fillAddress(alice, stage.alice.credentials);
    await album.take(alice, 'sign-in');
    await submitAddress(alice, stage.alice.credentials);
    await album.take(alice, 'keys');
    await finishKeys(alice, 'Laptop');
    await fillAddress(bob, stage.bob.credentials);
    await submitAddress(bob, stage.bob.credentials);
    await finishKeys(bob, 'Laptop');
    await Promise.all([waitUntilOnline(alice), waitUntilOnline(bob)]);
    await album.take(alice, 'nobody-yet');
  },
};

const meet: Act = {
  title: 'Alice adds Bob, Bob accepts',
  run: async ({ stage, alice, bob, album }) => {
    await addContact(alice, stage.bob.credentials.jid, 'Bob');
    await bob.getByRole('region', { name: 'Requests' }).waitFor();
    await album.take(bob, 'request');
    await acceptRequest(bob);
    await renameContact(bob, stage.alice.credentials.jid.replace(/@.*/, ''), 'Alice');
    await openChat(alice, 'Bob');
    await openChat(bob, 'Alice');
    await composer(bob).hover();
  },
};

const plain: Act = {
  title: 'They chat; the servers can read it',
  run: async ({ alice, bob, album }) => {
    await write(bob, ON_THE_RECORD.bob);
    await bubble(alice, ON_THE_RECORD.bob).waitFor();
    await write(alice, ON_THE_RECORD.alice);
    await bubble(bob, ON_THE_RECORD.alice).waitFor();
    await album.take(alice, 'plain');
  },
};

const invite: Act = {
  title: 'Alice starts off the record; what she types is held',
  run: async ({ alice, bob, album }) => {
    await startOffTheRecord(alice);
    await startSheet(alice).waitFor();
    await album.take(alice, 'start-sheet');
    await startSheet(alice).getByRole('button', { name: 'Start', exact: true }).click();
    await chip(alice, 'Starting off the record').waitFor();
    await write(alice, OFF_THE_RECORD.held);
    await bubble(alice, OFF_THE_RECORD.held).waitFor();
    await album.take(alice, 'held');
    await invitation(bob).waitFor();
    await album.take(bob, 'invitation');
  },
};

const accept: Act = {
  title: 'Bob accepts; the held sentence arrives encrypted',
  run: async ({ alice, bob, album }) => {
    await invitation(bob).getByRole('button', { name: 'Accept', exact: true }).click();
    await Promise.all([
      chip(alice, 'Off the record.*not verified').waitFor(),
      chip(bob, 'Off the record.*not verified').waitFor(),
      bubble(bob, OFF_THE_RECORD.held).waitFor(),
    ]);
    await write(bob, OFF_THE_RECORD.reply);
    await bubble(alice, OFF_THE_RECORD.reply).waitFor();
    await album.take(alice, 'off-the-record');
  },
};

const verify: Act = {
  title: 'They verify each other by question and answer',
  run: async ({ alice, bob, album }) => {
    const { aliceAsks, bobAnswers, bobAsks, aliceAnswers } = VERIFICATION;
    const asking = await prepareQuestion(alice, {
      name: 'Bob',
      question: aliceAsks,
      answer: bobAnswers,
    });
    await album.take(alice, 'question');
    await sendQuestion(asking, 'Bob');
    await questionCard(bob).waitFor();
    await album.take(bob, 'asked');
    await answerQuestion(bob, bobAnswers);
    await chip(alice, 'Off the record.*(?<!not )verified').waitFor();
    const back = await prepareQuestion(bob, {
      name: 'Alice',
      question: bobAsks,
      answer: aliceAnswers,
    });
    await sendQuestion(back, 'Alice');
    await answerQuestion(alice, aliceAnswers);
    await chip(bob, 'Off the record.*(?<!not )verified').waitFor();
  },
};

const verified: Act = {
  title: 'They talk, verified; the window by day, by night and narrow',
  run: async ({ alice, bob, album }) => {
    await write(bob, OFF_THE_RECORD.verified);
    await bubble(alice, OFF_THE_RECORD.verified).waitFor();
    await write(alice, OFF_THE_RECORD.last);
    await bubble(bob, OFF_THE_RECORD.last).waitFor();
    await composer(alice).fill('I will call from the station');
    await album.take(alice, 'verified');
    await closePanel(alice);
    await album.take(alice, 'verified-chat');
    await alice.emulateMedia({ colorScheme: 'dark' });
    await album.take(alice, 'verified-dark');
    const size = alice.viewportSize();
    await alice.setViewportSize({ width: 390, height: 780 });
    await album.take(alice, 'verified-narrow-dark');
    await alice.emulateMedia({ colorScheme: 'light' });
    await album.take(alice, 'verified-narrow');
    await alice.setViewportSize(size ?? DESKTOP);
    await composer(alice).fill('');
  },
};

const end: Act = {
  title: 'Alice ends; her messages are gone, Bob’s composer is locked',
  run: async ({ alice, bob, album }) => {
    await composer(bob).fill(OFF_THE_RECORD.unsent);
    await endOffTheRecord(alice);
    await chip(alice, 'Not encrypted').waitFor();
    await alice.getByText(/off-the-record messages? removed/).waitFor();
    await bubble(alice, OFF_THE_RECORD.last).waitFor({ state: 'detached' });
    await album.take(alice, 'removed');
    await chip(bob, 'Alice ended').waitFor();
    await album.take(bob, 'ended');
    const choices = bob.getByRole('region', { name: /ended off the record at/ });
    await choices.getByRole('button', { name: 'Clear messages' }).click();
    await bubble(bob, OFF_THE_RECORD.last).waitFor({ state: 'detached' });
    await album.take(bob, 'cleared');
  },
};

const acts: readonly Act[] = [signIn, meet, plain, invite, accept, verify, verified, end];

/** Plays these in order. Each one waits for what a person would see before it goes on. */
export async function play(
  stage: Stage,
  album: Album,
  say: (title: string) => void,
): Promise<void> {
  for (const { title, run } of stage.keyServer === undefined ? acts : [...acts, ...secondActs]) {
    say(title);
    await run({
      stage,
      album,
      get alice() {
        return stage.alice.running.page;
      },
      get bob() {
        return stage.bob.running.page;
      },
    });
  }
}
