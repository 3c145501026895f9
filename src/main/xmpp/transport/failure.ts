// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConnectionFailure } from '../wire.ts';

/** Error codes of Node's sockets and resolver. */
const SOCKET_FAILURES: Readonly<Record<string, ConnectionFailure>> = {
  ENOTFOUND: 'no-such-host',
  EAI_NONAME: 'no-such-host',
  EAI_NODATA: 'no-such-host',
  EAI_AGAIN: 'no-network',
  ENETUNREACH: 'no-network',
  ENETDOWN: 'no-network',
  EHOSTUNREACH: 'no-network',
  EADDRNOTAVAIL: 'no-network',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
};

const EXPIRED: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** X509 verification results (OpenSSL's names, as Node and Electron report them). */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Somewhere behind the web server there is no XMPP server at the moment. */
const BUSY_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Status codes of a WebSocket that was closed (RFC 6455, section 7.4.1, and its registry at IANA). */
const CLOSED_FAILURES: Readonly<Record<number, ConnectionFailure>> = {
  1000: 'server-closed',
  1001: 'server-closed',
  1002: 'not-xmpp',
  1003: 'not-xmpp',
  1007: 'not-xmpp',
  1008: 'not-allowed',
  1009: 'not-xmpp',
  1010: 'not-xmpp',
  1011: 'server-busy',
  1012: 'server-busy',
  1013: 'server-busy',
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

export function toSocketFailure(error: unknown): ConnectionFailure {
  return SOCKET_FAILURES[codeOf(error)] ?? 'lost';
}

/** For errors up to the end of the TLS handshake. */
export function toTlsFailure(error: unknown): ConnectionFailure {
  const code = codeOf(error);
  if (EXPIRED.has(code)) return 'tls-expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'tls-name';
  if (UNTRUSTED.has(code)) return 'tls-untrusted';
  return code === 'ETIMEDOUT' ? 'timeout' : 'tls-failed';
}

/** Defined stream error conditions, RFC 6120, section 4.9.3. */
export function toStreamFailure(condition: string): ConnectionFailure {
  switch (condition) {
    case 'conflict':
      return 'conflict';
    case 'host-unknown':
    case 'host-gone':
      return 'unknown-domain';
    case 'not-authorized':
      return 'not-allowed';
    case 'resource-constraint':
    case 'internal-server-error':
      return 'server-busy';
    case 'connection-timeout':
      return 'timeout';
    default:
      return 'server-closed';
  }
}

/** SASL failure conditions, RFC 6120, section 6.5. */
export function toSaslFailure(condition: string | undefined): ConnectionFailure {
  switch (condition) {
    case 'account-disabled':
    case 'credentials-expired':
      return 'not-allowed';
    case 'temporary-auth-failure':
      return 'server-busy';
    case 'invalid-mechanism':
    case 'mechanism-too-weak':
    case 'encryption-required':
      return 'no-mechanism';
    default:
      return 'auth-failed';
  }
}

/** HTTP status of an answer that is no WebSocket (RFC 6455, section 4.2.2). */
export function toHandshakeFailure(status: number | undefined): ConnectionFailure {
  return status !== undefined && BUSY_STATUS.has(status) ? 'server-busy' : 'not-xmpp';
}

/** For errors of the WebSocket itself; the `ws` package marks what broke the protocol or our limits. */
export function toWebSocketFailure(error: unknown): ConnectionFailure {
  const code = codeOf(error);
  return code === '' || code.startsWith('WS_ERR_') ? 'not-xmpp' : toSocketFailure(error);
}

export const toClosedFailure = (status: number): ConnectionFailure =>
  CLOSED_FAILURES[status] ?? 'lost';
