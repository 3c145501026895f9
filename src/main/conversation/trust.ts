// SPDX-License-Identifier: GPL-3.0-or-later

import type { Fingerprint, InstanceTag } from '#otr/bytes.ts';
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { PeerKey, Sighting, TrustRow, Verification } from '#main/store/rows.ts';
import type { World } from './ports.ts';
import type { Turn } from './turn.ts';

const keyOf = (world: World, peer: BareJid, fingerprint: Uint8Array): PeerKey => ({
  accountId: world.account,
  peer,
  fingerprint,
});

/** "Verified" is said only of a key the user verified (ux I-6). */
export const verificationOf = (
  world: World,
  peer: BareJid,
  fingerprint: Uint8Array,
): Verification | undefined => world.store.trust.verification(keyOf(world, peer, fingerprint));

export const hasVerified = (world: World, peer: BareJid): boolean =>
  world.store.trust.ofPeer(world.account, peer).some(({ verified }) => verified !== undefined);

export const sameKey = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((octet, index) => octet === other[index]);

/** The key this device showed last, as far as the user let us remember it. */
export const lastKeyOf = (world: World, peer: BareJid, tag: InstanceTag): TrustRow | undefined =>
  world.store.trust.ofPeer(world.account, peer).find(({ instanceTag }) => instanceTag === tag);

/** Whether this device has shown this key in an authenticated exchange before. */
export const hasShown = (
  world: World,
  peer: BareJid,
  tag: InstanceTag,
  fingerprint: Uint8Array,
): boolean =>
  world.store.trust
    .ofPeer(world.account, peer)
    .some((row) => row.instanceTag === tag && sameKey(row.fingerprint, fingerprint));

/** Whether the key that this device showed last is verified. */
export const isVerifiedDevice = (world: World, peer: BareJid, tag: number): boolean =>
  world.store.trust.ofPeer(world.account, peer).find(({ instanceTag }) => instanceTag === tag)
    ?.verified !== undefined;

export interface ShownKey {
  readonly tag: InstanceTag;
  readonly fingerprint: Fingerprint;
}

export function remember(world: World, turn: Turn, { tag, fingerprint }: ShownKey): void {
  const sighting: Sighting = {
    ...keyOf(world, turn.chat.peer, fingerprint),
    instanceTag: tag,
    label: undefined,
    at: turn.now,
  };
  turn.write((tx) => {
    world.store.trust.see(tx, sighting);
  });
}

/** Trust is given by the local user only; this is where it is written down (ux I-7). */
export function verify(
  world: World,
  turn: Turn,
  fingerprint: Uint8Array,
  method: VerificationMethod,
): void {
  const key = keyOf(world, turn.chat.peer, fingerprint);
  turn.write((tx) => {
    world.store.trust.verify(tx, key, { at: turn.now, method });
    world.store.trust.appendLog(tx, { ...key, change: 'verified', method, at: turn.now });
  });
}

export function withdraw(world: World, turn: Turn, fingerprint: Uint8Array): void {
  const key = keyOf(world, turn.chat.peer, fingerprint);
  turn.write((tx) => {
    world.store.trust.withdraw(tx, key);
    const entry = { ...key, change: 'withdrawn', method: undefined, at: turn.now } as const;
    world.store.trust.appendLog(tx, entry);
  });
}
