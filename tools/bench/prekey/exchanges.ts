// SPDX-License-Identifier: GPL-3.0-or-later
// What one worker can do: the time inside a shard, without threads and without a network.

import process from 'node:process';
import {
  createLongTermKey,
  createPrekeyClient,
  deriveServerFingerprint,
  formatServerFingerprint,
  type PrekeyClientInput,
  stepPrekeyClient,
} from '#otr';
import { Shard } from '#prekey-server/service/shard.ts';
import { keyedDevice, type KeyedDevice, realEnv } from '../../prekey-server/keyed-device.ts';
import { type LoadFigure, perSecond } from './figures.ts';

const JID = 'prekey.z.example';
const key = createLongTermKey(realEnv);
const known = {
  jid: JID,
  fingerprint: formatServerFingerprint(deriveServerFingerprint(key.public)),
};
const context = {
  serverJid: JID,
  longTermKey: key,
  publisherDomains: ['z.example'],
  retrieverDomains: 'any',
} as const;
const STATUS: PrekeyClientInput = { tag: 'request', request: { tag: 'status' } };

let task = 0;
let spentMs = 0;

function ask(shard: Shard, from: string, body: string): readonly string[] {
  task += 1;
  const begunAt = performance.now();
  const first = shard.do({ tag: 'receive', task, from, body });
  const outcome = first.ask?.tag === 'count' ? 7 : 'stored';
  const last = first.ask === undefined ? first : shard.do({ tag: 'answer', task, outcome });
  spentMs += performance.now() - begunAt;
  return last.bodies;
}

/** A whole exchange. @returns the time that the server spent on it, in milliseconds */
function exchange(shard: Shard, jid: string, keys: KeyedDevice, input: PrekeyClientInput): number {
  const before = spentMs;
  let client = createPrekeyClient(keys.context);
  const step = (one: PrekeyClientInput): readonly string[] => {
    const { next, effects } = stepPrekeyClient(client, one, realEnv);
    client = next;
    return effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : []));
  };
  for (let bodies = step(input); bodies.length > 0;) {
    bodies = bodies
      .flatMap((body) => ask(shard, `${jid}/desk`, body))
      .flatMap((body) => step({ tag: 'receive', from: JID, body }));
  }
  return spentMs - before;
}

const jidOf = (n: number): string => `user${String(n)}@z.example`;
const device = (n: number): KeyedDevice => keyedDevice(jidOf(n), known);

/** @param open accounts that have begun and say no more; 2000 is the goal */
export function benchExchanges(open: number): readonly LoadFigure[] {
  const shard = new Shard(context, realEnv);
  exchange(shard, jidOf(0), device(0), STATUS);
  const rounds = 20;
  let statusMs = 0;
  for (let n = 1; n <= rounds; n += 1) statusMs += exchange(shard, jidOf(n), device(n), STATUS);
  const keys = device(100);
  const publication = keys.content(100);
  const publishMs = exchange(shard, jidOf(100), keys, {
    tag: 'request',
    request: { tag: 'publish', publication },
  });
  shard.end();
  return [
    {
      what: 'exchange with status, one worker',
      value: perSecond(rounds, statusMs),
      unit: '/s',
      atLeast: 25,
    },
    {
      what: 'publication of 100, one worker',
      value: perSecond(1, publishMs),
      unit: '/s',
      atLeast: 1.2,
    },
    ...benchOpen(open),
    ...benchFlood(),
  ];
}

function benchOpen(count: number): readonly LoadFigure[] {
  const shard = new Shard(context, realEnv);
  const [dake1 = ''] = firstBodies();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let answered = 0;
  for (let n = 0; n < count; n += 1) answered += ask(shard, `${jidOf(n)}/desk`, dake1).length;
  globalThis.gc?.();
  const each = (process.memoryUsage().heapUsed - before) / count / 1024;
  const last = device(5000);
  const lastMs = exchange(shard, jidOf(5000), last, STATUS);
  shard.end();
  return [
    { what: 'exchanges open at once', value: answered, unit: '', atLeast: count },
    { what: 'memory of an open exchange', value: each, unit: 'KiB', atMost: 8 },
    { what: 'one more exchange meanwhile', value: lastMs, unit: 'ms', atMost: 3000 },
  ];
}

function firstBodies(): readonly string[] {
  const { effects } = stepPrekeyClient(createPrekeyClient(device(1).context), STATUS, realEnv);
  return effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : []));
}

/** Bad ones of one account: with a bad length, with a bad base64, and too many that are sound. */
function benchFlood(): readonly LoadFigure[] {
  const [dake1 = ''] = firstBodies();
  const floods: readonly (readonly [string, string])[] = [
    ['cut short', `${dake1.slice(0, 200)}.`],
    ['no base64', `AAQ1${'#'.repeat(400)}.`],
    ['too many', dake1],
  ];
  return floods.map(([name, body]) => {
    const shard = new Shard(context, realEnv);
    for (let n = 0; n < 10; n += 1) ask(shard, `${jidOf(1)}/desk`, dake1);
    const count = 20_000;
    const before = spentMs;
    for (let n = 0; n < count; n += 1) ask(shard, `${jidOf(1)}/desk`, body);
    const value = perSecond(count, spentMs - before);
    shard.end();
    return { what: `DAKE-1 refused, ${name}`, value, unit: '/s', atLeast: 20_000 };
  });
}
