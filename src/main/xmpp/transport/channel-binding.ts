// SPDX-License-Identifier: GPL-3.0-or-later

import type { TLSSocket } from 'node:tls';

const LABEL = 'EXPORTER-Channel-Binding';
const LENGTH = 32;

/**
 * `tls-exporter` (RFC 9266): 32 bytes that only the two ends of this very TLS connection know. Below TLS
 * 1.3 they are unique only with the extended master secret, which Node does not tell us about.
 */
export function exportBinding(socket: TLSSocket): Uint8Array | undefined {
  if (socket.getProtocol() !== 'TLSv1.3') return undefined;
  try {
    return socket.exportKeyingMaterial(LENGTH, LABEL, Buffer.alloc(0));
  } catch {
    return undefined;
  }
}
