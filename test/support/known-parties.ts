// SPDX-License-Identifier: GPL-3.0-or-later
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import type { ValidClientProfile } from '#otr/profile/client-profile.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import type { InstanceTag } from '#otr/bytes.ts';

import { KNOWN_EXPIRATION_MS, labelledEnv } from './labelled-random.ts';

/** Alice or Bob of the known answers. */
export interface KnownParty {
  readonly tag: InstanceTag;
  readonly longTermKey: LongTermKey;
  readonly profile: ValidClientProfile;
}

export const KNOWN_TAGS = {
  alice: validateInstanceTag(0x101, 'alice'),
  bob: validateInstanceTag(0x100, 'bob'),
} as const;

export function knownParty(name: 'alice' | 'bob'): KnownParty {
  const tag = KNOWN_TAGS[name];
  const longTermKey = createLongTermKey(labelledEnv(`${name}/sym_h`));
  const forgingKey = createForgingKeyAndForget(labelledEnv(`${name}/sym_f`));
  const profile = signClientProfile(
    { ownerTag: tag, longTermKey, forgingKey },
    KNOWN_EXPIRATION_MS,
  );
  return { tag, longTermKey, profile };
}
