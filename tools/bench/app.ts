// SPDX-License-Identifier: GPL-3.0-or-later

import { bubble, composer, invitation, startOffTheRecord, startSheet } from '../driver/chat.ts';
import { acceptRequest, addContact, openChat } from '../driver/contacts.ts';
import { launch } from '../driver/launch.ts';
import { signIn, waitUntilOnline } from '../driver/sign-in.ts';
import { setStage, type Stage } from '../demo/stage.ts';
import { median } from './measure.ts';
import { type Figure, toFigure } from './report.ts';

const STARTS = 5;
const MESSAGES = 9;

async function becomeContacts({ alice, bob }: Stage): Promise<void> {
  for (const { running, credentials } of [alice, bob]) {
    await signIn(running.page, credentials);
    await waitUntilOnline(running.page);
  }
  await addContact(alice.running.page, bob.credentials.jid, 'Bob');
  await acceptRequest(bob.running.page);
  await openChat(alice.running.page, 'Bob');
  await openChat(bob.running.page, 'alice');
}

async function goOffTheRecord({ alice, bob }: Stage): Promise<void> {
  const [ours, theirs] = [alice.running.page, bob.running.page];
  await startOffTheRecord(ours);
  await startSheet(ours).getByRole('button', { name: 'Start', exact: true }).click();
  await invitation(theirs).getByRole('button', { name: 'Accept', exact: true }).click();
  await ours.getByText('Off the record started', { exact: false }).first().waitFor();
}

/** From Enter in one window to the message in the other, over the server. */
async function timeMessages({ alice, bob }: Stage, words: string): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < MESSAGES; index += 1) {
    const text = `${words} ${String(index)}`;
    const arrived = bubble(bob.running.page, text).waitFor();
    await composer(alice.running.page).fill(text);
    const start = performance.now();
    await composer(alice.running.page).press('Enter');
    await arrived;
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Starts again on a profile that is there, until the chat list can be used. */
async function timeStarts(profile: string, extraCa: string): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < STARTS; index += 1) {
    const start = performance.now();
    const { page, close } = await launch({ profile, extraCa });
    await page.getByRole('button', { name: 'New chat' }).first().waitFor();
    times.push(performance.now() - start);
    await close();
  }
  return median(times);
}

/** The built application as a person meets it, driven through its windows. */
export async function benchApp(): Promise<readonly Figure[]> {
  const stage = await setStage({ server: undefined, headful: false, say: () => undefined });
  try {
    await becomeContacts(stage);
    const plain = await timeMessages(stage, 'plain message');
    await goOffTheRecord(stage);
    const encrypted = await timeMessages(stage, 'off the record');
    await stage.quitApps();
    const start = await timeStarts(stage.alice.profile, stage.extraCa ?? '');
    const figure = (id: string, what: string, value: number): Figure =>
      toFigure({ id, what, median: value, unit: 'ms' });
    return [
      figure('A1', 'start to usable chat list, existing profile', start),
      figure('A2', 'plain message, Enter to the other window, over Prosody', plain),
      toFigure({
        id: 'A3',
        what: 'the same off the record',
        median: encrypted,
        unit: 'ms',
        against: 'plain, same run',
        ratio: encrypted / plain,
      }),
    ];
  } finally {
    await stage.clear();
  }
}
