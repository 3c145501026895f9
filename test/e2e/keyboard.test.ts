// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, chip, composer, invitation, startSheet } from '../../tools/driver/chat.ts';
import { questionCard } from '../../tools/driver/verify.ts';
import { tellScreensOnFailure } from './support/failure.ts';
import { forgetSpoken, listen, timesSpoken } from './support/listen.ts';
import { ask } from './support/main.ts';
import { BOB, CHIP, openPair, type Pair } from './support/pair.ts';
import { dialogs, panel } from './support/room.ts';
import { eventually } from './support/screen.ts';

/** More stops than any screen has. */
const MOST_STOPS = 40;

let pair: Pair;

tellScreensOnFailure(() => [pair.alice.page, pair.bob.page]);

interface Stop {
  readonly name: string;
  readonly hasRing: boolean;
}

/** Where the keyboard stands: what a screen reader says, and whether eyes can see it. */
const here = (page: Page): Promise<Stop> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) {
      return { name: '', hasRing: false };
    }
    const labels = 'labels' in element ? [...((element.labels as NodeList | null) ?? [])] : [];
    const named = (element.getAttribute('aria-labelledby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '');
    const words = [element.ariaLabel, ...named, ...labels.map((l) => l.textContent)];
    const name = [...words, element.textContent].find((text) => (text ?? '').trim() !== '') ?? '';
    const around = [element, ...document.querySelectorAll<HTMLElement>(':focus-within')];
    const hasRing = around.some((each) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
      return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    });
    const kind = element.role === 'tab' ? 'tab: ' : '';
    return { name: kind + name.trim().replace(/\s+/g, ' '), hasRing };
  });

/** Goes on with Tab until it stands there; every stop on the way has a name and can be seen. */
async function tabTo(page: Page, wanted: string | RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    const { name, hasRing } = await here(page);
    if (typeof wanted === 'string' ? name === wanted : wanted.test(name)) return;
    if (stop > 0) {
      expect(name, `after ${passed.join(' → ')}`).not.toBe('');
      expect(hasRing, name).toBe(true);
    }
    passed.push(name);
    await page.keyboard.press(key);
  }
  throw new Error(`the keyboard does not reach ${String(wanted)}: ${passed.join(' → ')}`);
}

/** Closing something gives the focus back to what is there, never to nowhere. */
async function expectFocused(page: Page): Promise<void> {
  await expect.poll(() => here(page)).not.toMatchObject({ name: '' });
}

/** A change of state is said when it comes, and not again. */
async function expectSaidOnce(pages: readonly Page[], text: string): Promise<void> {
  for (const page of pages) {
    await eventually(() => timesSpoken(page, text), { message: text }).toBe(1);
    await forgetSpoken(page);
  }
}

describe('somebody without a mouse', () => {
  beforeAll(async () => {
    pair = await openPair();
    await listen(pair.alice.page);
    await listen(pair.bob.page);
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  it('ux:22 starts off the record, and is let in', async () => {
    const { alice, bob } = pair;
    for (const { page } of [alice, bob]) {
      while (!(await here(page)).name.startsWith('Message to')) await page.keyboard.press('F6');
    }
    await alice.page.keyboard.press('Control+Shift+P');
    await panel(alice.page).waitFor();
    await tabTo(alice.page, 'Start off the record');
    await alice.page.keyboard.press('Enter');
    await startSheet(alice.page).waitFor();
    expect((await here(alice.page)).name).toBe('Start');
    await alice.page.keyboard.press('Enter');
    await chip(alice.page, CHIP.starting).waitFor();
    await expectFocused(alice.page);

    await invitation(bob.page).waitFor();
    expect((await here(bob.page)).name).toBe('Message to alice');
    await tabTo(bob.page, 'Accept', 'Shift+Tab');
    await bob.page.keyboard.press('Enter');
    await chip(bob.page, CHIP.unverified).waitFor();
    await chip(alice.page, CHIP.unverified).waitFor();
    await expectSaidOnce([alice.page, bob.page], CHIP.unverified);
    await expectFocused(bob.page);
  });

  it('ux:22 verifies by a question', async () => {
    const { alice, bob } = pair;
    await alice.page.keyboard.press('Control+Shift+Y');
    await dialogs(alice.page).waitFor();
    await tabTo(alice.page, /^tab: We can talk now/, 'Shift+Tab');
    await alice.page.keyboard.press('ArrowDown');
    await expect
      .poll(() => here(alice.page))
      .toMatchObject({ name: expect.stringMatching(/^tab: We share a memory/) as string });
    await alice.page.keyboard.press('Enter');
    await tabTo(alice.page, 'Question');
    await alice.page.keyboard.type('Where did we meet?');
    await tabTo(alice.page, 'Answer');
    await alice.page.keyboard.type('lisbon');
    await tabTo(alice.page, 'Ask Bob');
    await alice.page.keyboard.press('Enter');
    await dialogs(alice.page).waitFor({ state: 'detached' });
    await expectFocused(alice.page);

    await questionCard(bob.page).waitFor();
    await tabTo(bob.page, 'Answer…', 'Shift+Tab');
    await bob.page.keyboard.press('Enter');
    await expect.poll(() => here(bob.page)).toMatchObject({ name: 'Your answer' });
    await bob.page.keyboard.type('lisbon');
    await bob.page.keyboard.press('Enter');
    await chip(alice.page, CHIP.verified).waitFor();
    await expectSaidOnce([alice.page], CHIP.verified);
    await expectFocused(bob.page);
  });

  it('ux:22 reads the devices, writes, walks through the messages and ends', async () => {
    const { alice, bob } = pair;
    await tabTo(alice.page, /^More for .+/);
    await alice.page.keyboard.press('Enter');
    await alice.page.getByRole('menuitem', { name: 'Compare security code…' }).waitFor();
    await alice.page.keyboard.press('Escape');
    await tabTo(alice.page, `Message to ${BOB}`, 'Shift+Tab');
    await alice.page.keyboard.type('by keyboard alone');
    await alice.page.keyboard.press('Enter');
    await bubble(bob.page, 'by keyboard alone').waitFor();
    await alice.page.keyboard.press('Escape');
    await expect
      .poll(() => here(alice.page))
      .toMatchObject({ name: expect.stringContaining('by keyboard alone') as string });
    await alice.page.keyboard.press('ArrowUp');
    await alice.page.keyboard.press('Control+Shift+E');
    await dialogs(alice.page).waitFor();
    expect((await here(alice.page)).name).toBe('End and remove');
    await alice.page.keyboard.press('Enter');
    await chip(alice.page, CHIP.plain).waitFor();
    await expectFocused(alice.page);
    await chip(bob.page, CHIP.aliceEnded).waitFor();
    await expectSaidOnce([alice.page], CHIP.plain);
    await expectSaidOnce([bob.page], CHIP.aliceEnded);
    expect(await composer(bob.page).getAttribute('readonly')).not.toBeNull();
  });

  it('ux:22 goes on in clear, when that is what they choose', async () => {
    const { bob } = pair;
    await tabTo(bob.page, 'Write unencrypted…', 'Shift+Tab');
    await bob.page.keyboard.press('Enter');
    await dialogs(bob.page).waitFor();
    expect((await here(bob.page)).name).toBe('Stay off the record');
    await tabTo(bob.page, 'Send unencrypted', 'Shift+Tab');
    await bob.page.keyboard.press('Enter');
    await chip(bob.page, CHIP.plain).waitFor();
    await expectFocused(bob.page);
  });

  it('ux:9 ux:22 does all of it in German while the other speaks English', async () => {
    const { alice, bob } = pair;
    const settings = await ask(bob.page, 'settings.view', {});
    await ask(bob.page, 'settings.save', {
      settings: { ...(settings as object), language: 'de' },
    });
    await expect.poll(() => bob.page.locator('html').getAttribute('lang')).toBe('de');
    const menu = await bob.running.app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()?.items.map(({ label }) => label),
    );
    expect(menu).toEqual(['Chats', 'Bearbeiten', 'Vertraulich', 'Fenster']);
    await forgetSpoken(bob.page);

    while (!(await here(bob.page)).name.startsWith('Nachricht an')) {
      await bob.page.keyboard.press('F6');
    }
    await alice.page.keyboard.press('Control+Shift+O');
    await startSheet(alice.page).waitFor();
    await alice.page.keyboard.press('Enter');
    await bob.page.getByRole('button', { name: 'Annehmen', exact: true }).waitFor();
    expect((await here(bob.page)).name).toBe('Nachricht an alice');
    await tabTo(bob.page, 'Annehmen', 'Shift+Tab');
    await bob.page.keyboard.press('Enter');
    await expectSaidOnce([bob.page], 'Vertraulich · nicht verifiziert');

    await bob.page.keyboard.press('Control+Shift+Y');
    await dialogs(bob.page).waitFor();
    await tabTo(bob.page, /^tab: Wir können jetzt reden/, 'Shift+Tab');
    await bob.page.keyboard.press('ArrowDown');
    await bob.page.keyboard.press('Enter');
    await tabTo(bob.page, 'Frage');
    await bob.page.keyboard.type('Wo war das?');
    await tabTo(bob.page, 'Antwort');
    await bob.page.keyboard.type('lissabon');
    await tabTo(bob.page, /^alice fragen$/);
    await bob.page.keyboard.press('Enter');
    await questionCard(alice.page).waitFor();
    await tabTo(alice.page, 'Answer…');
    await alice.page.keyboard.press('Enter');
    await expect.poll(() => here(alice.page)).toMatchObject({ name: 'Your answer' });
    await alice.page.keyboard.type('lissabon');
    await alice.page.keyboard.press('Enter');
    await expectSaidOnce([bob.page], 'Vertraulich · verifiziert');

    await bob.page.keyboard.press('Control+Shift+E');
    await dialogs(bob.page).waitFor();
    expect((await here(bob.page)).name).toBe('Beenden und entfernen');
    await bob.page.keyboard.press('Enter');
    await expectSaidOnce([bob.page], 'Nicht verschlüsselt');
    await expectFocused(bob.page);
    await chip(alice.page, CHIP.bobEnded).waitFor();
  });
});
