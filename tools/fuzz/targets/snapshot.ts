// SPDX-License-Identifier: GPL-3.0-or-later

import { equalBytes } from '#otr/crypto/constant-time.ts';
import { Secret } from '#otr/crypto/secret.ts';
import type { SessionParams } from '#otr/session/params.ts';
import { openSnapshot, sealSnapshot } from '#otr/session/snapshot.ts';
import { OfflineParties } from '../../../test/support/offline-parties.ts';
import { Clock, clockedEnv } from '../../../test/support/two-parties.ts';
import { asBytes, expectThat, type TargetPlan } from '../target.ts';

function kept() {
  const { alice } = OfflineParties.begunByAlice({ policy: { mode: 'standalone' } });
  const { context, policy } = alice.state;
  const params: SessionParams = {
    own: context.own,
    ourJid: context.ourJid,
    theirJid: context.theirJid,
    policy,
  };
  const key = Secret.own<32>(new Uint8Array(32).fill(9), 32);
  const bytes = sealSnapshot(alice.state, key, clockedEnv('seal', new Clock()));
  if (bytes === undefined) throw new RangeError('nothing to keep');
  return { bytes, key, params };
}

/** A file that anybody may have written over. */
const FILE: TargetPlan = {
  name: 'snapshot',
  tries: ['openSnapshot', 'openAead'],
  boundMs: 100,
  batch: 200,
  make: () => {
    const { bytes, key, params } = kept();
    return {
      seeds: [bytes],
      attempt: (input) => {
        const opened = openSnapshot(asBytes(input), key, params, clockedEnv('open', new Clock()));
        const isGenuine = equalBytes(asBytes(input), bytes);
        expectThat(opened.ok === isGenuine, 'forgery', 'a snapshot that nobody sealed');
        return opened.ok ? 'opened' : opened.why;
      },
    };
  },
};

export const SNAPSHOT_TARGETS: readonly TargetPlan[] = [FILE];
