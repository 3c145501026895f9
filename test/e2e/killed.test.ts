// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, composer, write } from '../../tools/driver/chat.ts';
import { openChat } from '../../tools/driver/contacts.ts';
import { waitUntilOnline } from '../../tools/driver/sign-in.ts';
import { filesBelow, searchLeaks } from '../../tools/demo/leak-search.ts';
import {
  acceptInvitation,
  BOB,
  CHIP,
  goOffTheRecord,
  openPair,
  type Pair,
} from './support/pair.ts';
import { descendantsOf, stillRunning } from './support/processes.ts';
import { eventually } from './support/screen.ts';

const OPENLY = 'The weather is fine on the coast.';
const SECRETS = {
  sent: 'The ledger is under the third floorboard.',
  received: 'Then nobody should see you carry it away.',
  unsent: 'I will take the back door at',
} as const;

let pair: Pair;

beforeAll(async () => {
  pair = await openPair();
});

afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

describe('an application that is killed while it is off the record', () => {
  it('ux:A10 sec:F-PROC-1 leaves nothing of that chat behind, and opens again with everything else', async () => {
    const { alice, bob } = pair;
    await write(alice.page, OPENLY);
    await bubble(bob.page, OPENLY).waitFor();
    await goOffTheRecord(pair);
    await write(alice.page, SECRETS.sent);
    await bubble(bob.page, SECRETS.sent).waitFor();
    await write(bob.page, SECRETS.received);
    await bubble(alice.page, SECRETS.received).waitFor();
    await composer(alice.page).fill(SECRETS.unsent);

    const started = await descendantsOf(alice.running.app.process().pid ?? 0);
    expect(started.length).toBeGreaterThan(0);
    await alice.kill();
    await eventually(() => stillRunning(started)).toEqual([]);

    expect(searchLeaks([alice.profile], Object.values(SECRETS))).toEqual([]);
    expectSealed(alice.profile);

    await alice.start();
    await openChat(alice.page, BOB);
    await bubble(alice.page, OPENLY).waitFor();
    await waitUntilOnline(alice.page);
    await chip(alice.page, CHIP.plain).waitFor();
    for (const secret of Object.values(SECRETS)) {
      expect(await alice.page.getByText(secret).count()).toBe(0);
    }
    expect(await composer(alice.page).inputValue()).toBe('');
    expect(searchLeaks([alice.profile], Object.values(SECRETS))).toEqual([]);
  });

  it('ux:S9 does not make the other side speak in clear; with a word of hers it goes on', async () => {
    const { alice, bob } = pair;
    const late = 'Did the light go out at your end?';
    await write(bob.page, late);
    await bubble(bob.page, late).waitFor();
    await acceptInvitation(alice.page);
    await Promise.all([
      chip(alice.page, CHIP.unverified).waitFor(),
      chip(bob.page, CHIP.unverified).waitFor(),
      bubble(alice.page, late).waitFor(),
    ]);
    await write(alice.page, SECRETS.unsent);
    await bubble(bob.page, SECRETS.unsent).waitFor();
    expect(searchLeaks([pair.prosody.folder], [late, ...Object.values(SECRETS)])).toEqual([]);
  });
});

/** The search can find nothing only because the store is sealed: what was said openly is in it. */
function expectSealed(profile: string): void {
  const files = filesBelow(profile).filter((file) => readFileSync(file).includes(OPENLY));
  expect(files).toEqual([]);
  const head = readFileSync(join(profile, 'profile', 'store.db')).subarray(0, 15);
  expect(head.toString('latin1')).not.toBe('SQLite format 3');
}
