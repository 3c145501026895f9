// SPDX-License-Identifier: GPL-3.0-or-later

import { connect as dialTcp, isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as startTls,
  getCACertificates,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { delays } from '../limits.ts';
import type { ConnectionFailure } from '../wire.ts';
import { toSocketFailure, toTlsFailure } from './failure.ts';

export class ConnectError extends Error {
  readonly reason: ConnectionFailure;
  constructor(reason: ConnectionFailure) {
    super(reason);
    this.reason = reason;
  }
}

/** A TCP connection. Tries all addresses of the host (RFC 8305). */
function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = dialTcp({ host, port, autoSelectFamily: true, timeout: delays.dial, signal });
  const fail = (error: unknown): void => {
    socket.destroy();
    reject(new ConnectError(toSocketFailure(error)));
  };
  socket.once('error', fail);
  socket.once('timeout', () => {
    socket.destroy();
    reject(new ConnectError('timeout'));
  });
  socket.once('connect', () => {
    socket.setTimeout(0);
    socket.off('error', fail);
    socket.setNoDelay(true);
    resolve(socket);
  });
  return promise;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;

/** Where a `https:` or `wss:` URL leads. The brackets around IPv6 addresses belong to the notation. */
export function toTarget(url: string): Target {
  const { hostname, port } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? HTTPS_PORT : Number(port),
  };
}

/** Dials, and hangs up when the signal comes, however far the line has come by then. */
export async function dialUntil({ host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const raw = await dial(host, port, signal);
  const drop = (): void => {
    raw.destroy();
  };
  signal.addEventListener('abort', drop);
  if (signal.aborted) drop();
  return raw;
}

/** RFC 9525, section 2: a name that stands only in the subject's common name does not count. */
function checkName(host: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname === undefined) {
    return Object.assign(new Error('the certificate has no subject alternative name'), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  }
  return checkServerIdentity(host, certificate);
}

export interface TlsWish {
  /**
   * What the certificate has to be for, in ASCII. For TCP the domain of the address, never the host that DNS
   * sent us to (RFC 6120, section 13.7.2.1); for WebSocket the host in a URL that nobody could forge.
   */
  readonly name: string;
  readonly extraCertificates: readonly string[];
  /** Direct TLS (XEP-0368) and HTTP name the protocol; STARTTLS has no need to. */
  readonly protocol: 'xmpp-client' | 'http/1.1' | undefined;
}

/** Wraps a socket in TLS 1.2 or later and verifies the other end. There is no way around the checks. */
export function secure(raw: Socket, wish: TlsWish): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = startTls({
    socket: raw,
    host: wish.name,
    ...(isIP(wish.name) === 0 ? { servername: wish.name } : {}),
    ...(wish.protocol === undefined ? {} : { ALPNProtocols: [wish.protocol] }),
    ...(wish.extraCertificates.length > 0
      ? { ca: [...getCACertificates('default'), ...wish.extraCertificates] }
      : {}),
    minVersion: 'TLSv1.2',
    checkServerIdentity: checkName,
  });
  const fail = (error: unknown): void => {
    raw.destroy();
    socket.destroy();
    reject(new ConnectError(toTlsFailure(error)));
  };
  const hungUp = (): void => {
    fail(undefined);
  };
  socket.once('error', fail);
  raw.once('error', fail);
  raw.once('close', hungUp);
  socket.once('secureConnect', () => {
    socket.off('error', fail);
    raw.off('error', fail);
    raw.off('close', hungUp);
    resolve(socket);
  });
  return promise;
}
