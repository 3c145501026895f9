// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import { parseElement } from '#main/xml/parse-element.ts';

export type StreamPart =
  | { readonly tag: 'start' }
  | { readonly tag: 'element'; readonly kind: string; readonly stanza: JXT.JSONData }
  | { readonly tag: 'end' };

/** The name that stanza's registry gives to the root of a stream. */
const ROOT_KIND = 'stream';

/** Turns pieces of one XML stream into stanzas. Expects text that the guard has cut and passed. */
export class ElementReader {
  readonly #registry: JXT.Registry;
  readonly #language: string;
  #root: JXT.XMLElement | undefined;

  constructor(registry: JXT.Registry, language: string) {
    this.#registry = registry;
    this.#language = language;
  }

  /** False when the opening tag is not that of an XMPP stream. */
  readRoot(xml: string): boolean {
    this.#root = parseElement(xml);
    return this.#root !== undefined && this.#registry.getImportKey(this.#root) === ROOT_KIND;
  }

  /** Undefined for what nobody has defined, and for what cannot be read. */
  readStanza(xml: string): Extract<StreamPart, { tag: 'element' }> | undefined {
    if (this.#root === undefined) return undefined;
    const element = parseElement(xml, this.#root);
    if (element === undefined) return undefined;
    const kind = this.#registry.getImportKey(element);
    const stanza = this.#import(element);
    return kind === undefined || stanza === undefined
      ? undefined
      : { tag: 'element', kind, stanza };
  }

  #import(element: JXT.XMLElement): JXT.JSONData | undefined {
    const language = this.#language;
    try {
      return this.#registry.import(element, { acceptLanguages: [language], lang: language });
    } catch {
      // Some definitions of stanza's throw on values they do not expect.
      return undefined;
    }
  }
}
