// SPDX-License-Identifier: GPL-3.0-or-later

import { XmlGuard, type XmlUnit } from './xml-guard.ts';

/** One unit with its text. Of a spoiled stanza there is none. */
export interface CutUnit extends Pick<XmlUnit, 'tag' | 'name' | 'spoiled'> {
  readonly xml: string;
}

/** Bytes to units of one XML stream: strict UTF-8, then the guard, then the knife. */
export class UnitStream {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #guard = new XmlGuard();
  readonly #take: (unit: CutUnit) => boolean;
  /** The beginning of a stanza whose end has not come yet. */
  #pending = '';
  #stopped = false;

  /** @param take reads one unit; false when the stream has to end because of it */
  constructor(take: (unit: CutUnit) => boolean) {
    this.#take = take;
  }

  /** False when the bytes are not acceptable; the connection has to end then. */
  write(bytes: Uint8Array): boolean {
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: true });
    } catch {
      return false;
    }
    const { units, fatal } = this.#guard.scan(text);
    let begin = 0;
    for (const { end, ...unit } of units) {
      if (this.#stopped) return true;
      const xml = this.#pending + text.slice(begin, end);
      if (!this.#take({ ...unit, xml: unit.spoiled === undefined ? xml : '' })) return false;
      this.#pending = '';
      begin = end;
    }
    const rest = this.#pending + text.slice(begin);
    // White space that keeps the connection alive would add up; a spoiled stanza is of no use.
    this.#pending = this.#guard.spoiled === undefined && rest.trim() !== '' ? rest : '';
    return fatal === undefined;
  }

  /** Ignores whatever else comes, even in the bytes at hand, such as behind `<proceed/>`. */
  stop(): void {
    this.#stopped = true;
  }
}
