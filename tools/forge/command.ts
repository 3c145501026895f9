// SPDX-License-Identifier: GPL-3.0-or-later

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { Complaint } from './complaint.ts';

/** One word after `npm run forge --`. */
export interface Command {
  /** One line. */
  readonly does: string;
  /** What stands after the word, and what each of it means. */
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  readonly run: (given: Given) => void | Promise<void>;
}

/** What the user gave. */
export class Given {
  readonly files: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(files: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.files = files;
    this.#values = values;
  }

  maybe(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  needed(name: string): string {
    const value = this.maybe(name);
    if (value === undefined) {
      throw new Complaint(`--${name} is missing.`, 'Add it; `--help` says what it means.');
    }
    return value;
  }

  all(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  has(name: string): boolean {
    return this.#values[name] === true;
  }
}

/** @throws {Complaint} for an option that the command does not know */
export function parseGiven(args: readonly string[], options: ParseArgsOptionsConfig): Given {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    return new Given(positionals, values);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ''] = cause.message.split(/[.\n]/);
    throw new Complaint(`${first}.`, '`--help` after the command lists what it takes.');
  }
}
