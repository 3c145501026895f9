// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

export type StreamPart =
  | { readonly tag: 'start' }
  | { readonly tag: 'element'; readonly kind: string; readonly stanza: JXT.JSONData }
  | { readonly tag: 'end' };

export interface ReaderOptions {
  readonly registry: JXT.Registry;
  readonly language: string;
  readonly receive: (part: StreamPart) => void;
}

/** The name that stanza's registry gives to the root of a stream. */
const ROOT_KIND = 'stream';

/**
 * Turns the text of one XML stream into stanzas, at once and in order. Expects text that has passed
 * the guard. One reader serves one stream; a stream restart takes a new one.
 */
export class ElementReader {
  readonly #options: ReaderOptions;
  readonly #parser = new JXT.Parser({ allowComments: false });
  #root: JXT.XMLElement | undefined;
  #current: JXT.XMLElement | undefined;
  #broken = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#parser.on('startElement', (name: string, attributes: Record<string, string>) => {
      this.#start(new JXT.XMLElement(name, attributes));
    });
    this.#parser.on('endElement', () => {
      this.#end();
    });
    this.#parser.on('text', (text: string) => {
      this.#current?.children.push(text);
    });
    this.#parser.on('error', () => {
      this.#broken = true;
    });
  }

  /** False when the text is not the continuation of a stream; nothing more should be written then. */
  write(text: string): boolean {
    try {
      this.#parser.write(text);
    } catch {
      // The parser and the stanza definitions throw plain errors on what they cannot read.
      this.#broken = true;
    }
    return !this.#broken;
  }

  /** Ignores whatever else the text in hand contains, such as bytes behind `<proceed/>`. */
  stop(): void {
    this.#parser.removeAllListeners();
    this.#parser.on('error', () => undefined);
  }

  #start(element: JXT.XMLElement): void {
    if (this.#root === undefined) {
      if (this.#options.registry.getImportKey(element) !== ROOT_KIND) {
        this.#broken = true;
        this.stop();
        return;
      }
      this.#root = element;
      this.#options.receive({ tag: 'start' });
      return;
    }
    if (this.#current === undefined) this.#current = element;
    else {
      this.#current.appendChild(element);
      this.#current = element;
    }
  }

  #end(): void {
    const element = this.#current;
    if (element === undefined) {
      this.#options.receive({ tag: 'end' });
      return;
    }
    this.#current = element.parent;
    if (element.parent !== undefined) return;
    if (this.#root !== undefined) element.parent = this.#root;
    this.#deliver(element);
  }

  #deliver(element: JXT.XMLElement): void {
    const kind = this.#options.registry.getImportKey(element);
    const stanza = this.#import(element) ?? this.#import(this.#withoutChildren(element));
    if (kind !== undefined && stanza !== undefined) {
      this.#options.receive({ tag: 'element', kind, stanza });
    }
  }

  /** Undefined for what nobody has defined, and for what some definition of stanza's trips over. */
  #import(element: JXT.XMLElement): JXT.JSONData | undefined {
    const { registry, language } = this.#options;
    try {
      return registry.import(element, { acceptLanguages: [language], lang: language });
    } catch {
      return undefined;
    }
  }

  /**
   * What is left of a stanza that cannot be read: its address. It must neither end the stream, since a
   * contact can send it and the server would deliver it again, nor be missing when stanzas are counted.
   */
  #withoutChildren(element: JXT.XMLElement): JXT.XMLElement {
    const bare = new JXT.XMLElement(element.name, element.attributes);
    if (this.#root !== undefined) bare.parent = this.#root;
    return bare;
  }
}
