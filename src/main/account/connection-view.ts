// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '#shared/errors/app-error.ts';
import type { ConnectionView } from '#shared/model/connection.ts';
import type { RegisterOutcome } from '#main/xmpp/client.ts';
import type { ConnectionFailure, ConnectionState } from '#main/xmpp/wire.ts';

const CODES: Readonly<Record<ConnectionFailure, AppErrorCode>> = {
  'auth-failed': 'auth-failed',
  'not-allowed': 'server-refused',
  'server-not-proved': 'server-not-proved',
  'no-mechanism': 'server-no-mechanism',
  'no-such-host': 'host-unknown',
  refused: 'connection-refused',
  timeout: 'connection-timeout',
  'tls-untrusted': 'certificate-untrusted',
  'tls-expired': 'certificate-expired',
  'tls-name': 'certificate-name',
  'tls-failed': 'server-no-tls',
  'no-tls': 'server-no-tls',
  'not-xmpp': 'not-xmpp',
  'unknown-domain': 'host-unknown',
  conflict: 'resource-conflict',
  'server-closed': 'server-refused',
  'server-busy': 'server-refused',
  lost: 'connection-timeout',
  'no-network': 'connection-timeout',
};

export const toErrorCode = (failure: ConnectionFailure): AppErrorCode => CODES[failure];

export function toConnectionView(state: ConnectionState): ConnectionView {
  switch (state.tag) {
    case 'offline':
      return { tag: 'offline' };
    case 'connecting':
      return { tag: 'connecting' };
    case 'online':
      return { tag: 'online' };
    case 'waiting':
      return { tag: 'waiting', attempt: state.attempt, retryAt: state.retryAt };
    case 'failed':
      return { tag: 'failed', code: toErrorCode(state.reason) };
  }
}

/** Undefined: the account exists now. */
export function toRegisterError(outcome: RegisterOutcome): AppErrorCode | undefined {
  switch (outcome.tag) {
    case 'registered':
      return undefined;
    case 'conflict':
      return 'register-conflict';
    case 'not-allowed':
      return 'register-not-allowed';
    case 'needs-form':
      return 'register-form';
    case 'invitation-refused':
      return 'register-invitation';
    case 'not-acceptable':
      return 'server-refused';
    case 'failed':
      return toErrorCode(outcome.reason);
  }
}
