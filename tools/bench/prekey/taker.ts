// SPDX-License-Identifier: GPL-3.0-or-later
// One program that takes until nothing is left, and says which: numbers on standard output.

import process from 'node:process';
import { openStorage } from '#prekey-server/storage/open-storage.ts';
import { numberOf, targetOf } from './filling.ts';
import type { Place } from './takes.ts';

interface Task {
  readonly place: Place;
  readonly targets: number;
  readonly domain: string;
  readonly lanes: number;
}

const { place, targets, domain, lanes } = JSON.parse(process.argv[2] ?? '') as Task;
const storage = await openStorage(place, undefined);

async function takeAll(identity: string): Promise<void> {
  const order = { tag: 'take', identity, ownerTag: undefined, reserve: 0 } as const;
  for (let misses = 0; misses < 3;) {
    // Two programs on one SQLite file may wait too long for each other: then nothing was taken.
    const ensembles = await storage.take(order, Date.now()).catch(() => undefined);
    if (ensembles === undefined) continue;
    // Another may hold the last row at this very moment.
    misses = ensembles.length === 0 ? misses + 1 : 0;
    if (ensembles.length > 0) {
      const ids = ensembles.map(({ prekeyMessage }) => numberOf(prekeyMessage));
      process.stdout.write(`${ids.join(' ')}\n`);
    }
  }
}

let next = 0;
const lane = async (): Promise<void> => {
  while (next < targets) {
    next += 1;
    await takeAll(targetOf(next - 1, domain));
  }
};
await Promise.all(Array.from({ length: lanes }, lane));
await storage.close();
