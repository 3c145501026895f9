// SPDX-License-Identifier: GPL-3.0-or-later

import { Session, type Profiler } from 'node:inspector';

const ENGINE = '/src/main/otr/';

/** Which pieces of the engine's source ran, asked of V8 in our own process. About 1 ms a question. */
export class Coverage {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What ran since the last time this was asked. */
  take(): readonly Profiler.ScriptCoverage[] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error === null) scripts = result.filter(({ url }) => url.includes(ENGINE));
    });
    return scripts;
  }

  close(): void {
    this.#session.disconnect();
  }
}

/** Everything that has run so far for one target, character by character of each function. */
export class Territory {
  readonly #functions = new Map<string, Uint8Array>();

  /** Whether any of this was new, without remembering it. */
  isNew(scripts: readonly Profiler.ScriptCoverage[]): boolean {
    return scripts.some(({ url, functions }) =>
      functions.some((ran) => this.#extends(url, ran, false)),
    );
  }

  add(scripts: readonly Profiler.ScriptCoverage[]): void {
    for (const { url, functions } of scripts) {
      for (const ran of functions) this.#extends(url, ran, true);
    }
  }

  /** Functions that ran at all. */
  get functions(): number {
    return this.#functions.size;
  }

  #extends(url: string, ran: Profiler.FunctionCoverage, remember: boolean): boolean {
    const [outer] = ran.ranges;
    if (outer === undefined || outer.count === 0) return false;
    const key = `${url} ${ran.functionName} ${outer.startOffset}`;
    const known = this.#functions.get(key);
    const now = painted(ran);
    const isNew = known === undefined || now.some((hit, at) => hit === 1 && known[at] === 0);
    if (isNew && remember) {
      this.#functions.set(
        key,
        known === undefined ? now : known.map((hit, at) => hit | (now[at] ?? 0)),
      );
    }
    return isNew;
  }
}

/** Ranges stand outer before inner: the last word on a character is that of the innermost. */
function painted({ ranges }: Profiler.FunctionCoverage): Uint8Array {
  const [outer] = ranges;
  if (outer === undefined) return new Uint8Array(0);
  const start = outer.startOffset;
  const map = new Uint8Array(outer.endOffset - start);
  for (const { startOffset, endOffset, count } of ranges) {
    map.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
  }
  return map;
}
