// SPDX-License-Identifier: GPL-3.0-or-later

import { type IncomingMessage, request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { delays, limits } from './limits.ts';
import type { ReadHttps } from './ports.ts';
import { dialUntil, secure, toTarget } from './transport/sockets.ts';

/** Undefined for more than the limit, and for what is not UTF-8. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limits.hostMeta) return undefined;
    pieces.push(piece);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
}

function isWanted({ statusCode, headers }: IncomingMessage, types: readonly string[]): boolean {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  return statusCode === 200 && encoding === 'identity' && types.includes(type);
}

/** One question on a connection of its own. Redirects are answers like any other that is not 200. */
function ask(
  socket: TLSSocket,
  url: string,
  { types, signal }: { readonly types: readonly string[]; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const { host, pathname } = new URL(url);
  request({
    createConnection: () => socket,
    path: pathname,
    headers: { host, accept: types.join(', '), 'accept-encoding': 'identity' },
    signal,
  })
    .on('error', reject)
    .on('response', (response) => {
      if (isWanted(response, types)) readBody(response).then(resolve, reject);
      else resolve(undefined);
    })
    .end();
  return promise.finally(() => {
    socket.on('error', () => undefined).destroy();
  });
}

/** Over a connection of our own, so that the certificate is checked as it is for XMPP. */
export const readHttpsBySocket: ReadHttps = async ({ url, types, extraCertificates, signal }) => {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(delays.hostMeta)]);
  try {
    const target = toTarget(url);
    const raw = await dialUntil(target, inTime);
    const socket = await secure(raw, {
      name: target.host,
      extraCertificates,
      protocol: 'http/1.1',
    });
    return await ask(socket, url, { types, signal: inTime });
  } catch {
    return undefined;
  }
};
