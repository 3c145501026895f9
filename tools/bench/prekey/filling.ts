// SPDX-License-Identifier: GPL-3.0-or-later

import { LIMITS, validateInstanceTag } from '#otr';
import type { PublishCommand } from '#otr';
import type { PrekeyStorage } from '#prekey-server/storage/storage.ts';
import { keyedDevice } from '../../prekey-server/keyed-device.ts';

/** Sizes of real ones (security §6); a store does not look into them. */
const PREKEY_BYTES = 456;
const CLIENT_PROFILE_BYTES = 263;
const PREKEY_PROFILE_BYTES = 185;
const WEEK_MS = 7 * 24 * 3_600_000;

const { publicKey } = keyedDevice('x@x.example', {
  jid: 'prekey.x.example',
  fingerprint: 'AB'.repeat(56),
}).context.own.profile;

export const targetOf = (n: number, domain: string): string => `target${String(n)}@${domain}`;

/** What one device publishes. The first bytes of each message are its number among all of the run. */
export function fakePublication(identity: string, first: number, count: number): PublishCommand {
  const expiresAt = Date.now() + WEEK_MS;
  return {
    tag: 'publish',
    shelf: { identity, ownerTag: validateInstanceTag(0x101, 'tag'), publicKey },
    prekeyMessages: Array.from({ length: count }, (_, k) => ({
      id: first + k,
      raw: numbered(first + k),
    })),
    clientProfile: { raw: new Uint8Array(CLIENT_PROFILE_BYTES), expiresAt },
    prekeyProfile: { raw: new Uint8Array(PREKEY_PROFILE_BYTES), expiresAt },
  };
}

function numbered(n: number): Uint8Array {
  const raw = new Uint8Array(PREKEY_BYTES);
  new DataView(raw.buffer).setUint32(0, n);
  return raw;
}

export const numberOf = (raw: Uint8Array): number =>
  new DataView(raw.buffer, raw.byteOffset).getUint32(0);

/** Fills a store. @returns how many prekey messages there are */
export async function fill(
  storage: PrekeyStorage,
  targets: number,
  domain: string,
  each: number = LIMITS.prekeysStored,
): Promise<number> {
  for (let n = 0; n < targets; n += 1) {
    await storage.publish(fakePublication(targetOf(n, domain), n * each, each), Date.now());
  }
  return targets * each;
}
