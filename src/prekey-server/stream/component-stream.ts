// SPDX-License-Identifier: GPL-3.0-or-later

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { JXT } from 'stanza';
import { parseElement } from '#main/xml/parse-element.ts';
import { type CutUnit, UnitStream } from '#main/xml/unit-stream.ts';
import type { StreamFailure } from '../watch/log.ts';
import { streamDelays, streamLimits } from './limits.ts';

export const COMPONENT = 'jabber:component:accept';
const STREAMS = 'http://etherx.jabber.org/streams';
const STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';
const FOOTER = '</stream:stream>';

export interface ComponentAddress {
  readonly host: string;
  readonly port: number;
  /** Bare address of the component, which is a domain. */
  readonly jid: string;
  /** Shared with the XMPP server. Lent for as long as the stream lives. */
  readonly secret: Uint8Array;
}

export interface ComponentEvents {
  /** The server took us in. */
  readonly ready: () => void;
  readonly element: (element: JXT.XMLElement) => void;
  /** Anything at all arrived. */
  readonly heard: () => void;
  /** It is over; nothing follows. */
  readonly down: (reason: StreamFailure) => void;
}

/** One stream to an XMPP server (XEP-0114), from the first packet to its end. */
export class ComponentStream {
  readonly #address: ComponentAddress;
  readonly #events: ComponentEvents;
  readonly #socket: Socket;
  readonly #units = new UnitStream((unit) => this.#read(unit));
  readonly #patience: NodeJS.Timeout;
  #root: JXT.XMLElement | undefined;
  #stage: 'opening' | 'proving' | 'ready' | 'over' = 'opening';

  constructor(address: ComponentAddress, events: ComponentEvents) {
    this.#address = address;
    this.#events = events;
    const { host, port } = address;
    this.#socket = connect({ host, port, noDelay: true, keepAlive: true });
    this.#patience = setTimeout(() => {
      this.#fail('timeout');
    }, streamDelays.handshake);
    this.#listen();
  }

  /** One stanza. False when there is no stream to write it to. */
  send(xml: string): boolean {
    if (this.#stage !== 'ready') return false;
    this.#write(xml);
    return true;
  }

  /** Says goodbye; the server hangs up, or we do after a while. */
  end(): void {
    if (this.#stage === 'over') return;
    if (this.#stage === 'ready') this.#socket.end(FOOTER);
    const late = setTimeout(() => {
      this.#fail('closed');
    }, streamDelays.farewell);
    this.#socket.once('close', () => {
      clearTimeout(late);
    });
    if (this.#stage !== 'ready') this.#fail('closed');
  }

  /** Hangs up at once. */
  drop(reason: StreamFailure): void {
    this.#fail(reason);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => {
      const to = JXT.escapeXML(this.#address.jid);
      this.#write(
        `<?xml version='1.0'?><stream:stream xmlns='${COMPONENT}' xmlns:stream='${STREAMS}' to='${to}'>`,
      );
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.#stage === 'over') return;
      this.#events.heard();
      if (!this.#units.write(bytes)) this.#fail('not-xmpp');
    });
    socket.on('drain', () => {
      socket.resume();
    });
    socket.on('error', (error) => {
      this.#fail(toFailure(error));
    });
    socket.on('close', () => {
      this.#fail(this.#stage === 'ready' ? 'lost' : 'refused');
    });
  }

  /** While the server does not take what we say, we do not take what it says either. */
  #write(xml: string): void {
    const socket = this.#socket;
    socket.write(xml);
    if (socket.writableLength > streamLimits.outgoingMost) this.#fail('stalled');
    else if (socket.writableLength > streamLimits.outgoingHigh) socket.pause();
  }

  #read({ tag, spoiled, xml }: CutUnit): boolean {
    // The handler of the unit before may have ended the stream.
    if (this.#stage === 'over') return true;
    if (tag === 'root') return this.#prove(xml);
    if (tag === 'end') {
      this.#fail('closed');
      return true;
    }
    const element = spoiled === undefined ? parseElement(xml, this.#root) : undefined;
    if (element !== undefined) this.#take(element);
    return true;
  }

  /** hex(SHA-1(stream id + secret)). @see XEP-0114 section 3 */
  #prove(xml: string): boolean {
    const root = parseElement(xml);
    const id = root?.getAttribute('id');
    const isStream = root?.getName() === 'stream' && root.getNamespace() === STREAMS;
    if (!isStream || root.getDefaultNamespace() !== COMPONENT || id === undefined) return false;
    this.#root = root;
    this.#stage = 'proving';
    const digest = createHash('sha1').update(id).update(this.#address.secret).digest('hex');
    this.#write(`<handshake>${digest}</handshake>`);
    return true;
  }

  #take(element: JXT.XMLElement): void {
    const name = element.getName();
    const namespace = element.getNamespace();
    if (name === 'error' && namespace === STREAMS) {
      this.#fail(toStreamFailure(element));
    } else if (this.#stage === 'ready') {
      this.#events.element(element);
    } else if (this.#stage === 'proving' && name === 'handshake' && namespace === COMPONENT) {
      clearTimeout(this.#patience);
      this.#stage = 'ready';
      this.#events.ready();
    }
  }

  #fail(reason: StreamFailure): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    clearTimeout(this.#patience);
    this.#units.stop();
    this.#socket.destroy();
    this.#events.down(reason);
  }
}

function toFailure(error: Error): StreamFailure {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no-such-host';
  if (code === 'ETIMEDOUT') return 'timeout';
  return code === 'ECONNREFUSED' ? 'refused' : 'lost';
}

const KNOWN_CONDITIONS = ['not-authorized', 'host-unknown', 'conflict'] as const;

function toStreamFailure(error: JXT.XMLElement): StreamFailure {
  const known = KNOWN_CONDITIONS.find((name) => error.getChild(name, STREAM_ERRORS) !== undefined);
  return known ?? 'stream-error';
}
