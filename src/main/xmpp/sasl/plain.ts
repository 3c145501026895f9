// SPDX-License-Identifier: GPL-3.0-or-later

import type { Credentials, Login } from './login.ts';
import { prepareName, preparePassword } from './saslprep.ts';

/** RFC 4616. Proves nothing about the server beyond its certificate. */
export function startPlain(credentials: Credentials): Login {
  const name = new TextEncoder().encode(prepareName(credentials.username));
  const password = preparePassword(credentials.password);
  const first = new Uint8Array(name.length + password.length + 2);
  first.set(name, 1);
  first.set(password, name.length + 2);
  password.fill(0);
  return {
    mechanism: 'PLAIN',
    first,
    challenge: () => Promise.resolve({ tag: 'failed', reason: 'not-xmpp' }),
    success: () => ({ tag: 'done' }),
  };
}
