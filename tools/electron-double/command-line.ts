// SPDX-License-Identifier: GPL-3.0-or-later
import { switchValue } from './runtime.ts';

/** Switches whose values Chromium takes only once: several are joined. */
const lists = new Set(['disable-features', 'enable-features', 'disable-blink-features']);

/** `app.commandLine`: what was given at start, and what the application or a loader appends. */
export class CommandLine implements Pick<
  Electron.CommandLine,
  'appendSwitch' | 'appendArgument' | 'hasSwitch' | 'getSwitchValue' | 'removeSwitch'
> {
  readonly #given: readonly string[];
  #appended: string[] = [];

  constructor(given: readonly string[]) {
    this.#given = given;
  }

  appendSwitch(name: string, value?: string): void {
    this.#appended.push(value ? `--${name}=${value}` : `--${name}`);
  }

  appendArgument(value: string): void {
    this.#appended.push(value);
  }

  hasSwitch(name: string): boolean {
    return this.#all().some((each) => each === `--${name}` || each.startsWith(`--${name}=`));
  }

  getSwitchValue(name: string): string {
    return switchValue(this.#all(), name) ?? '';
  }

  removeSwitch(name: string): void {
    this.#appended = this.#appended.filter(
      (each) => each !== `--${name}` && !each.startsWith(`--${name}=`),
    );
  }

  /** What the application appended, joined with our own arguments for Chromium. */
  forChromium(own: readonly string[]): string[] {
    const joined = new Map<string, string[]>();
    const rest: string[] = [];
    for (const argument of [...own, ...this.#appended]) {
      const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
      if (lists.has(name)) joined.set(name, [...(joined.get(name) ?? []), value]);
      else rest.push(argument);
    }
    return [...rest, ...[...joined].map(([name, values]) => `--${name}=${values.join(',')}`)];
  }

  #all(): string[] {
    return [...this.#given, ...this.#appended];
  }
}
