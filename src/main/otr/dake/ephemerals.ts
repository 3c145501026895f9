// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Generating ECDH and DH keys": the four pairs one end makes for a key exchange.

import { generateDh } from '../crypto/dh3072.ts';
import { generateEcdh } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import type { Ephemerals } from './state.ts';

/** @see OTRv4 "Generating ECDH and DH keys" */
export function generateEphemerals(env: Env): Ephemerals {
  return {
    ecdh: generateEcdh(env),
    dh: generateDh(env),
    firstEcdh: generateEcdh(env),
    firstDh: generateDh(env),
  };
}
