// SPDX-License-Identifier: GPL-3.0-or-later

import { Territory, type Coverage } from './coverage.ts';
import { recordFields, type Field } from './fields.ts';
import { fieldsOfMessage } from './messages.ts';
import { mutateBytes, type Sample } from './mutate-bytes.ts';
import { mutateText } from './mutate-text.ts';
import { seededRng, type Rng } from './random.ts';
import { Violation, type Input, type Target, type TargetPlan, type Wrong } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly wrong: Wrong;
  readonly what: string;
  /** Undefined when no single input could be made out. */
  readonly input: Input | undefined;
}

/** What one target went through. */
export interface Row {
  readonly target: string;
  readonly inputs: number;
  readonly perSecond: number;
  /** Inputs worth keeping: each did what none before it had done. */
  readonly kept: number;
  /** Functions of the engine that ran. */
  readonly functions: number;
  /** The slowest input at its fastest, in CPU time beyond a few ms. */
  readonly worstMs: number;
  readonly findings: Readonly<Partial<Record<Wrong, number>>>;
}

export interface TrialOptions {
  readonly seed: string;
  readonly coverage: Coverage;
  /** Called before each input, with what is about to be tried. */
  readonly onInput?: (input: Input) => void;
}

const MOST_KEPT = 3000;
const LONGEST_KEPT = 20_000;
const MOST_FINDINGS = 20;
const US_PER_MS = 1000;
/** Below this the clock of the CPU tells nothing. */
const TICK_MS = 8;

/** Inputs of many kilobytes may take more, in proportion. */
function boundFor(plan: TargetPlan, input: Input): number {
  return plan.boundMs + (input.length / 65_536) * 20;
}

/** CPU time of this thread alone, in ticks of a few ms: what others do here does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / US_PER_MS;
}

/** Tries one target with one mutated message after the other; the same seed tries the same ones. */
export class Trial {
  readonly plan: TargetPlan;
  readonly findings: Finding[] = [];
  readonly #options: TrialOptions;
  readonly #rng: Rng;
  readonly #territory = new Territory();
  readonly #seen = new Set<string>();
  readonly #corpus: Input[] = [];
  readonly #fields = new Map<Input, readonly Field[]>();
  readonly #counts: Partial<Record<Wrong, number>> = {};
  #target: Target | undefined;
  #inputs = 0;
  #spentMs = 0;
  #worstMs = 0;
  /** Small while there is much to discover, since who discovered it is found by trying again. */
  #batchSize = 10;

  constructor(plan: TargetPlan, options: TrialOptions) {
    this.plan = plan;
    this.#options = options;
    this.#rng = seededRng(`${options.seed}/${plan.name}`);
  }

  /** Batch after batch, until the time is up. At least one. */
  runFor(ms: number): void {
    const started = performance.now();
    const target = this.#ready();
    this.#options.coverage.take();
    do this.#runBatch(target);
    while (performance.now() - started < ms);
    this.#spentMs += performance.now() - started;
  }

  get hasBegun(): boolean {
    return this.#target !== undefined;
  }

  report(): Row {
    return {
      target: this.plan.name,
      inputs: this.#inputs,
      perSecond: Math.round(this.#inputs / Math.max(0.001, this.#spentMs / 1000)),
      kept: this.#corpus.length,
      functions: this.#territory.functions,
      worstMs: Math.round(this.#worstMs * 10) / 10,
      findings: this.#counts,
    };
  }

  #ready(): Target {
    if (this.#target !== undefined) return this.#target;
    const target = this.plan.make();
    this.#target = target;
    this.#options.coverage.take();
    for (const seed of target.seeds) this.#try(target, seed);
    this.#corpus.splice(0, this.#corpus.length, ...target.seeds);
    this.#territory.add(this.#options.coverage.take());
    return target;
  }

  #runBatch(target: Target): void {
    const batch: Input[] = [];
    for (let n = 0; n < this.#batchSize; n += 1) {
      const input = this.#mutated(target);
      batch.push(input);
      this.#try(target, input);
    }
    this.#keepExplorers(target, batch);
    this.#audit(target, batch);
    this.#batchSize = Math.min(this.plan.batch, this.#batchSize * 2);
  }

  #try(target: Target, input: Input): void {
    this.#options.onInput?.(input);
    this.#inputs += 1;
    const before = performance.now();
    const said = this.#judge(target, input);
    const took = performance.now() - before;
    if (said !== undefined && !this.#seen.has(said)) {
      this.#seen.add(said);
      this.#keep(input);
    }
    if (took > Math.max(this.#worstMs, TICK_MS)) this.#checkPace(target, input, took);
    else this.#worstMs = Math.max(this.#worstMs, took);
  }

  /** What the target said; undefined after a finding. */
  #judge(target: Target, input: Input): string | undefined {
    try {
      return target.attempt(input);
    } catch (cause) {
      if (cause instanceof Violation) this.#found(cause.wrong, cause.message, input);
      else this.#found('crash', toldOf(cause), input);
      return undefined;
    }
  }

  /** Slow once may be the collector of garbage or a busy machine; slow four times is slow. */
  #checkPace(target: Target, input: Input, first: number): void {
    const again = [0, 1, 2].map(() => {
      const before = cpuMs();
      this.#judgeQuietly(target, input);
      return cpuMs() - before;
    });
    const least = Math.min(first, ...again);
    this.#worstMs = Math.max(this.#worstMs, least);
    if (least > boundFor(this.plan, input)) {
      const took = `${Math.round(least).toString()} ms`;
      this.#found('slow', `${took} for ${input.length.toString()} bytes or characters`, input);
    }
  }

  #found(wrong: Wrong, what: string, input: Input | undefined): void {
    this.#counts[wrong] = (this.#counts[wrong] ?? 0) + 1;
    const isKnown = this.findings.some((known) => known.wrong === wrong && known.what === what);
    if (isKnown || this.findings.length >= MOST_FINDINGS) return;
    this.findings.push({ target: this.plan.name, wrong, what, input });
  }

  #keep(input: Input): void {
    if (input.length > LONGEST_KEPT || this.#corpus.length >= MOST_KEPT) return;
    this.#corpus.push(input);
  }

  /** Keeps the inputs of a batch that went where none had been. */
  #keepExplorers(target: Target, batch: readonly Input[]): void {
    const { coverage } = this.#options;
    let ran = coverage.take();
    while (this.#territory.isNew(ran)) {
      const first = this.#firstToExplore(target, batch);
      if (first === undefined) {
        this.#territory.add(ran);
        return;
      }
      this.#keep(first);
      ran = this.#replay(target, batch);
    }
  }

  /** Halves the batch until one input is left, and remembers where that one goes. */
  #firstToExplore(target: Target, batch: readonly Input[]): Input | undefined {
    let candidates = batch;
    while (candidates.length > 1) {
      const head = candidates.slice(0, candidates.length / 2);
      const isHere = this.#territory.isNew(this.#replay(target, head));
      candidates = isHere ? head : candidates.slice(head.length);
    }
    const ran = this.#replay(target, candidates);
    const isNew = this.#territory.isNew(ran);
    this.#territory.add(ran);
    return isNew ? candidates[0] : undefined;
  }

  #replay(target: Target, inputs: readonly Input[]) {
    this.#options.coverage.take();
    for (const input of inputs) {
      this.#options.onInput?.(input);
      this.#judgeQuietly(target, input);
    }
    return this.#options.coverage.take();
  }

  #judgeQuietly(target: Target, input: Input): void {
    try {
      target.attempt(input);
    } catch {
      // It was judged when it was first tried.
    }
  }

  /** What attempts share must be as it was; if it is not, a fresh target tells whose doing it was. */
  #audit(target: Target, batch: readonly Input[]): void {
    const objection = auditOf(target);
    if (objection === undefined) return;
    const fresh = this.plan.make();
    this.#target = fresh;
    const culprit = batch.find((input) => {
      this.#judgeQuietly(fresh, input);
      return auditOf(fresh) !== undefined;
    });
    this.#target = this.plan.make();
    this.#found(objection.wrong, objection.message, culprit);
  }

  #mutated(target: Target): Input {
    const parent = this.#rng.pick(this.#corpus);
    let changed = parent;
    do changed = this.#changed(target, changed, parent);
    while (!this.#rng.once(3));
    return changed;
  }

  #changed(target: Target, input: Input, parent: Input): Input {
    const rng = this.#rng;
    const donor = rng.pick(this.#corpus);
    const { dictionary = [], isSequence = false, fieldsOf = fieldsOfMessage } = target;
    if (typeof input === 'string') {
      const change = { rng, text: input, donor: String(donor), dictionary };
      return mutateText({ ...change, fieldsOf }, isSequence);
    }
    const sample = { bytes: input, fields: this.#fieldsOf(target, parent) };
    return mutateBytes({
      rng,
      sample: within(sample),
      donor: this.#sample(target, donor),
      dictionary,
    });
  }

  #sample(target: Target, input: Input): Sample {
    const bytes = typeof input === 'string' ? new Uint8Array(0) : input;
    return { bytes, fields: this.#fieldsOf(target, input) };
  }

  /** As the target's decoder reads them; for an input of the corpus, which stays what it is. */
  #fieldsOf(target: Target, input: Input): readonly Field[] {
    const known = this.#fields.get(input);
    if (known !== undefined) return known;
    const fields = recordFields(() => target.attempt(input));
    this.#fields.set(input, fields);
    return fields;
  }
}

/** After a change the fields stand roughly where they stood, as far as the message still goes. */
function within({ bytes, fields }: Sample): Sample {
  return { bytes, fields: fields.filter(({ to }) => to <= bytes.length) };
}

/** What was thrown, and where. */
function toldOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function auditOf(target: Target): Violation | undefined {
  try {
    target.audit?.();
    return undefined;
  } catch (cause) {
    if (cause instanceof Violation) return cause;
    throw cause;
  }
}
