// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import { ElementReader, type StreamPart } from './element-reader.ts';
import { XmlGuard } from './xml-guard.ts';

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

  constructor(address: StreamAddress, receive: (part: StreamPart) => void) {
    const { registry, language } = address;
    this.#reader = new ElementReader({ registry, language, receive });
  }

  /** False when the bytes are not acceptable; the connection has to end then. */
  write(bytes: Uint8Array): boolean {
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: true });
    } catch {
      return false;
    }
    return this.#guard.check(text) === undefined && this.#reader.write(text);
  }

  stop(): void {
    this.#reader.stop();
  }
}
