// SPDX-License-Identifier: GPL-3.0-or-later

import type { TLSSocket } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { JXT } from 'stanza';
import type { ServerConfig } from '../client.ts';
import { delays } from '../limits.ts';
import type { Clock, Random, ResolveSrv } from '../ports.ts';
import type { ConnectionFailure } from '../wire.ts';
import type { StreamPart } from './element-reader.ts';
import { type Candidate, findCandidates, NoServiceError } from './endpoints.ts';
import { toSocketFailure, toStreamFailure } from './failure.ts';
import { ConnectError, dial, secure } from './sockets.ts';
import { negotiateStartTls } from './starttls.ts';
import { formatStreamHeader, IncomingStream, STREAM_FOOTER } from './xml-stream.ts';

export interface LineSettings {
  readonly server: Pick<ServerConfig, 'endpoint' | 'extraCertificates' | 'language'>;
  readonly domain: string;
  readonly registry: JXT.Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly resolveSrv: ResolveSrv;
}

/** What a line tells its owner. `ended` comes exactly once, last, whatever ended it. */
export interface LineEvents {
  /** The socket is encrypted and the other end verified; a stream has been asked for. */
  readonly opened: () => void;
  readonly started: () => void;
  readonly element: (kind: string, stanza: JXT.JSONData) => void;
  /** Any bytes at all arrived. */
  readonly heard: () => void;
  readonly ended: (reason: ConnectionFailure) => void;
}

/** One encrypted connection to a server, from the first packet to the last. Never used twice. */
export class TcpLine {
  readonly #settings: LineSettings;
  readonly #events: LineEvents;
  readonly #giveUp = new AbortController();
  #socket: TLSSocket | undefined;
  #incoming: IncomingStream | undefined;
  #streaming = false;
  #closing = false;
  #ended = false;
  #cancelFarewell: (() => void) | undefined;

  constructor(settings: LineSettings, events: LineEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  async open(): Promise<void> {
    try {
      this.#attach(await this.#reach());
    } catch (error) {
      if (error instanceof ConnectError) this.kill(error.reason);
      else this.kill(error instanceof NoServiceError ? 'no-such-host' : 'lost');
    }
  }

  /** A new stream on the same socket, after authentication. */
  restart(): void {
    this.#incoming?.stop();
    this.#streaming = false;
    const address = this.#address();
    this.#incoming = new IncomingStream(address, (part) => {
      this.#receive(part);
    });
    this.write(formatStreamHeader(address));
  }

  /** False when there is no socket to write to; `ended` follows or has been. */
  write(xml: string): boolean {
    if (this.#socket === undefined || !this.#socket.writable) return false;
    this.#socket.write(xml);
    return true;
  }

  /** Says goodbye if there is a stream to end, and gives the server a moment to answer. */
  close(): void {
    if (this.#closing || this.#ended) return;
    if (!this.#streaming || !this.write(STREAM_FOOTER)) {
      this.kill('server-closed');
      return;
    }
    this.#closing = true;
    this.#cancelFarewell = this.#settings.clock.after(delays.farewell, () => {
      this.kill('server-closed');
    });
  }

  /** Drops the socket at once. */
  kill(reason: ConnectionFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelFarewell?.();
    this.#giveUp.abort();
    this.#incoming?.stop();
    this.#socket?.destroy();
    this.#events.ended(reason);
  }

  #address(): { registry: JXT.Registry; domain: string; language: string } {
    const { registry, domain, server } = this.#settings;
    return { registry, domain, language: server.language };
  }

  /** The first candidate with which we get as far as verified TLS. */
  async #reach(): Promise<TLSSocket> {
    const { server, domain } = this.#settings;
    const candidates = await findCandidates(server.endpoint, domainToASCII(domain), this.#settings);
    let failure: unknown = new ConnectError('no-such-host');
    for (const candidate of candidates) {
      if (this.#ended) break;
      try {
        return await this.#reachOne(candidate);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #reachOne(candidate: Candidate): Promise<TLSSocket> {
    const { server, domain } = this.#settings;
    const signal = this.#giveUp.signal;
    const raw = await dial(candidate.host, candidate.port, signal);
    const drop = (): void => {
      raw.destroy();
    };
    signal.addEventListener('abort', drop);
    if (signal.aborted) drop();
    const direct = candidate.tls === 'direct';
    if (!direct) await negotiateStartTls(raw, this.#address());
    const { extraCertificates } = server;
    return secure(raw, { domain: domainToASCII(domain), extraCertificates, direct });
  }

  #attach(socket: TLSSocket): void {
    if (this.#ended) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#events.heard();
      if (!this.#ended && this.#incoming?.write(bytes) === false) this.kill('not-xmpp');
    });
    socket.on('error', (error) => {
      this.kill(toSocketFailure(error));
    });
    socket.on('close', () => {
      this.kill(this.#streaming ? 'lost' : 'not-xmpp');
    });
    this.#events.opened();
    this.restart();
  }

  #receive(part: StreamPart): void {
    if (this.#ended) return;
    if (part.tag === 'start') {
      this.#streaming = true;
      this.#events.started();
    } else if (part.tag === 'end') {
      if (!this.#closing) this.write(STREAM_FOOTER);
      this.#socket?.end();
      this.kill('server-closed');
    } else if (part.kind === 'streamError') {
      this.kill(toStreamFailure(String(part.stanza.condition)));
    } else this.#events.element(part.kind, part.stanza);
  }
}
