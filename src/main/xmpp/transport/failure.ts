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
