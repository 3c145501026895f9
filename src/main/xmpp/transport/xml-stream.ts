// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import { ElementReader, type StreamPart } from './element-reader.ts';
import { type CutUnit, UnitStream } from '#main/xml/unit-stream.ts';

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

/** Bytes to stanzas for one stream: the units of it, then the parser. */
export class IncomingStream {
  readonly #units = new UnitStream((unit) => this.#read(unit));
  readonly #reader: ElementReader;
  readonly #receive: (part: StreamPart) => void;

  constructor(address: StreamAddress, receive: (part: StreamPart) => void) {
    this.#reader = new ElementReader(address.registry, address.language);
    this.#receive = receive;
  }

  /** False when the bytes are not acceptable; the connection has to end then. */
  write(bytes: Uint8Array): boolean {
    return this.#units.write(bytes);
  }

  /** Ignores whatever else comes, even in the bytes at hand, such as behind `<proceed/>`. */
  stop(): void {
    this.#units.stop();
  }

  #read({ tag, name, spoiled, xml }: CutUnit): boolean {
    if (tag === 'root') {
      if (!this.#reader.readRoot(xml)) return false;
      this.#receive({ tag: 'start' });
    } else if (tag === 'end') this.#receive({ tag: 'end' });
    else {
      const read = spoiled === undefined ? this.#reader.readStanza(xml) : undefined;
      // In place of what cannot be read stands an empty one: it still has to be counted.
      const part = read ?? this.#reader.readStanza(`<${name}/>`);
      if (part !== undefined) this.#receive(part);
    }
    return true;
  }
}
