// SPDX-License-Identifier: GPL-3.0-or-later

import { USERS } from '../../prekey-server/users.ts';
import { type Beside, besideProsody, gaugeOf, queryFor } from './beside-prosody.ts';
import type { LoadFigure } from './figures.ts';
import { fakePublication, targetOf } from './filling.ts';

const MIB = 1024 * 1024;
const LANES = 8;
/** Of so many people one has left keys. */
const PER_PUBLISHER = 10;

/** Queries of ever new people about ever new people, for so many minutes: the memory has to stay. */
export async function soak(minutes: number): Promise<readonly LoadFigure[]> {
  if (minutes === 0) return [];
  return await besideProsody(undefined, async (beside) => {
    const third = minutes * 20_000;
    const warming = await askFor(beside, 0, third);
    const warm = await gaugeOf(beside.server, 'resident_bytes');
    const asked = await askFor(beside, warming, 2 * third);
    const resident = await gaugeOf(beside.server, 'resident_bytes');
    const grown = (resident - warm) / MIB;
    return [
      { what: `soak, ${String(minutes)} minutes: queries`, value: asked, unit: '' },
      { what: 'soak: grown since a third of it', value: grown, unit: 'MiB', atMost: 16 },
      { what: 'soak: resident', value: resident / MIB, unit: 'MiB', atMost: 250 },
    ];
  });
}

/** @returns how many have asked, those before included */
async function askFor({ users, storage }: Beside, before: number, ms: number): Promise<number> {
  const endsAt = performance.now() + ms;
  let n = before;
  const lane = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const target = targetOf(n, USERS);
      const from = `u${String(n)}@${USERS}/x`;
      n += 1;
      if (n % PER_PUBLISHER === 0) await storage.publish(fakePublication(target, 0, 2), Date.now());
      await users.ask(from, queryFor(target));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return n;
}
