// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, beforeEach, vi } from 'vitest';

import { Secret } from '#otr/crypto/secret.ts';

import { identityOf } from './two-parties.ts';

/**
 * Every secret that a test of this file makes, in order. They all come from `Secret.own` or `copy`.
 * Those of the two long-term keys are older, and not among them.
 */
export function watchMadeSecrets(): readonly Secret[] {
  const made: Secret[] = [];
  beforeEach(() => {
    identityOf('alice');
    identityOf('bob');
    made.splice(0);
    const own = Secret.own.bind(Secret);
    vi.spyOn(Secret, 'own').mockImplementation((bytes, length) => {
      const secret = own(bytes, length);
      made.push(secret);
      return secret;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return made;
}
