// SPDX-License-Identifier: GPL-3.0-or-later

import { OtrError } from '#otr/errors.ts';
import type { Field } from './fields.ts';

export type Input = Uint8Array | string;

/** What must not happen. */
export type Wrong =
  /** Something other than an OtrError was thrown. */
  | 'crash'
  | 'hang'
  /** Took longer than its size excuses, again and again. */
  | 'slow'
  /** Input that nobody authenticated changed what it may not. */
  | 'state-change'
  /** Accepted, though the encoder would write it in another way. */
  | 'two-spellings'
  /** More is kept than the limits allow. */
  | 'growth'
  /** Answers that the limits forbid. */
  | 'replies'
  /** Accepted although it is not genuine. */
  | 'forgery';

/** An oracle's verdict against the engine. */
export class Violation extends Error {
  readonly wrong: Wrong;

  constructor(wrong: Wrong, what: string) {
    super(what);
    this.wrong = wrong;
  }
}

export function expectThat(holds: boolean, wrong: Wrong, what: string): void {
  if (!holds) throw new Violation(wrong, what);
}

/** Something that takes what anybody may have written. */
export interface Target {
  readonly seeds: readonly Input[];
  /**
   * Tries one input.
   *
   * @returns what became of it, in a word: inputs with a new one are kept
   * @throws {Violation} when an oracle objects; anything else thrown is a crash
   */
  readonly attempt: (input: Input) => string;
  /** @throws {Violation} when something that attempts share is no longer what it was */
  readonly audit?: () => void;
  /** Whether texts are sequences of bodies. */
  readonly isSequence?: boolean;
  readonly dictionary?: readonly Uint8Array[];
  /** Where the fields of an encoded message inside a text stand; of a message of OTRv4 if not given. */
  readonly fieldsOf?: (bytes: Uint8Array) => readonly Field[];
}

export interface TargetPlan {
  readonly name: string;
  /** Functions of the engine that this target hands its input to, for the list of all of them. */
  readonly tries: readonly string[];
  /** How long an input of this kind may take, whatever it holds. */
  readonly boundMs: number;
  /** Inputs between two looks at the coverage. */
  readonly batch: number;
  readonly make: () => Target;
}

/** The answer to what was refused in the only way allowed. @throws whatever else was thrown */
export function refusal(cause: unknown): string {
  if (cause instanceof OtrError) return `${cause.code} ${cause.field}`;
  throw cause;
}

export function asBytes(input: Input): Uint8Array {
  if (typeof input === 'string') throw new RangeError('bytes expected');
  return input;
}

export function asText(input: Input): string {
  if (typeof input !== 'string') throw new RangeError('text expected');
  return input;
}
