// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way, through a Prosody.

import { createPrekeyClient, LIMITS, type PrekeyClientInput, stepPrekeyClient } from '#otr';
import { keyedDevice, realEnv } from '../../prekey-server/keyed-device.ts';
import type { PrekeyServerProcess } from '../../prekey-server/prekey-server.ts';
import { USERS, type Users } from '../../prekey-server/users.ts';
import { besideProsody, gaugeOf, queryFor } from './beside-prosody.ts';
import { inParallel, type LoadFigure, percentile, perSecond } from './figures.ts';
import { fill, targetOf } from './filling.ts';
import type { Place } from './takes.ts';

const query = (n: number, targets: number): string => queryFor(targetOf(n % targets, USERS));

export interface ThroughOptions {
  readonly name: string;
  readonly place: Place | undefined;
  readonly queries: number;
  readonly goals: { readonly perSecond: number; readonly p99: number };
}

export async function benchThroughXmpp(options: ThroughOptions): Promise<readonly LoadFigure[]> {
  return await besideProsody(options.place, async ({ server, users, storage }) => {
    const targets = Math.ceil(options.queries / 50) + 1;
    await fill(storage, targets, USERS, 60);
    const alone = await retrievals(users, options, targets);
    const beside = await besidePublications(users, options, targets, server);
    return [...alone, ...beside];
  });
}

async function retrievals(
  users: Users,
  { name, queries, goals }: ThroughOptions,
  targets: number,
): Promise<readonly LoadFigure[]> {
  let empty = 0;
  const count = Math.floor((queries * 4) / 5);
  const begunAt = performance.now();
  const times = await inParallel(count, 16, async (n) => {
    const body = await users.ask(`u${String(n)}@${USERS}/x`, query(n, targets));
    if (!body.startsWith('AAQT')) empty += 1;
  });
  const rate = perSecond(count, performance.now() - begunAt);
  const what = `${name}, through XMPP`;
  return [
    { what: `${what}: ensembles per second`, value: rate, unit: '/s', atLeast: goals.perSecond },
    { what: `${what}: p50`, value: percentile(times, 0.5), unit: 'ms' },
    { what: `${what}: p99`, value: percentile(times, 0.99), unit: 'ms', atMost: goals.p99 },
    { what: `${what}: queries without an ensemble`, value: empty, unit: '', atMost: 0 },
  ];
}

const PUBLISHERS = 4;
/** Of one publication: a client of ours sends no more at once. */
const PUBLISHED = LIMITS.prekeysPerPublication;
const ROUNDS = 3;

/** Four clients publish without a pause while others ask, one after the other. */
async function besidePublications(
  users: Users,
  { name, queries }: ThroughOptions,
  targets: number,
  server: PrekeyServerProcess,
): Promise<readonly LoadFigure[]> {
  const prepared = await Promise.all(
    Array.from({ length: PUBLISHERS * ROUNDS }, (_, n) =>
      prepare(users, server, `publisher${String(n)}@${USERS}`),
    ),
  );
  // Asked for a second time it says what has been since.
  await gaugeOf(server, 'loop_delay_p99_seconds');
  const state = { isDone: false };
  const publishing = inParallel(prepared.length, PUBLISHERS, async (n) => {
    const { from = '', dake3 = '' } = prepared[n] ?? {};
    const outcome = await users.ask(from, dake3);
    if (!outcome.startsWith('AAQG')) throw new Error('a publication failed');
  }).then(() => {
    state.isDone = true;
  });
  const times: number[] = [];
  for (let n = 0; !state.isDone && n < queries / 5; n += 1) {
    const begunAt = performance.now();
    await users.ask(`v${String(n)}@${USERS}/x`, query(n, targets));
    times.push(performance.now() - begunAt);
  }
  await publishing;
  const delay = (await gaugeOf(server, 'loop_delay_p99_seconds')) * 1000;
  const what = `${name}, while ${String(PUBLISHERS)} publish ${String(PUBLISHED)} each`;
  return [
    { what: `${what}: query p99`, value: percentile(times, 0.99), unit: 'ms', atMost: 500 },
    { what: `${what}: event loop p99`, value: delay, unit: 'ms', atMost: 20 },
  ];
}

/** Everything but the DAKE-3, so that the driver has nothing to compute later. */
async function prepare(users: Users, server: PrekeyServerProcess, jid: string) {
  const keys = keyedDevice(jid, server);
  const from = `${jid}/desk`;
  let client = createPrekeyClient(keys.context);
  const step = (input: PrekeyClientInput): string => {
    const { next, effects } = stepPrekeyClient(client, input, realEnv);
    client = next;
    return effects.find((effect) => effect.tag === 'transmit')?.body ?? '';
  };
  const publication = keys.content(PUBLISHED);
  const dake1 = step({ tag: 'request', request: { tag: 'publish', publication } });
  const dake2 = await users.ask(from, dake1);
  const dake3 = step({ tag: 'receive', from: server.jid, body: dake2 });
  return { from, dake3 };
}
