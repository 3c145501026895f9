// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import { ElementReader, type StreamPart } from './element-reader.ts';
import { parseElement } from '#main/xml/parse-element.ts';
import { XmlGuard, type XmlUnit } from '#main/xml/xml-guard.ts';
import type { StreamAddress } from './xml-stream.ts';

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';

export const FRAMED_FOOTER = `<close xmlns='${FRAMING}'/>`;

export function formatFramedHeader({ domain, language }: StreamAddress): string {
  return (
    `<open xmlns='${FRAMING}' to='${JXT.escapeXML(domain)}' version='1.0'` +
    ` xml:lang='${JXT.escapeXML(language)}'/>`
  );
}

/** Declares no prefix: each frame has to bring its own namespaces (RFC 7395, section 3.3.3). */
const AROUND_FRAMES = '<frames>';

/** The one element that the frame consists of; undefined if it is anything else. */
function scanFrame(text: string): XmlUnit | undefined {
  const guard = new XmlGuard();
  guard.scan(AROUND_FRAMES);
  const { units, fatal } = guard.scan(text);
  const [unit] = units;
  if (fatal !== undefined || unit?.tag !== 'stanza') return undefined;
  return text.startsWith('<') && unit.end === text.length ? unit : undefined;
}

type Framing = 'open' | 'close' | undefined;

function toFraming(xml: string): Framing {
  const element = parseElement(xml);
  if (element?.getNamespace() !== FRAMING) return undefined;
  const name = element.getName();
  return name === 'open' || name === 'close' ? name : undefined;
}

/** Frames of one stream over WebSocket (RFC 7395) to stanzas: first the guard, then the parser. */
export class IncomingFrames {
  readonly #reader: ElementReader;
  readonly #receive: (part: StreamPart) => void;
  #started = false;
  #stopped = false;

  constructor(address: StreamAddress, receive: (part: StreamPart) => void) {
    this.#reader = new ElementReader(address.registry, address.language);
    this.#receive = receive;
  }

  /** False when the frame is not acceptable; the connection has to end then. */
  write(text: string): boolean {
    if (this.#stopped) return true;
    const unit = scanFrame(text);
    if (unit === undefined) return false;
    const framing = unit.spoiled === undefined ? toFraming(text) : undefined;
    if (framing === 'close') {
      this.#receive({ tag: 'end' });
      return true;
    }
    if (framing === 'open' || !this.#started) return this.#start(framing, text);
    this.#read(unit, text);
    return true;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Nothing comes before `<open/>`, and it comes once. */
  #start(framing: Framing, text: string): boolean {
    if (framing !== 'open' || this.#started || !this.#reader.readRoot(text)) return false;
    this.#started = true;
    this.#receive({ tag: 'start' });
    return true;
  }

  #read({ name, spoiled }: XmlUnit, text: string): void {
    const read = spoiled === undefined ? this.#reader.readStanza(text) : undefined;
    // In place of what cannot be read stands an empty one: it still has to be counted.
    const part = read ?? this.#reader.readStanza(`<${name} xmlns='jabber:client'/>`);
    if (part !== undefined) this.#receive(part);
  }
}
