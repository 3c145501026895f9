// SPDX-License-Identifier: GPL-3.0-or-later

import { Worker } from 'node:worker_threads';
import { heartbeat } from './heartbeat.ts';
import type { Finding, Row } from './trial.ts';
import type { News, Task } from './worker.ts';

/** One input for this long, even on a busy machine, is a hang. */
const HANG_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** A thread that tries nothing at all within this time never began. */
const BEGIN_WITHIN_MS = 300_000;

export interface Order {
  readonly targets: readonly string[];
  readonly seed: string;
  readonly minutes: number;
  readonly hangMs?: number;
  /** What runs in the thread. */
  readonly worker?: URL;
}

const WORKER = new URL('./worker.ts', import.meta.url);

export interface Outcome {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
}

/** Lets a thread try the targets, and notices when it hangs in one or dies. */
export async function watch(order: Order): Promise<Outcome> {
  const { targets, seed, minutes, hangMs = HANG_MS, worker: script = WORKER } = order;
  const pulse = heartbeat();
  const until = Date.now() + minutes * 60_000;
  const task: Task = { targets, seed, until, shared: pulse.shared };
  const worker = new Worker(script, { workerData: task });
  let news: News = { rows: [], findings: [], next: targets[0] };
  worker.on('message', (told: News) => {
    news = told;
  });
  const ended = new Promise<string | undefined>((resolve) => {
    worker.once('error', (cause: Error) => {
      resolve(cause.stack ?? cause.message);
    });
    worker.once('exit', () => {
      resolve(undefined);
    });
  });
  const hung = hangOf(pulse.count, hangMs);
  const death = await Promise.race([ended, hung.happens]);
  hung.stopLooking();
  if (death === HANG) {
    await worker.terminate();
    return withFinding(news, { wrong: 'hang', what: 'did not return', input: pulse.current() });
  }
  if (death === undefined && news.next === undefined) return news;
  return withFinding(news, {
    wrong: 'crash',
    what: death ?? 'the thread ended',
    input: pulse.current(),
  });
}

const HANG = Symbol('hang');

function hangOf(count: () => number, hangMs: number) {
  let last = -1;
  let since = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const happens = new Promise<typeof HANG>((resolve) => {
    timer = setInterval(() => {
      const now = count();
      if (now !== last) [last, since] = [now, Date.now()];
      else if (Date.now() - since > (now === 0 ? BEGIN_WITHIN_MS : hangMs)) resolve(HANG);
    }, LOOK_EVERY_MS);
  });
  return {
    happens,
    stopLooking: () => {
      clearInterval(timer);
    },
  };
}

/** Counts against the target that was being tried. */
function withFinding(news: News, found: Omit<Finding, 'target'>): Outcome {
  const target = news.next ?? 'nothing';
  const finding: Finding = { ...found, target };
  const row = news.rows.find((known) => known.target === target) ?? emptyRow(target);
  const counted: Row = { ...row, findings: { ...row.findings, [found.wrong]: 1 } };
  const others = news.rows.filter((known) => known.target !== target);
  return { rows: [...others, counted], findings: [...news.findings, finding] };
}

function emptyRow(target: string): Row {
  return { target, inputs: 0, perSecond: 0, kept: 0, functions: 0, worstMs: 0, findings: {} };
}
