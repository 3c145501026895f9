// SPDX-License-Identifier: GPL-3.0-or-later

import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { heartbeat } from './heartbeat.ts';
import { targetNamed } from './targets.ts';
import { Trial, type Finding, type Row } from './trial.ts';

export interface Task {
  readonly targets: readonly string[];
  readonly seed: string;
  readonly until: number;
  readonly shared: SharedArrayBuffer;
}

/** After every turn, so that whoever watches knows what was done when this thread hangs. */
export interface News {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  /** What comes next; undefined when all is done. */
  readonly next: string | undefined;
}

/** Each target in turn, for so long, until the time is up. */
const TURN_MS = 500;

const { targets, seed, until, shared } = workerData as Task;
const { beat } = heartbeat(shared);
const coverage = new Coverage();
const trials = targets.map((name) => {
  const plan = targetNamed(name);
  if (plan === undefined) throw new RangeError(`no target named ${name}`);
  return new Trial(plan, { seed, coverage, onInput: beat });
});

function tell(next: string | undefined): void {
  const tried = trials.filter(({ hasBegun }) => hasBegun);
  const news: News = {
    rows: tried.map((trial) => trial.report()),
    findings: tried.flatMap(({ findings }) => findings),
    next,
  };
  parentPort?.postMessage(news);
}

let round = 0;
while (round === 0 || Date.now() < until) {
  for (const trial of trials) {
    if (round > 0 && Date.now() >= until) break;
    tell(trial.plan.name);
    trial.runFor(Math.min(TURN_MS, Math.max(1, until - Date.now())));
  }
  round += 1;
}
coverage.close();
tell(undefined);
