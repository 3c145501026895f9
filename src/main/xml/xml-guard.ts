// SPDX-License-Identifier: GPL-3.0-or-later

import { xmlLimits as limits } from './limits.ts';

export type XmlViolation =
  | 'stanza-too-big'
  | 'too-deep'
  | 'too-many-elements'
  | 'too-many-attributes'
  | 'name-too-long'
  | 'value-too-long'
  | 'text-too-long'
  | 'illegal-character'
  | 'forbidden-construct'
  | 'unbound-prefix'
  | 'malformed';

/** A piece of the stream that is complete: its opening tag, one stanza, or its closing tag. */
export interface XmlUnit {
  readonly tag: 'root' | 'stanza' | 'end';
  /** Where it ends in the text that was scanned. It begins where the one before ends. */
  readonly end: number;
  /** Of the element that ends here. */
  readonly name: string;
  /** Why it must not be read. */
  readonly spoiled: XmlViolation | undefined;
}

export interface Scan {
  readonly units: readonly XmlUnit[];
  readonly fatal: XmlViolation | undefined;
}

/** Thrown inside this file only. */
class Refusal extends Error {
  readonly violation: XmlViolation;
  constructor(violation: XmlViolation) {
    super(violation);
    this.violation = violation;
  }
}

type State =
  | 'text'
  | 'markup'
  | 'declaration'
  | 'name'
  | 'tag'
  | 'after-value'
  | 'attribute'
  | 'equals'
  | 'quote'
  | 'value'
  | 'empty'
  | 'closing'
  | 'closed';

interface Open {
  readonly name: string;
  /** Namespace prefixes declared on this very element. */
  readonly prefixes: readonly string[];
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const BANG = 0x21;
const DOUBLE_QUOTE = 0x22;
const AMPERSAND = 0x26;
const SINGLE_QUOTE = 0x27;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

/** A name with at most one colon (Namespaces in XML, section 4). */
const QUALIFIED_NAME = /^[\p{L}_][\p{L}\p{N}\p{M}._·-]*(?::[\p{L}_][\p{L}\p{N}\p{M}._·-]*)?$/u;
const REFERENCE = /^(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6})$/;
const LONGEST_REFERENCE = 8;

const isSpace = (code: number): boolean =>
  code === SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN;

const isIllegal = (code: number): boolean =>
  code < SPACE ? !isSpace(code) : code === 0xfffe || code === 0xffff;

/** UTF-8 length of one UTF-16 unit; a surrogate is half of a four-byte sequence. */
function octets(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

/**
 * Reads along with an XML stream (RFC 6120, section 11) and refuses what the parser behind it must not
 * see: anything over the limits, anything the RFC prohibits, anything two parsers might read in
 * two ways. It looks at each character once and keeps no text.
 */
export class XmlGuard {
  #state: State = 'text';
  #stack: Open[] = [];
  #started = false;
  #ended = false;

  #index = 0;
  #units: XmlUnit[] = [];
  #spoiled: XmlViolation | undefined;

  #octets = 0;
  #elements = 0;
  #text = 0;
  /** Trailing `]` in the current text: `]]>` may not appear in it. */
  #brackets = 0;
  #reference: string | undefined;

  #name = '';
  #attribute = '';
  #attributes: string[] = [];
  #value = 0;
  #quote = 0;
  #declaration = '';

  readonly #steps: Readonly<Record<State, (code: number) => void>> = {
    text: (code) => {
      this.#onText(code);
    },
    markup: (code) => {
      this.#onMarkup(code);
    },
    declaration: (code) => {
      this.#onDeclaration(code);
    },
    name: (code) => {
      this.#onName(code);
    },
    tag: (code) => {
      this.#onTag(code);
    },
    'after-value': (code) => {
      if (!isSpace(code) && code !== SLASH && code !== GREATER) throw new Refusal('malformed');
      this.#onTag(code);
    },
    attribute: (code) => {
      this.#onAttribute(code);
    },
    equals: (code) => {
      if (code === EQUALS) this.#state = 'quote';
      else if (!isSpace(code)) throw new Refusal('malformed');
    },
    quote: (code) => {
      this.#onQuote(code);
    },
    value: (code) => {
      this.#onValue(code);
    },
    empty: (code) => {
      if (code !== GREATER) throw new Refusal('malformed');
      this.#open();
      this.#close(this.#name);
    },
    closing: (code) => {
      this.#onClosing(code);
    },
    closed: (code) => {
      if (code === GREATER) this.#close(this.#name);
      else if (!isSpace(code)) throw new Refusal('malformed');
    },
  };

  /** Why the stanza that is being read, if any, will be skipped. */
  get spoiled(): XmlViolation | undefined {
    return this.#spoiled;
  }

  /** Reads on. After a fatal violation the stream is beyond repair. */
  scan(text: string): Scan {
    this.#units = [];
    try {
      for (this.#index = 0; this.#index < text.length; this.#index += 1) {
        this.#step(text.charCodeAt(this.#index));
      }
    } catch (error) {
      if (error instanceof Refusal) return { units: this.#units, fatal: error.violation };
      throw error;
    }
    return { units: this.#units, fatal: undefined };
  }

  /**
   * Too much of something, or an odd name, inside a stanza: a contact can send it, and the server would
   * deliver it again after each reconnection. So it spoils that stanza only.
   */
  #exceed(violation: XmlViolation): void {
    if (!this.#started) throw new Refusal(violation);
    this.#spoiled ??= violation;
  }

  #finish(tag: XmlUnit['tag']): void {
    this.#units.push({ tag, end: this.#index + 1, name: this.#name, spoiled: this.#spoiled });
  }

  #step(code: number): void {
    if (isIllegal(code)) throw new Refusal('illegal-character');
    this.#octets += octets(code);
    if (this.#octets > limits.stanza) this.#exceed('stanza-too-big');
    if (this.#octets > limits.skippedStanza) throw new Refusal('stanza-too-big');
    this.#steps[this.#state](code);
  }

  #onText(code: number): void {
    if (code === LESS) {
      if (this.#reference !== undefined) throw new Refusal('malformed');
      this.#state = 'markup';
      this.#text = 0;
      this.#brackets = 0;
      return;
    }
    if (this.#stack.length < 2) {
      this.#betweenStanzas(code);
      return;
    }
    this.#text += octets(code);
    if (this.#text > limits.text) this.#exceed('text-too-long');
    if (code === GREATER && this.#brackets >= 2) throw new Refusal('malformed');
    this.#brackets = code === 0x5d ? this.#brackets + 1 : 0;
    this.#onReference(code);
  }

  /** White space keeps connections alive and never ends, so it does not add up. */
  #betweenStanzas(code: number): void {
    if (!isSpace(code)) throw new Refusal('malformed');
    if (this.#started) this.#octets = 0;
  }

  #onReference(code: number): void {
    if (this.#reference === undefined) {
      if (code === AMPERSAND) this.#reference = '';
      return;
    }
    if (code === SEMICOLON) {
      if (!REFERENCE.test(this.#reference)) throw new Refusal('forbidden-construct');
      this.#reference = undefined;
      return;
    }
    this.#reference += String.fromCharCode(code);
    if (this.#reference.length > LONGEST_REFERENCE) throw new Refusal('malformed');
  }

  #onMarkup(code: number): void {
    if (this.#ended) throw new Refusal('malformed');
    this.#name = '';
    if (code === SLASH) {
      this.#state = 'closing';
      return;
    }
    // DOCTYPE and comments are prohibited; CDATA is not, but servers write stanzas anew without it.
    if (code === BANG) throw new Refusal('forbidden-construct');
    if (code === QUESTION) {
      if (this.#started || this.#declaration !== '') throw new Refusal('forbidden-construct');
      this.#state = 'declaration';
      return;
    }
    this.#attributes = [];
    this.#state = 'name';
    this.#onName(code);
  }

  #onDeclaration(code: number): void {
    this.#declaration += String.fromCharCode(code);
    if (this.#declaration.length > limits.declaration) throw new Refusal('forbidden-construct');
    if (!this.#declaration.endsWith('?>')) return;
    if (!/^xml\s[^?<>]*\?>$/.test(this.#declaration)) throw new Refusal('forbidden-construct');
    this.#state = 'text';
  }

  #onName(code: number): void {
    if (!isSpace(code) && code !== SLASH && code !== GREATER) {
      this.#name += String.fromCharCode(code);
      if (this.#name.length > limits.name) this.#exceed('name-too-long');
      return;
    }
    if (!QUALIFIED_NAME.test(this.#name)) this.#exceed('malformed');
    this.#state = 'tag';
    this.#onTag(code);
  }

  #onTag(code: number): void {
    if (isSpace(code)) this.#state = 'tag';
    else if (code === SLASH) this.#state = 'empty';
    else if (code === GREATER) this.#open();
    else {
      this.#attribute = '';
      this.#state = 'attribute';
      this.#onAttribute(code);
    }
  }

  #onAttribute(code: number): void {
    if (code === SLASH || code === GREATER) throw new Refusal('malformed');
    if (code !== EQUALS && !isSpace(code)) {
      this.#attribute += String.fromCharCode(code);
      if (this.#attribute.length > limits.name) this.#exceed('name-too-long');
      return;
    }
    if (!QUALIFIED_NAME.test(this.#attribute)) this.#exceed('malformed');
    this.#noteAttribute();
    this.#state = code === EQUALS ? 'quote' : 'equals';
  }

  #noteAttribute(): void {
    if (this.#spoiled !== undefined) return;
    if (this.#attributes.includes(this.#attribute)) throw new Refusal('malformed');
    this.#attributes.push(this.#attribute);
    if (this.#attributes.length > limits.attributesPerElement) {
      this.#exceed('too-many-attributes');
    }
  }

  #onQuote(code: number): void {
    if (isSpace(code)) return;
    if (code !== SINGLE_QUOTE && code !== DOUBLE_QUOTE) throw new Refusal('malformed');
    this.#quote = code;
    this.#value = 0;
    this.#state = 'value';
  }

  #onValue(code: number): void {
    if (code === this.#quote) {
      if (this.#reference !== undefined) throw new Refusal('malformed');
      this.#state = 'after-value';
      return;
    }
    if (code === LESS) throw new Refusal('malformed');
    this.#value += octets(code);
    if (this.#value > limits.attributeValue) this.#exceed('value-too-long');
    this.#onReference(code);
  }

  #onClosing(code: number): void {
    if (code === GREATER) this.#close(this.#name);
    else if (isSpace(code)) this.#state = 'closed';
    else {
      this.#name += String.fromCharCode(code);
      if (this.#name.length > limits.name) this.#exceed('name-too-long');
    }
  }

  #open(): void {
    const declared = this.#attributes.filter((name) => name.startsWith('xmlns:'));
    this.#stack.push({ name: this.#name, prefixes: declared.map((name) => name.slice(6)) });
    if (this.#spoiled === undefined) {
      for (const name of [this.#name, ...this.#attributes]) this.#demandBound(name);
    }
    this.#state = 'text';
    if (!this.#started) {
      this.#started = true;
      this.#octets = 0;
      this.#finish('root');
      return;
    }
    this.#elements += 1;
    if (this.#elements > limits.elementsPerStanza) this.#exceed('too-many-elements');
    if (this.#stack.length - 1 > limits.depth) this.#exceed('too-deep');
  }

  #demandBound(name: string): void {
    const colon = name.indexOf(':');
    if (colon === -1) return;
    const prefix = name.slice(0, colon);
    if (prefix === 'xml' || prefix === 'xmlns') return;
    if (!this.#stack.some((open) => open.prefixes.includes(prefix))) {
      throw new Refusal('unbound-prefix');
    }
  }

  #close(name: string): void {
    if (this.#stack.pop()?.name !== name) throw new Refusal('malformed');
    this.#state = 'text';
    if (this.#stack.length > 1) return;
    if (this.#stack.length === 0) this.#ended = true;
    this.#finish(this.#ended ? 'end' : 'stanza');
    this.#octets = 0;
    this.#elements = 0;
    this.#spoiled = undefined;
  }
}
