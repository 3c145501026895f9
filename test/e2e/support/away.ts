// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { chip, closePanel, endOffTheRecord } from '../../../tools/driver/chat.ts';
import { openChat } from '../../../tools/driver/contacts.ts';
import { lookAtHealth } from '../../../tools/driver/health.ts';
import { ALICE, BOB, CHIP, goOffTheRecord, type Pair, type Person } from './pair.ts';
import { setRule } from './room.ts';
import { compareCodes } from './verification.ts';

/** What is to be seen, and heard on the wire, while Bob is away. */
export const AWAY = {
  waiting: 'Off the record · waiting for Bob',
  verified: 'Off the record · Bob is offline · verified',
  unverified: 'Off the record · Bob is offline · not verified',
  /** With which a Non-Interactive-Auth message begins: version 4, type 0x0D. */
  firstBody: '?OTR:AAQN',
} as const;

/** Making a hundred pairs of keys takes its time on a busy machine. */
const PUBLISHED_MS = 60_000;

/** Nobody has to wait until it is looked at by itself. */
export async function publishKeys(page: Page): Promise<void> {
  const health = await lookAtHealth(page);
  await health.getByRole('button', { name: 'Repair' }).click();
  await health.getByText('100 of 100').waitFor({ timeout: PUBLISHED_MS });
}

/** The line under the name says so. */
export const seesOffline = (page: Page): Promise<void> =>
  page.getByRole('main').getByText('Offline', { exact: true }).waitFor();

/** Both have compared codes, and Alice is off the record with Bob from now on whenever she can. */
export async function verifyEachOther(pair: Pick<Pair, 'alice' | 'bob'>): Promise<void> {
  const { alice, bob } = pair;
  await goOffTheRecord(pair);
  await compareCodes(alice.page, BOB, 'They match');
  await compareCodes(bob.page, ALICE, 'They match');
  await Promise.all([alice, bob].map(({ page }) => chip(page, CHIP.verified).waitFor()));
  await setRule(alice.page, 'Off the record', 'Whenever possible');
  await closePanel(alice.page);
  await endOffTheRecord(alice.page);
}

/** Starts the application again, where it was. */
export async function comeBack(person: Person, peer: string): Promise<void> {
  await person.start();
  await openChat(person.page, peer);
}
