// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';

import type { Secret } from '#otr/crypto/secret.ts';

/** What a secret holds, for comparing with a known answer. Tests only. */
export function reveal(secret: Secret | undefined): string {
  return secret === undefined ? 'none' : secret.lend(bytesToHex);
}
