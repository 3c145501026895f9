// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "OTRv4 Modes": what an account can speak at all.

/**
 * How an account speaks OTRv4, chosen before its first session and the same for all of them. The
 * two ends of a session need not agree.
 *
 * `compatible`: plain text, Query messages, whitespace tags and version 3 have their place.
 * `standalone`: everything is encrypted, with version 4, online or offline.
 * `interactive-only`: as `standalone`, and both must be online: no one-time keys are published or
 * used, and a Non-Interactive-Auth message is not looked at.
 *
 * @see OTRv4 "OTRv4 Modes"
 */
export type Mode = 'compatible' | 'standalone' | 'interactive-only';

/** Whether sessions may be begun, by either end, while the publisher of the keys is away. */
export function permitsOffline(mode: Mode): boolean {
  return mode !== 'interactive-only';
}

/**
 * Whether anything but version 4 may be said: plain text, offers of OTR in clear, version 3 and
 * what vouches for its keys.
 */
export function permitsClear(mode: Mode): boolean {
  return mode === 'compatible';
}
