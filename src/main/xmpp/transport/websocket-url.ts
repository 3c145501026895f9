// SPDX-License-Identifier: GPL-3.0-or-later

const LONGEST = 2048;

/**
 * The address of a WebSocket as its normal form, or undefined. Only `wss:`: there is no WebSocket without
 * TLS for us. A name, a password or a fragment have no business in it (RFC 6455, section 3).
 */
export function parseWebSocketUrl(text: string): string | undefined {
  if (text.length > LONGEST || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.hash === '';
  return url.protocol === 'wss:' && url.hostname !== '' && plain ? url.href : undefined;
}
