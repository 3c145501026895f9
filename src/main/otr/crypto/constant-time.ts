// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Security Properties": comparing what a peer could probe.

/**
 * Whether two arrays hold the same bytes, in time that depends on their lengths alone. The only
 * comparison allowed for MACs, fingerprints and anything else a peer could probe.
 */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  // Stryker disable next-line EqualityOperator: one step more meets no byte on either side
  for (let at = 0; at < left.length; at += 1) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}

/** Whether every byte is zero, in time that depends on the length alone. */
export function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const octet of bytes) seen |= octet;
  return seen === 0;
}
