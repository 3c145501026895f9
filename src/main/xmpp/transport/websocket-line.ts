// SPDX-License-Identifier: GPL-3.0-or-later

import type { TLSSocket } from 'node:tls';
import { type ClientOptions, type RawData, WebSocket } from 'ws';
import { delays, limits } from '../limits.ts';
import type { Clock } from '../ports.ts';
import { exportBinding } from './channel-binding.ts';
import { toClosedFailure, toHandshakeFailure, toWebSocketFailure } from './failure.ts';
import type { Line, LineEvents } from './line.ts';
import { ConnectError } from './sockets.ts';
import { FRAMED_FOOTER, formatFramedHeader, IncomingFrames } from './xml-frames.ts';
import type { StreamAddress } from './xml-stream.ts';

const SUBPROTOCOL = 'xmpp';
const NORMAL_CLOSURE = 1000;

/** `maxFragments` is younger than the types of the package. */
const STRICT: ClientOptions & { readonly maxFragments: number } = {
  followRedirects: false,
  perMessageDeflate: false,
  maxPayload: limits.skippedStanza,
  maxFragments: limits.fragmentsPerFrame,
  skipUTF8Validation: false,
};

/** A WebSocket that is open, and the TLS connection below it. */
export interface OpenWebSocket {
  readonly socket: WebSocket;
  readonly tls: TLSSocket;
}

/**
 * Turns a TLS connection, whose other end is verified, into a WebSocket that speaks XMPP. No redirects, no
 * compression; a server that answers with another subprotocol, or with none, is refused.
 */
export function upgrade(tls: TLSSocket, url: string, clock: Clock): Promise<OpenWebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<OpenWebSocket>();
  const socket = new WebSocket(url, [SUBPROTOCOL], { ...STRICT, createConnection: () => tls });
  const fail = (reason: ConnectError['reason']): void => {
    reject(new ConnectError(reason));
    socket.terminate();
  };
  const cancel = clock.after(delays.dial, () => {
    fail('timeout');
  });
  // Stays for good: what goes wrong after this function has given up is nobody's concern.
  socket.on('error', (error) => {
    fail(toWebSocketFailure(error));
  });
  socket.once('close', () => {
    fail('not-xmpp');
  });
  socket.once('unexpected-response', (_request, { statusCode }) => {
    fail(toHandshakeFailure(statusCode));
  });
  socket.once('open', () => {
    // Nothing is read before somebody listens.
    socket.pause();
    if (socket.protocol === SUBPROTOCOL) resolve({ socket, tls });
    else fail('not-xmpp');
  });
  return promise.finally(() => {
    cancel();
    socket.removeAllListeners('close').removeAllListeners('unexpected-response');
    socket.removeAllListeners('error').on('error', () => undefined);
  });
}

/** XMPP over WebSocket (RFC 7395): each frame is one element, whole and by itself. */
export class WebSocketLine implements Line {
  readonly #socket: WebSocket;
  readonly #tls: TLSSocket;
  readonly #address: StreamAddress;
  readonly #events: LineEvents;
  #incoming: IncomingFrames | undefined;
  #streaming = false;
  #dropped = false;

  constructor({ socket, tls }: OpenWebSocket, address: StreamAddress, events: LineEvents) {
    this.#socket = socket;
    this.#tls = tls;
    this.#address = address;
    this.#events = events;
    const heard = (): void => {
      if (!this.#dropped) events.heard();
    };
    socket.on('message', (data, isBinary) => {
      this.#read(data, isBinary);
    });
    socket.on('ping', heard).on('pong', heard);
    socket.on('error', (error) => {
      this.#break(toWebSocketFailure(error));
    });
    socket.on('close', (code) => {
      this.#break(this.#streaming ? toClosedFailure(code) : 'not-xmpp');
    });
  }

  restart(): void {
    this.#incoming?.stop();
    this.#streaming = false;
    this.#incoming = new IncomingFrames(this.#address, (part) => {
      this.#streaming = true;
      this.#events.part(part);
    });
    if (!this.write(formatFramedHeader(this.#address))) this.#break('not-xmpp');
    this.#socket.resume();
  }

  write(xml: string): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(xml);
    return true;
  }

  hold(held: boolean): void {
    if (held) this.#socket.pause();
    else this.#socket.resume();
  }

  sayGoodbye(): boolean {
    return this.write(FRAMED_FOOTER);
  }

  drop(): void {
    this.#dropped = true;
    this.#incoming?.stop();
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(NORMAL_CLOSURE);
    this.#socket.terminate();
  }

  exportBinding(): Uint8Array | undefined {
    return exportBinding(this.#tls);
  }

  #read(data: RawData, isBinary: boolean): void {
    if (this.#dropped) return;
    this.#events.heard();
    const isText = !isBinary && Buffer.isBuffer(data);
    if (!isText || this.#incoming?.write(data.toString('utf8')) === false) this.#break('not-xmpp');
  }

  #break(reason: Parameters<LineEvents['broken']>[0]): void {
    if (!this.#dropped) this.#events.broken(reason);
  }
}
