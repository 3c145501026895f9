// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Publishing Prekey Values": when a client asks, and how much it publishes.

import { equalBytes } from '../../crypto/constant-time.ts';
import { drawInt } from '../../crypto/integer.ts';
import type { Env } from '../../env.ts';
import { LIMITS } from '../../limits.ts';
import type { ValidClientProfile } from '../../profile/client-profile.ts';
import type { OwnPrekeyProfile } from '../../profile/prekey-profile.ts';
import type { PublicationContent } from './state.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How many prekey messages to make. Only below the low mark, and never so many that a server which
 * claims to have none could make us generate keys for ever.
 *
 * @param stored      what the server says it has
 * @param outstanding prekeys whose secrets we keep, published or not
 */
export function prekeysToPublish(stored: number, outstanding: number): number {
  if (stored >= LIMITS.prekeysLow) return 0;
  const wanted = Math.min(LIMITS.prekeysTarget - stored, LIMITS.prekeysPerPublication);
  return Math.max(0, Math.min(wanted, LIMITS.prekeysOutstanding - outstanding));
}

/** The bytes of the profiles that the server has confirmed. */
export interface PublishedProfiles {
  readonly clientProfile: Uint8Array | undefined;
  readonly prekeyProfile: Uint8Array | undefined;
}

/**
 * Which profiles belong into a publication: both together when one of them was never published or
 * has been renewed since, otherwise neither.
 */
export function profilesToPublish(
  own: { readonly clientProfile: ValidClientProfile; readonly prekeyProfile: OwnPrekeyProfile },
  published: PublishedProfiles,
): Omit<PublicationContent, 'prekeys'> {
  const upToDate =
    isPublished(own.clientProfile.raw, published.clientProfile) &&
    isPublished(own.prekeyProfile.profile.raw, published.prekeyProfile);
  return upToDate ? { clientProfile: undefined, prekeyProfile: undefined } : own;
}

function isPublished(own: Uint8Array, published: Uint8Array | undefined): boolean {
  return published !== undefined && equalBytes(own, published);
}

/** After signing in, the status is asked for after 5 to 60 s: not by all clients at once. */
export function prekeyStatusDelayMs(env: Env): number {
  return drawBetween(5 * SECOND_MS, 60 * SECOND_MS, env);
}

/** Later on, once in 22 to 26 hours. */
export function prekeyStatusIntervalMs(env: Env): number {
  return drawBetween(22 * HOUR_MS, 26 * HOUR_MS, env);
}

/**
 * How long to leave a server alone that refused: 5 minutes, then twice as long each time, up to 6 hours.
 * @param failures in a row, at least one
 */
export function prekeyBackOffMs(failures: number): number {
  return Math.min(5 * MINUTE_MS * 2 ** (failures - 1), 6 * HOUR_MS);
}

function drawBetween(fromMs: number, toMs: number, env: Env): number {
  const drawn = drawInt(env);
  return fromMs + Math.floor((drawn / 0x1_0000_0000) * (toMs - fromMs + 1));
}
