// SPDX-License-Identifier: GPL-3.0-or-later

/** Proves at compile time that a union is exhausted; at run time it is a bug to get here. */
export function assertNever(_value: never): never {
  throw new TypeError('value outside its type');
}
