// SPDX-License-Identifier: GPL-3.0-or-later

/** Filled dot: here. Ring: away or busy. Nothing: offline. Never without words nearby. */
export type PresenceShape = 'here' | 'away' | 'none';
