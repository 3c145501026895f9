// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Ring Signature Authentication": what each Auth message proves, made and checked.

import { expandSeed } from '../crypto/ed448.ts';
import { signRing, verifyRing } from '../crypto/ring-signature.ts';
import type { Ring } from '../crypto/ring-signature.ts';
import type { Env } from '../env.ts';
import type { DakeContext, DakeIdentity } from './state.ts';
import { toSignedMessage } from './transcript.ts';

/** Who may have signed, and what. */
export interface Proof {
  readonly ring: Ring;
  readonly t: Uint8Array;
}

/** sigma = RSig(H, sk_h, ring, t). @returns 342 bytes */
export function sign(
  own: DakeIdentity,
  { ring, t }: Proof,
  { dialect }: DakeContext,
  env: Env,
): Uint8Array {
  using scalar = expandSeed(own.longTermKey.seed);
  const signer = { secret: scalar, public: own.longTermKey.public };
  return signRing(signer, ring, toSignedMessage(t, dialect), env);
}

/** RVrf(ring, sigma, t). @param sigma 342 bytes */
export function verifies(
  sigma: Uint8Array,
  { ring, t }: Proof,
  { dialect }: Pick<DakeContext, 'dialect'>,
): boolean {
  return verifyRing(ring, sigma, toSignedMessage(t, dialect));
}
