// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Transmitting Fragments": one fragment as text, and splitting a message into them.

import type { InstanceTag } from '../bytes.ts';
import { drawInt } from '../crypto/integer.ts';
import type { Env } from '../env.ts';
import { OtrError, tryRead } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { validateInstanceTag, validateReceiverTag } from './instance-tag.ts';
import type { ReceiverTag } from './instance-tag.ts';

export const FRAGMENT_PREFIX = '?OTR|';

/** One piece of an encoded message. */
export interface Fragment {
  /** The same in all pieces of a message; 4 random bytes. */
  readonly identifier: number;
  readonly senderTag: InstanceTag;
  readonly receiverTag: ReceiverTag;
  /** From 1. */
  readonly index: number;
  readonly total: number;
  /** Never empty. */
  readonly piece: string;
}

/** Three hexadecimal fields. Version 3 has two, and does not match. */
const FRAGMENT =
  /^\?OTR\|([0-9a-f]{1,8})\|([0-9a-f]{1,8})\|([0-9a-f]{1,8}),(\d{1,5}),(\d{1,5}),([A-Za-z0-9+/=?:.]+),$/i;

/**
 * "?OTR|" id "|" sender "|" receiver "," index "," total "," piece ","
 *
 * @throws {OtrError} on any deviation
 * @see OTRv4 "Receiving Fragments"
 */
export function parseFragment(text: string): Fragment {
  if (text.length > LIMITS.fragmentInChars) throw new OtrError('too-large', 'fragment');
  const match = FRAGMENT.exec(text);
  if (match === null) throw new OtrError('bad-armor', 'fragment');
  const [, identifier = '', sender = '', receiver = '', index, total, piece = ''] = match;
  return {
    identifier: Number.parseInt(identifier, 16),
    senderTag: validateInstanceTag(Number.parseInt(sender, 16), 'sender-tag'),
    receiverTag: validateReceiverTag(Number.parseInt(receiver, 16), 'receiver-tag'),
    ...validatePlace(Number(index), Number(total), LIMITS.fragmentPieces),
    piece,
  };
}

/** Who a body claims to be from, if it is a fragment of version 4. Nothing about it is verified. */
export const senderOfFragment = (body: string): InstanceTag | undefined =>
  tryRead(() => parseFragment(body.trim()).senderTag);

/** @throws {OtrError} `bad-count`, `too-many` */
export function validatePlace(
  index: number,
  total: number,
  most: number,
): Pick<Fragment, 'index' | 'total'> {
  // No index is within a total of 0.
  if (index === 0 || index > total) throw new OtrError('bad-count', 'fragment');
  if (total > most) throw new OtrError('too-many', 'fragment');
  return { index, total };
}

export function formatFragment(fragment: Fragment): string {
  const { identifier, senderTag, receiverTag, index, total, piece } = fragment;
  const names = [identifier, senderTag, receiverTag].map((n) => n.toString(16).padStart(8, '0'));
  return `${FRAGMENT_PREFIX}${names.join('|')},${padded(index)},${padded(total)},${piece},`;
}

function padded(count: number): string {
  return count.toString().padStart(5, '0');
}

/** Characters of a fragment that are not its piece. */
export const FRAGMENT_OVERHEAD = '?OTR|00000000|00000000|00000000,00000,00000,,'.length;

/** Who a message is from and for. */
export interface Route {
  readonly senderTag: InstanceTag;
  readonly receiverTag: ReceiverTag;
}

/**
 * Splits an encoded message unless it fits.
 *
 * @param armored   "?OTR:….": fragments are never split again
 * @param maxLength of each body sent, in characters
 * @throws {RangeError} when `maxLength` leaves no room, or more than 65,535 pieces would be needed
 * @see OTRv4 "Transmitting Fragments"
 */
export function splitMessage(
  armored: string,
  route: Route,
  maxLength: number,
  env: Env,
): readonly string[] {
  if (armored.length <= maxLength) return [armored];
  const size = maxLength - FRAGMENT_OVERHEAD;
  const total = Math.ceil(armored.length / size);
  if (size < 1 || total > 0xffff) throw new RangeError('fragment length');
  const identifier = drawInt(env);
  return Array.from({ length: total }, (_, k) =>
    formatFragment({
      identifier,
      senderTag: route.senderTag,
      receiverTag: route.receiverTag,
      index: k + 1,
      total,
      piece: armored.slice(k * size, (k + 1) * size),
    }),
  );
}
