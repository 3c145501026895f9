// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '#shared/errors/app-error.ts';

/** The field beside which a refusal is told. `form`: no single field is to blame. */
export type Place = 'address' | 'password' | 'server' | 'form';

const places: Readonly<Partial<Record<AppErrorCode, Place>>> = {
  'account-exists': 'address',
  'address-invalid': 'address',
  'auth-failed': 'password',
  'connection-refused': 'server',
  'connection-timeout': 'server',
  'host-unknown': 'server',
  'not-xmpp': 'server',
  'register-conflict': 'address',
};

/** @param serverShown whether the server's own field is on screen; else the address names it */
export function placeOf(code: AppErrorCode, serverShown: boolean): Place {
  const place = places[code] ?? 'form';
  return place === 'server' && !serverShown ? 'address' : place;
}
