// SPDX-License-Identifier: GPL-3.0-or-later

/** Everything that can be told to the user. Each code has a sentence; the renderer proves it. */
export const appErrorCodes = [
  'account-exists',
  'account-unknown',
  'address-invalid',
  'auth-failed',
  'cannot-encrypt',
  'certificate-expired',
  'certificate-name',
  'certificate-untrusted',
  'connection-refused',
  'connection-timeout',
  'contact-exists',
  'contact-self',
  'contact-unknown',
  'conversation-locked',
  'conversation-unknown',
  'host-unknown',
  'input-invalid',
  'internal',
  'link-invalid',
  'lock-needs-passphrase',
  'message-empty',
  'message-too-long',
  'not-connected',
  'not-xmpp',
  'queue-full',
  'register-conflict',
  'register-form',
  'register-invitation',
  'register-not-allowed',
  'resource-conflict',
  'server-no-mechanism',
  'server-no-tls',
  'server-not-proved',
  'server-refused',
  'session-needed',
  'state-changed',
  'store-damaged',
  'store-locked-elsewhere',
  'store-missing',
  'store-newer',
  'store-read-only',
  'vault-backend-changed',
  'vault-damaged',
  'vault-keyring-unavailable',
  'vault-passphrase-needed',
  'vault-passphrase-wrong',
  'vault-wait',
  'verification-busy',
  'verification-paused',
] as const;

export type AppErrorCode = (typeof appErrorCodes)[number];

/** What crosses the wall to the renderer: a code and numbers or names to put into its sentence. */
export interface AppError {
  readonly code: AppErrorCode;
  readonly params?: Readonly<Record<string, string | number>>;
}
