// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Secure Session ID": the two halves that people compare.

import { formatHex } from '../bytes.ts';

/** A secure session ID as people compare it: two times eight lower-case hexadecimal digits. */
export interface SsidHalves {
  readonly first: string;
  readonly second: string;
  /** The half to read aloud, shown in bold; the other side's screen marks the other one. */
  readonly ours: 'first' | 'second';
}

type SentInDake = 'auth-r' | 'auth-i' | 'non-interactive-auth' | 'prekey-message';

/**
 * @param ssid 8 bytes
 * @param sent what we sent in the key exchange: the sender of Auth-R or of Non-Interactive-Auth reads
 *             the first half
 * @see OTRv4 "Secure Session ID"
 */
export function formatSsid(ssid: Uint8Array, sent: SentInDake): SsidHalves {
  return {
    first: formatHex(ssid.subarray(0, 4)),
    second: formatHex(ssid.subarray(4, 8)),
    ours: sent === 'auth-r' || sent === 'non-interactive-auth' ? 'first' : 'second',
  };
}
