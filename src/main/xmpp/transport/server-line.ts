// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import { delays } from '../limits.ts';
import type { ConnectionFailure } from '../wire.ts';
import type { StreamPart } from './element-reader.ts';
import { NoServiceError } from './endpoints.ts';
import { toStreamFailure } from './failure.ts';
import type { Line, LineEvents } from './line.ts';
import { type ReachSettings, reachServer } from './reach-server.ts';
import { ConnectError } from './sockets.ts';
import { formatWay, type Way } from './ways.ts';
import type { StreamAddress } from './xml-stream.ts';

/** What happens on the line to the server. `ended` comes exactly once, last, whatever ended it. */
export interface ServerLineEvents {
  /** The line is encrypted and the other end verified; a stream has been asked for. */
  readonly opened: () => void;
  readonly started: () => void;
  readonly element: (kind: string, stanza: JXT.JSONData) => void;
  /** Anything at all arrived. */
  readonly heard: () => void;
  readonly ended: (reason: ConnectionFailure) => void;
}

/** One connection to a server, whichever way, from the first packet to the last. Never used twice. */
export class ServerLine {
  readonly #settings: ReachSettings;
  readonly #events: ServerLineEvents;
  readonly #giveUp = new AbortController();
  #line: Line | undefined;
  #way: Way | undefined;
  #useful = false;
  #streaming = false;
  #closing = false;
  #ended = false;
  #cancelFarewell: (() => void) | undefined;

  constructor(settings: ReachSettings, events: ServerLineEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  async open(): Promise<void> {
    try {
      const { way, begin } = await reachServer(this.#settings, this.#giveUp.signal);
      this.#way = way;
      this.#attach(begin);
    } catch (error) {
      if (error instanceof ConnectError) this.kill(error.reason);
      else this.kill(error instanceof NoServiceError ? 'no-such-host' : 'lost');
    }
  }

  /** A new stream on the same line, after authentication. */
  restart(): void {
    this.#streaming = false;
    this.#line?.restart();
  }

  /** False when there is no line to write to; `ended` follows or has been. */
  write(xml: string): boolean {
    return this.#line?.write(xml) ?? false;
  }

  hold(held: boolean): void {
    this.#line?.hold(held);
  }

  /** Which way this line goes, as one text; empty before it stands. */
  get way(): string {
    return this.#way === undefined ? '' : formatWay(this.#way);
  }

  exportBinding(): Uint8Array | undefined {
    return this.#line?.exportBinding();
  }

  /** A session stands on this line: its way is worth remembering. */
  markUseful(): void {
    if (this.#way === undefined || this.#useful) return;
    this.#useful = true;
    this.#settings.ways.worked(this.#way);
  }

  /** Says goodbye if there is a stream to end, and gives the server a moment to answer. */
  close(): void {
    if (this.#closing || this.#ended) return;
    this.#closing = true;
    if (!this.#streaming || this.#line?.sayGoodbye() !== true) {
      this.kill('server-closed');
      return;
    }
    this.#cancelFarewell = this.#settings.clock.after(delays.farewell, () => {
      this.kill('server-closed');
    });
  }

  /** Drops the line at once. */
  kill(reason: ConnectionFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelFarewell?.();
    const useless = !this.#useful && !this.#closing;
    if (this.#way !== undefined && useless) this.#settings.ways.failed(this.#way, reason);
    this.#giveUp.abort();
    this.#line?.drop();
    this.#events.ended(reason);
  }

  #attach(begin: (address: StreamAddress, events: LineEvents) => Line): void {
    const { registry, domain, server } = this.#settings;
    const line = begin(
      { registry, domain, language: server.language },
      {
        part: (part) => {
          this.#receive(part);
        },
        heard: this.#events.heard,
        broken: (reason) => {
          this.kill(reason);
        },
      },
    );
    if (this.#ended) {
      line.drop();
      return;
    }
    this.#line = line;
    this.#events.opened();
    this.restart();
  }

  #receive(part: StreamPart): void {
    if (this.#ended) return;
    if (part.tag === 'start') {
      this.#streaming = true;
      this.#events.started();
    } else if (part.tag === 'end') {
      if (!this.#closing) this.#line?.sayGoodbye();
      this.kill('server-closed');
    } else if (part.kind === 'streamError') {
      this.kill(toStreamFailure(String(part.stanza.condition)));
    } else this.#events.element(part.kind, part.stanza);
  }
}
