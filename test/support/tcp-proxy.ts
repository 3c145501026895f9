// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A wire between a client and a server on loopback, that can be cut, held and mended. */
export class TcpProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Map<Socket, 'client' | 'server'>();
  #refusing = false;
  #delayMs = 0;
  /** Connections taken so far. */
  taken = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
    this.port = address.port;
    server.on('connection', (near) => {
      this.#take(near);
    });
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** Ends all connections at once, without a word to either side's protocol. */
  cut(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** While refusing, new connections are ended as soon as they come. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** What is sent from now on takes this long, in its order. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Holds back what is sent, by both sides or only by the server. The connections stay open. */
  hold(whose: 'both' | 'server' = 'both'): void {
    for (const [socket, side] of this.#sockets) {
      if (whose === 'both' || side === 'server') socket.pause();
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(near: Socket): void {
    this.taken += 1;
    if (this.#refusing) {
      near.destroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#target });
    for (const [from, to, side] of [
      [near, far, 'client'],
      [far, near, 'server'],
    ] as const) {
      this.#sockets.set(from, side);
      from.on('data', (bytes) => {
        this.#pass(bytes, to);
      });
      from.on('end', () => {
        setTimeout(() => to.end(), this.#delayMs);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #pass(bytes: Buffer, to: Socket): void {
    if (this.#delayMs === 0) to.write(bytes);
    else setTimeout(() => to.write(bytes), this.#delayMs);
  }
}
