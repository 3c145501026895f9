// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import { ElementReader, type StreamPart } from './element-reader.ts';
import { XmlGuard, type XmlUnit } from './xml-guard.ts';

export interface StreamAddress {
  readonly registry: JXT.Registry;
  /** The domain of the address, as the user knows it. */
  readonly domain: string;
  readonly language: string;
}

export const STREAM_FOOTER = '</stream:stream>';

export function formatStreamHeader({ domain, language }: StreamAddress): string {
  return (
    `<?xml version='1.0'?><stream:stream to='${JXT.escapeXML(domain)}' version='1.0'` +
    ` xml:lang='${JXT.escapeXML(language)}' xmlns='jabber:client'` +
    ` xmlns:stream='http://etherx.jabber.org/streams'>`
  );
}

/** Bytes to stanzas for one stream: strict UTF-8, then the guard, then the parser. */
export class IncomingStream {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #guard = new XmlGuard();
  readonly #reader: ElementReader;
  readonly #receive: (part: StreamPart) => void;
  /** The beginning of a stanza whose end has not come yet. */
  #pending = '';
  #stopped = false;

  constructor(address: StreamAddress, receive: (part: StreamPart) => void) {
    this.#reader = new ElementReader(address.registry, address.language);
    this.#receive = receive;
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
    for (const unit of units) {
      if (this.#stopped) return true;
      if (!this.#read(unit, this.#pending + text.slice(begin, unit.end))) return false;
      this.#pending = '';
      begin = unit.end;
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

  #read(unit: XmlUnit, xml: string): boolean {
    if (unit.tag === 'root') {
      if (!this.#reader.readRoot(xml)) return false;
      this.#receive({ tag: 'start' });
    } else if (unit.tag === 'end') this.#receive({ tag: 'end' });
    else {
      const read = unit.spoiled === undefined ? this.#reader.readStanza(xml) : undefined;
      // In place of what cannot be read stands an empty one: it still has to be counted.
      const part = read ?? this.#reader.readStanza(`<${unit.name}/>`);
      if (part !== undefined) this.#receive(part);
    }
    return true;
  }
}
