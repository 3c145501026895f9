// SPDX-License-Identifier: GPL-3.0-or-later

import type { TargetPlan } from './target.ts';
import { CODEC_TARGETS } from './targets/codec.ts';
import { COMPONENT_TARGETS } from './targets/component.ts';
import { CRYPTO_TARGETS } from './targets/crypto.ts';
import { FORGING_TARGETS } from './targets/forging.ts';
import { PREKEY_MACHINE_TARGETS } from './targets/prekey-machines.ts';
import { PREKEY_TARGETS } from './targets/prekey.ts';
import { SESSION_TARGETS } from './targets/session.ts';
import { SNAPSHOT_TARGETS } from './targets/snapshot.ts';
import { TEXT_TARGETS } from './targets/text.ts';

/** Everything that takes what anybody may have written. */
export const TARGETS: readonly TargetPlan[] = [
  ...CODEC_TARGETS,
  ...TEXT_TARGETS,
  ...CRYPTO_TARGETS,
  ...FORGING_TARGETS,
  ...PREKEY_TARGETS,
  ...PREKEY_MACHINE_TARGETS,
  ...COMPONENT_TARGETS,
  ...SNAPSHOT_TARGETS,
  ...SESSION_TARGETS,
];

export function targetNamed(name: string): TargetPlan | undefined {
  return TARGETS.find((target) => target.name === name);
}
