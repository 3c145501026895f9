// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { chip, invitation, startOffTheRecord, startSheet } from '../../../tools/driver/chat.ts';
import { acceptRequest, addContact, openChat } from '../../../tools/driver/contacts.ts';
import type { RunningApp } from '../../../tools/driver/launch.ts';
import { type Credentials, signIn, waitUntilOnline } from '../../../tools/driver/sign-in.ts';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { House } from './house.ts';
import { ask, conversationId } from './main.ts';

/** How the two call each other: Alice gave Bob a name, Bob sees hers as the address has it. */
export const BOB = 'Bob';
export const ALICE = 'alice';

/** What people have to know of their server. */
export type Place = Pick<Prosody, 'domain' | 'host' | 'port'>;

/** Somebody at a computer with Sotto on it, which can be started again on the same profile. */
export class Person {
  readonly jid: string;
  readonly profile: string;
  readonly credentials: Credentials;
  readonly #name: string;
  readonly #house: House;
  #running: RunningApp | undefined;

  constructor(name: string, house: House, { domain, host, port }: Place) {
    this.#name = name;
    this.#house = house;
    this.jid = `${name}@${domain}`;
    this.profile = house.profile(name);
    const password = `password of ${name}`;
    this.credentials = { jid: this.jid, password, create: true, server: { host, port } };
  }

  get running(): RunningApp {
    if (this.#running === undefined) throw new RangeError(`${this.jid} has not started Sotto`);
    return this.#running;
  }

  get page(): Page {
    return this.running.page;
  }

  get isOpen(): boolean {
    return this.#running !== undefined;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#running = await this.#house.launch(this.#name, env);
  }

  /** A new person, as far as the chat list. */
  async arrive(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.start(env);
    await signIn(this.page, this.credentials);
    await waitUntilOnline(this.page);
  }

  async quit(): Promise<void> {
    const { running } = this;
    this.#running = undefined;
    await this.#house.quit(running);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.running.app.process();
    this.#running = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/** Two people signed in at one server that writes down all it sees; each is the other's contact. */
export interface Pair extends AsyncDisposable {
  readonly prosody: Prosody;
  readonly house: House;
  readonly alice: Person;
  readonly bob: Person;
}

export async function openPair(
  house = new House(),
  aliceEnv: Readonly<Record<string, string>> = {},
): Promise<Pair> {
  const dispose = (): Promise<void> => house[Symbol.asyncDispose]();
  try {
    const prosody = await house.server();
    const people = await meet(house, prosody, aliceEnv);
    return { prosody, house, ...people, [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

/** Both sign up at that server, become contacts, and look at each other's chat. */
export async function meet(
  house: House,
  place: Place,
  aliceEnv: Readonly<Record<string, string>> = {},
): Promise<Pick<Pair, 'alice' | 'bob'>> {
  const alice = new Person('alice', house, place);
  const bob = new Person('bob', house, place);
  await Promise.all([alice.arrive(aliceEnv), bob.arrive()]);
  await addContact(alice.page, bob.jid, BOB);
  await acceptRequest(bob.page);
  await openChat(alice.page, BOB);
  await openChat(bob.page, ALICE);
  await Promise.all([seesOnline(alice.page), seesOnline(bob.page)]);
  return { alice, bob };
}

/** The line under the name in the header of the open chat. */
export const seesOnline = (page: Page): Promise<void> =>
  page.getByRole('main').getByText('Online', { exact: true }).waitFor();

/** Text of the header chip, for `chip`. */
export const CHIP = {
  plain: 'Not encrypted',
  starting: 'Starting off the record',
  unverified: 'Off the record · not verified',
  verified: 'Off the record · verified',
  bobEnded: 'Bob ended off the record',
  aliceEnded: 'alice ended off the record',
} as const;

/** Starts, and answers the sheet that comes the first time. */
export async function invite(page: Page): Promise<void> {
  await startOffTheRecord(page);
  const starting = chip(page, CHIP.starting);
  await starting.or(startSheet(page)).first().waitFor();
  if (!(await startSheet(page).isVisible())) return;
  await startSheet(page).getByLabel('Do not show again').check();
  await startSheet(page).getByRole('button', { name: 'Start', exact: true }).click();
  await starting.waitFor();
}

export const acceptInvitation = (page: Page): Promise<void> =>
  invitation(page).getByRole('button', { name: 'Accept', exact: true }).click();

/** Alice invites, Bob accepts: S3 on both sides. */
export async function goOffTheRecord({ alice, bob }: Pick<Pair, 'alice' | 'bob'>): Promise<void> {
  await invite(alice.page);
  await acceptInvitation(bob.page);
  await Promise.all([
    chip(alice.page, CHIP.unverified).waitFor(),
    chip(bob.page, CHIP.unverified).waitFor(),
  ]);
}

interface Seen {
  readonly state: string;
  readonly invitation?: unknown;
}

/** One step back to a chat in clear, by what the window could ask for. */
async function stepBack(page: Page): Promise<string> {
  const id = await conversationId(page);
  const { state, invitation: asked } = (await ask(page, 'conversation.open', { id })) as Seen;
  if (asked !== undefined) await ask(page, 'conversation.decline', { id });
  else if (state === 'starting') await ask(page, 'conversation.cancel', { id });
  else if (state.startsWith('ended') || state === 'expired') {
    await ask(page, 'conversation.write-unencrypted', { id });
    await ask(page, 'conversation.clear', { id });
  } else if (!state.startsWith('plain')) await ask(page, 'conversation.end', { id });
  else await ask(page, 'conversation.cancel', { id });
  return state;
}

/** Whatever went before: nothing is encrypted any more, and nothing waits. */
export async function goPlain({ alice, bob }: Pick<Pair, 'alice' | 'bob'>): Promise<void> {
  for (const { page } of [alice, bob]) await page.keyboard.press('Escape');
  await expect
    .poll(async () => [await stepBack(alice.page), await stepBack(bob.page)], { timeout: 15_000 })
    .toEqual([expect.stringMatching(/^plain/), expect.stringMatching(/^plain/)]);
}
