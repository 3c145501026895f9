// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.ts';

/** Why the program cannot serve at present; undefined when it can. */
export type Health = () => 'stream-down' | 'store-down' | undefined;

const HOST = '127.0.0.1';

/** `/metrics` and `/healthz`, for this machine only. */
export class WatchPort {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port 0 takes any that is free */
  static async open(port: number, metrics: Metrics, health: Health): Promise<WatchPort> {
    const server = createServer((request, response) => {
      const answer = request.method === 'GET' ? pageOf(request.url, metrics, health) : undefined;
      response.writeHead(answer?.status ?? 404, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(answer?.text ?? 'not found\n');
    });
    server.headersTimeout = 5_000;
    server.requestTimeout = 5_000;
    server.maxConnections = 16;
    server.listen(port, HOST);
    await once(server, 'listening');
    return new WatchPort(server);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
    return address.port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

interface Page {
  readonly status: number;
  readonly text: string;
}

function pageOf(url: string | undefined, metrics: Metrics, health: Health): Page | undefined {
  if (url === '/metrics') return { status: 200, text: metrics.format() };
  if (url !== '/healthz') return undefined;
  const trouble = health();
  return trouble === undefined
    ? { status: 200, text: 'ok\n' }
    : { status: 503, text: `${trouble}\n` };
}
