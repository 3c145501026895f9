// SPDX-License-Identifier: GPL-3.0-or-later

import { openSnapshot, sealSnapshot } from '#otr';
import { Secret } from '#otr/crypto/secret.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { SealedSession } from '#main/store/sealed-session-repository.ts';
import { awayPlace, findByTag } from './away.ts';
import type { Chat, Device } from './chat.ts';
import { deviceKey } from './choices.ts';
import type { World } from './ports.ts';
import { sessionParams, viewOf } from './sessions.ts';
import { openLine } from './starting.ts';
import type { Turn } from './turn.ts';

const KEY_LENGTH = 32;

/** Keeps on disk the sessions that began while one side was away, and no other. */
export class Sealing {
  readonly #world: World;
  readonly #kept = new Set<string>();
  #key: Secret<32> | undefined;

  constructor(world: World) {
    this.#world = world;
    for (const { peer, instanceTag } of world.store.sealedSessions.names(world.account)) {
      this.#kept.add(nameOf(peer, instanceTag));
    }
  }

  /**
   * What has become of such sessions in this turn is written in its transaction, before anything is
   * transmitted: one that went on from what it was before would use keys twice.
   *
   * @param before as of the last commit
   */
  write(turn: Turn, before: Chat): void {
    const { devices } = turn.chat;
    if (devices === before.devices) return;
    for (const device of devices.values()) {
      if (device.session !== before.devices.get(device.full)?.session) this.#seal(turn, device);
    }
    for (const tag of tagsOf(before)) {
      if (findByTag(turn.chat, tag) === undefined) this.#drop(turn, tag);
    }
  }

  /** Whose sessions there are on disk. */
  peers(): readonly BareJid[] {
    const { store, account } = this.#world;
    return [...new Set(store.sealedSessions.names(account).map(({ peer }) => peer))];
  }

  /** Takes up what was kept of this contact; what cannot be opened any more is let go. */
  restore(turn: Turn): void {
    const { store, account } = this.#world;
    for (const one of store.sealedSessions.ofPeer(account, turn.chat.peer)) {
      if (findByTag(turn.chat, one.instanceTag) === undefined) this.#restoreOne(turn, one);
    }
  }

  /** The program goes on without this account. */
  stop(): void {
    this.#key?.wipe();
    this.#key = undefined;
  }

  #seal(turn: Turn, { session }: Device): void {
    const tag = viewOf({ session })?.theirTag;
    if (tag === undefined || session === undefined) return;
    const { store, env } = this.#world;
    const sealed = sealSnapshot(session, this.#openKey(), env);
    if (sealed === undefined) {
      this.#drop(turn, tag);
      return;
    }
    const { peer } = turn.chat;
    this.#kept.add(nameOf(peer, tag));
    turn.write((tx) => {
      store.sealedSessions.save(tx, deviceKey(this.#world, peer, tag), sealed);
    });
  }

  #drop(turn: Turn, tag: number): void {
    const { peer } = turn.chat;
    // Sessions between two who are both here are many, and none of them was ever on disk.
    if (!this.#kept.delete(nameOf(peer, tag))) return;
    turn.write((tx) => {
      this.#world.store.sealedSessions.remove(tx, deviceKey(this.#world, peer, tag));
    });
  }

  #restoreOne(turn: Turn, { instanceTag, sealed }: SealedSession): void {
    const { peer } = turn.chat;
    const params = sessionParams(this.#world, peer);
    if (params === undefined) return;
    const opened = openSnapshot(sealed, this.#openKey(), params, this.#world.env);
    if (!opened.ok) {
      this.#drop(turn, instanceTag);
      return;
    }
    turn.setDevice(awayPlace(peer, instanceTag), { session: opened.state });
    openLine(turn);
    turn.set({ epoch: turn.chat.epoch + 1 });
  }

  /** Made once for each account; it is on disk before anything is sealed under it. */
  #openKey(): Secret<32> {
    this.#key ??= Secret.own(this.#loadKey(), KEY_LENGTH);
    return this.#key;
  }

  #loadKey(): Uint8Array {
    const { store, account, random } = this.#world;
    const stored = store.sealedSessions.loadKey(account);
    if (stored !== undefined) return stored;
    const made = random(KEY_LENGTH);
    store.transaction((tx) => {
      store.sealedSessions.saveKey(tx, account, made);
    });
    return made;
  }
}

const nameOf = (peer: BareJid, tag: number): string => `${String(tag)} ${peer}`;

const tagsOf = ({ devices }: Chat): readonly number[] =>
  [...devices.values()].flatMap((device) => {
    const tag = viewOf(device)?.theirTag;
    return tag === undefined ? [] : [tag];
  });
