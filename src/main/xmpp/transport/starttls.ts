// SPDX-License-Identifier: GPL-3.0-or-later

import type { Socket } from 'node:net';
import type { StreamPart } from './element-reader.ts';
import { toSocketFailure } from './failure.ts';
import { ConnectError } from './sockets.ts';
import { formatStreamHeader, IncomingStream, type StreamAddress } from './xml-stream.ts';

const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * Asks for TLS on a plain stream (RFC 6120, section 5). Resolves when the server says to proceed; nothing
 * that it sent before or with that is kept, so nobody on the line can put words into its mouth.
 */
export function negotiateStartTls(raw: Socket, address: StreamAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const fail = (reason: ConnectError['reason']): void => {
    reject(new ConnectError(reason));
  };
  const receive = (part: StreamPart): void => {
    if (part.tag === 'start') return;
    if (part.tag === 'end') {
      fail('server-closed');
    } else if (part.kind === 'features') {
      if (isRecord(part.stanza) && part.stanza.tls !== undefined) raw.write(STARTTLS);
      else fail('no-tls');
    } else if (part.kind === 'tls' && part.stanza.type === 'proceed') {
      incoming.stop();
      resolve(undefined);
    } else if (part.kind === 'streamError') {
      fail(part.stanza.condition === 'host-unknown' ? 'unknown-domain' : 'server-closed');
    } else fail('no-tls');
  };
  const incoming = new IncomingStream(address, receive);
  const onData = (bytes: Buffer): void => {
    if (!incoming.write(bytes)) fail('not-xmpp');
  };
  const onError = (error: unknown): void => {
    fail(toSocketFailure(error));
  };
  const onClose = (): void => {
    fail('not-xmpp');
  };
  raw.on('data', onData).on('error', onError).on('close', onClose);
  raw.write(formatStreamHeader(address));
  return promise
    .finally(() => {
      incoming.stop();
      raw.off('data', onData).off('error', onError).off('close', onClose);
    })
    .catch((error: unknown) => {
      raw.on('error', () => undefined).destroy();
      throw error;
    });
}
