// SPDX-License-Identifier: GPL-3.0-or-later

import { getDiffieHellman } from 'node:crypto';
import { BASE_POINT, GROUP_ORDER } from '#otr/crypto/ed448.ts';
import {
  decodeBigEndian,
  decodeLittleEndian,
  encodeLittleEndian,
  encodeUnsigned,
} from '#otr/crypto/integer.ts';
import { badPoints } from '../../test/support/bad-points.ts';

/** As others know it: RFC 3526, group 15. */
export const DH_PRIME = decodeBigEndian(new Uint8Array(getDiffieHellman('modp15').getPrime()));

/** Points, scalars and group elements that a careless receiver takes, and some that it must not refuse. */
export function hostileValues(): readonly Uint8Array[] {
  const order = decodeLittleEndian(GROUP_ORDER);
  const scalars = [0n, 1n, order - 1n, order, order + 1n, 2n ** 446n, 2n ** 448n - 1n];
  const elements = [1n, 2n, DH_PRIME - 1n, DH_PRIME, DH_PRIME - 2n, 4n, 2n ** 3072n - 1n];
  return [
    ...badPoints(),
    BASE_POINT,
    ...scalars.map((scalar) => encodeLittleEndian(scalar, 57)),
    ...elements.map(encodeUnsigned),
  ];
}
