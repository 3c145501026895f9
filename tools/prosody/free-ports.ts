// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { createServer } from 'node:net';

async function reserve(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  const release = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, release };
}

/** Loopback ports that were free a moment ago, all different. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const reserved = await Promise.all(Array.from({ length: count }, reserve));
  await Promise.all(reserved.map(({ release }) => release()));
  return reserved.map(({ port }) => port);
}
