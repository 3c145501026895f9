// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Offline Conversation Initialization": who may publish keys to be reached by while away.

import type { InstanceTag } from '../bytes.ts';
import { permitsOffline } from '../mode.ts';
import type { Mode } from '../mode.ts';

/** Whom keys for offline conversations are made for, and how that account speaks OTR. */
export interface OfflineOwner {
  readonly ownerTag: InstanceTag;
  readonly mode: Mode;
}

/**
 * Nothing that belongs to the non-interactive DAKE comes into being under a mode that has none.
 * @throws {RangeError} when the mode of `owner` has no offline conversations
 */
export function requireOffline({ mode }: OfflineOwner): void {
  if (!permitsOffline(mode)) throw new RangeError(`no prekeys are made in the mode ${mode}`);
}
