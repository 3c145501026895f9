// SPDX-License-Identifier: GPL-3.0-or-later

/** Every counter there is, and what it counts. Labels hold words of the program, never of others. */
const COUNTERS = {
  stanzas: 'Stanzas received.',
  ignored: 'Messages without an answer, by reason.',
  replies: 'Replies sent.',
  rejected: 'Queries refused because of too many or too much.',
  ensembles: 'Prekey ensembles handed out.',
  publications: 'Publications, by outcome.',
  store_failures: 'Operations that the store could not do.',
  worker_deaths: 'Worker threads that had to be replaced.',
  stream_downs: 'Times the stream to the XMPP server was lost, by reason.',
  swept_rows: 'Expired rows removed.',
} as const;

const HISTOGRAMS = {
  query_seconds: 'From the arrival of a query to its reply.',
  exchange_seconds: 'From the arrival of a message of a key exchange to its reply.',
} as const;

const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] as const;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

interface Gauge {
  readonly help: string;
  readonly read: () => number;
}

const PREFIX = 'sotto_prekey_';

/** What Prometheus may ask for. */
export class Metrics {
  readonly #counters = new Map<CounterName, Map<string, number>>();
  readonly #histograms = new Map<HistogramName, Histogram>();
  readonly #gauges = new Map<string, Gauge>();

  /** @param label one of a few words of our own */
  count(name: CounterName, label = '', by = 1): void {
    const counter = this.#counters.get(name) ?? new Map<string, number>();
    counter.set(label, (counter.get(label) ?? 0) + by);
    this.#counters.set(name, counter);
  }

  observe(name: HistogramName, seconds: number): void {
    const histogram = this.#histograms.get(name) ?? {
      buckets: BOUNDS.map(() => 0),
      sum: 0,
      count: 0,
    };
    BOUNDS.forEach((bound, at) => {
      if (seconds <= bound) histogram.buckets[at] = (histogram.buckets[at] ?? 0) + 1;
    });
    histogram.sum += seconds;
    histogram.count += 1;
    this.#histograms.set(name, histogram);
  }

  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.set(name, { help, read });
  }

  /** Of all labels together. */
  total(name: CounterName): number {
    return [...(this.#counters.get(name)?.values() ?? [])].reduce((sum, value) => sum + value, 0);
  }

  /** The text format of Prometheus, version 0.0.4. */
  format(): string {
    const counters = Object.entries(COUNTERS).flatMap(([name, help]) =>
      this.#formatCounter(name as CounterName, help),
    );
    const histograms = Object.entries(HISTOGRAMS).flatMap(([name, help]) =>
      this.#formatHistogram(name as HistogramName, help),
    );
    const gauges = [...this.#gauges].flatMap(([name, { help, read }]) => [
      ...heading(name, help, 'gauge'),
      `${PREFIX}${name} ${String(read())}`,
    ]);
    return [...counters, ...histograms, ...gauges, ''].join('\n');
  }

  #formatCounter(name: CounterName, help: string): readonly string[] {
    const values = [...(this.#counters.get(name) ?? new Map([['', 0]]))];
    return [
      ...heading(`${name}_total`, help, 'counter'),
      ...values.map(([label, value]) => {
        const labels = label === '' ? '' : `{what="${label}"}`;
        return `${PREFIX}${name}_total${labels} ${String(value)}`;
      }),
    ];
  }

  #formatHistogram(name: HistogramName, help: string): readonly string[] {
    const { buckets, sum, count } = this.#histograms.get(name) ?? { buckets: [], sum: 0, count: 0 };
    const full = `${PREFIX}${name}`;
    return [
      ...heading(name, help, 'histogram'),
      ...BOUNDS.map((at, k) => `${full}_bucket{le="${String(at)}"} ${String(buckets[k] ?? 0)}`),
      `${full}_bucket{le="+Inf"} ${String(count)}`,
      `${full}_sum ${String(sum)}`,
      `${full}_count ${String(count)}`,
    ];
  }
}

function heading(name: string, help: string, type: string): readonly string[] {
  return [`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`];
}
