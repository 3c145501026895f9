// SPDX-License-Identifier: GPL-3.0-or-later

import type { TLSSocket } from 'node:tls';
import { exportBinding } from './channel-binding.ts';
import { toSocketFailure } from './failure.ts';
import type { Line, LineEvents } from './line.ts';
import {
  formatStreamHeader,
  IncomingStream,
  STREAM_FOOTER,
  type StreamAddress,
} from './xml-stream.ts';

/** XMPP over TCP and TLS (RFC 6120): one long document in each direction. */
export class TcpLine implements Line {
  readonly #socket: TLSSocket;
  readonly #address: StreamAddress;
  readonly #events: LineEvents;
  #incoming: IncomingStream | undefined;
  #streaming = false;
  #dropped = false;

  constructor(socket: TLSSocket, address: StreamAddress, events: LineEvents) {
    this.#socket = socket;
    this.#address = address;
    this.#events = events;
    socket.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
    socket.on('error', (error) => {
      if (!this.#dropped) events.broken(toSocketFailure(error));
    });
    socket.on('close', () => {
      if (!this.#dropped) events.broken(this.#streaming ? 'lost' : 'not-xmpp');
    });
  }

  restart(): void {
    this.#incoming?.stop();
    this.#streaming = false;
    this.#incoming = new IncomingStream(this.#address, (part) => {
      this.#streaming = true;
      this.#events.part(part);
    });
    this.write(formatStreamHeader(this.#address));
  }

  write(xml: string): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.write(xml);
    return true;
  }

  hold(held: boolean): void {
    if (held) this.#socket.pause();
    else this.#socket.resume();
  }

  sayGoodbye(): boolean {
    return this.write(STREAM_FOOTER);
  }

  drop(): void {
    this.#dropped = true;
    this.#incoming?.stop();
    this.#socket.destroy();
  }

  exportBinding(): Uint8Array | undefined {
    return exportBinding(this.#socket);
  }

  #read(bytes: Buffer): void {
    if (this.#dropped) return;
    this.#events.heard();
    if (this.#incoming?.write(bytes) === false) this.#events.broken('not-xmpp');
  }
}
