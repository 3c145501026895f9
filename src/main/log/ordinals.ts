// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Numbers in place of addresses: the same address has the same number until the program ends, and
 * nobody can tell from the number who it is.
 */
export function createOrdinals(): (address: string) => number {
  const seen = new Map<string, number>();
  return (address) => {
    const known = seen.get(address);
    if (known !== undefined) return known;
    const next = seen.size + 1;
    seen.set(address, next);
    return next;
  };
}
