// SPDX-License-Identifier: GPL-3.0-or-later

import { openPreview, type Preview } from '../renderer-preview/open-browser.ts';
import {
  scrollUp,
  shiftOfPrepending,
  timeArrivals,
  timeOpening,
  timePlainList,
} from './chat-page.ts';
import { median } from './measure.ts';
import { type Figure, toFigure } from './report.ts';

const ROUNDS = 9;
const look = { width: 1280, height: 800, theme: 'light' } as const;
const scenario = (messages: number) => `measured/${String(messages)}`;
const newest = (messages: number) => `p${String(messages)}`;

/** Opens the chat on a fresh page, then a plain list of 500 rows on the same one. */
const open = (preview: Preview, messages: number) =>
  preview.show({ scenario: scenario(messages), ...look }, async (page) => ({
    chat: await timeOpening(page, newest(messages)),
    plain: await timePlainList(page, 500),
  }));

async function opening(preview: Preview): Promise<readonly Figure[]> {
  const rounds: { long: number; short: number; plain: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const long = await open(preview, 100_000);
    const short = await open(preview, 500);
    if (round > 0) rounds.push({ long: long.chat, short: short.chat, plain: short.plain });
  }
  const long = median(rounds.map((round) => round.long));
  const against = (name: 'short' | 'plain') => long / median(rounds.map((round) => round[name]));
  const figure = { id: 'U1', what: 'open a chat of 100,000', median: long, unit: 'ms' } as const;
  return [
    toFigure({ ...figure, against: 'plain list of 500', ratio: against('plain'), goal: 1.2 }),
    toFigure({ ...figure, id: 'U1a', against: 'a chat of 500', ratio: against('short') }),
  ];
}

async function scrolling(preview: Preview): Promise<readonly Figure[]> {
  return preview.show({ scenario: scenario(100_000), ...look }, async (page) => {
    await timeOpening(page, newest(100_000));
    const arrivals = await timeArrivals(page, 40);
    const shifts: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) shifts.push(await shiftOfPrepending(page));
    await page.getByRole('button', { name: 'Newest messages' }).click();
    const ours = await scrollUp(page, '.scroller', 12_000);
    await timePlainList(page, 500);
    const plain = await scrollUp(page, '#plain', 12_000);
    const late = arrivals.toSorted((a, b) => a - b)[Math.floor(arrivals.length * 0.95)] ?? 0;
    const count = (id: string, what: string, value: number, goal: number): Figure => ({
      id,
      what,
      median: value,
      unit: 'x',
      goal,
    });
    return [
      count('U2', 'frames dropped at 3000 px/s', ours.dropped, plain.dropped + 20),
      count('U2a', '… of them blank', ours.blank, 0),
      count('U2b', 'px that a row jumps back, at most', ours.backward, 2),
      count('U2c', 'rows in the page at most', ours.rows, 1000),
      count('U3', 'px that a page above moves what is read', Math.max(...shifts), 1),
      count('U4', 'frames until an arriving message is there, p95', late, 2),
    ];
  });
}

/** A chat of a hundred thousand messages in the browser: opening, scrolling, what comes in. */
export async function benchChat(): Promise<readonly Figure[]> {
  const preview = await openPreview();
  try {
    return [...(await opening(preview)), ...(await scrolling(preview))];
  } finally {
    await preview.stop();
  }
}
