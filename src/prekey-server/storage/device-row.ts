// SPDX-License-Identifier: GPL-3.0-or-later

import type { OtherDevice, ShelfChange } from '#otr';
import { validateInstanceTag } from '#otr';

/** What both databases call the columns of a device. Instants are milliseconds since the epoch. */
export interface DeviceRow {
  readonly id: number;
  readonly owner_tag: number;
  readonly public_key: Uint8Array;
  readonly client_expires_at: number | null;
  readonly prekey_expires_at: number | null;
  readonly valid_until: number;
}

export function toOtherDevice(row: DeviceRow): OtherDevice {
  const expiresAt = Math.max(row.client_expires_at ?? 0, row.prekey_expires_at ?? 0);
  return {
    ownerTag: validateInstanceTag(row.owner_tag, 'stored'),
    expiresAt: expiresAt === 0 ? undefined : expiresAt,
  };
}

/** Until when a device has a profile after a publication; now, if it never had one. */
export function toValidUntil(
  { clear, clientProfile, prekeyProfile }: ShelfChange,
  kept: DeviceRow | undefined,
  nowMs: number,
): number {
  const ends = [
    clear ? undefined : kept?.valid_until,
    clientProfile?.expiresAt,
    prekeyProfile?.expiresAt,
  ].filter((at) => at !== undefined);
  return ends.length === 0 ? nowMs : Math.max(...ends);
}

/** A device without a valid profile keeps its prekeys for so long. */
export const PREKEYS_WITHOUT_PROFILE_MS = 30 * 24 * 60 * 60 * 1000;

/** Rows that one transaction of a sweep removes: others wait no longer than for these. */
export const SWEEP_BATCH = 1000;
