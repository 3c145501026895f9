// SPDX-License-Identifier: GPL-3.0-or-later
import { OtrError } from '#otr/errors.ts';

/** Why bytes were refused. */
export function errorOf(act: () => unknown): OtrError {
  try {
    act();
  } catch (error) {
    if (error instanceof OtrError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
