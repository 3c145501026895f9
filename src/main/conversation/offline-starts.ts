// SPDX-License-Identifier: GPL-3.0-or-later

import { chooseRecipients, type ValidEnsemble } from '#otr';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { NoEnsembles } from '#shared/model/prekeys.ts';
import { awayPlace, findByTag } from './away.ts';
import { askLater, type AwayPlan, planAway } from './away-plan.ts';
import type { Chat } from './chat.ts';
import { isBlocked } from './choices.ts';
import { deviceWordOf, listedTags } from './device-lists.ts';
import { advance } from './effects.ts';
import { heldOf } from './facts.ts';
import { toNoKeys } from './no-keys.ts';
import type { FetchedEnsembles, OfflineKeys, World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { liveOf } from './sessions.ts';
import type { Thread } from './thread.ts';
import type { Threads } from './threads.ts';
import { lastKeyOf, sameKey, verificationOf } from './trust.ts';
import type { Turn } from './turn.ts';

/** Begins with who is away, where something waits for them: fetches their keys, and uses them. */
export class OfflineStarts {
  readonly #threads: Threads;
  readonly #world: World;
  readonly #asking = new Set<ConversationId>();

  constructor(threads: Threads) {
    this.#threads = threads;
    this.#world = threads.shared.world;
  }

  /** After each turn: whether there is something to begin. */
  readonly consider = ({ chat, timeline }: Thread): void => {
    if (this.#asking.has(chat.id)) return;
    const keys = this.#world.offlineKeys();
    const plan = planAway(this.#world, chat, timeline.all());
    if (keys === undefined || plan === undefined) return;
    if (plan.dueAt > this.#world.clock.monotonicNow()) return;
    this.#asking.add(chat.id);
    this.#begin(chat, keys, plan)
      .catch(this.#threads.noteFailed)
      .finally(() => {
        this.#asking.delete(chat.id);
      });
  };

  async #begin({ id, peer }: Chat, keys: OfflineKeys, { tags }: AwayPlan): Promise<void> {
    await this.#threads.take(id, (_, turn) => {
      turn.set({ away: { tag: 'asking' } });
    });
    const fetched = await keys.fetch(peer, tags);
    await this.#threads.take(id, (world, turn) => {
      applyFetched(world, turn, keys, fetched);
    });
  }
}

function applyFetched(
  world: World,
  turn: Turn,
  keys: OfflineKeys,
  fetched: FetchedEnsembles,
): void {
  turn.set({ away: undefined });
  if (fetched.tag === 'none') {
    giveUp(world, turn, fetched.why);
    return;
  }
  const { ensembles } = fetched;
  // Asked again of what it is now: they may have come back in the meantime.
  const plan = planAway(world, { ...turn.chat, away: { tag: 'wanted' } }, turn.entries());
  const chosen = plan === undefined ? [] : choose(world, turn.chat, ensembles, plan);
  const used = chosen.filter((ensemble) => begin(world, turn, ensemble));
  // Where nothing of it was of use, the next question is for something else.
  const isOfUse = plan === undefined || used.length > 0;
  const unused = isOfUse ? ensembles.filter((ensemble) => !used.includes(ensemble)) : [];
  if (unused.length > 0) {
    turn.follow.push(() => {
      keys.giveBack(turn.chat.peer, unused);
    });
  }
  if (plan !== undefined) conclude(world, turn, plan, used);
}

/** With these of the devices that are meant it could begin. */
function conclude(
  world: World,
  turn: Turn,
  { tags }: AwayPlan,
  used: readonly ValidEnsemble[],
): void {
  if (used.length > 0) {
    const isBegun = (tag: number): boolean => used.some(({ ownerTag }) => ownerTag === tag);
    const others = tags === 'latest' ? [] : tags.filter((tag) => !isBegun(tag));
    askLater(turn, others, world.clock.monotonicNow());
    return;
  }
  // A changed key is for the user to look at first.
  if (turn.chat.changedKey === undefined) giveUp(world, turn, 'no-prekeys');
}

/** Where a text waits the state says why; where the user only wished to start, a line does. */
function giveUp(world: World, turn: Turn, why: NoEnsembles): void {
  if (heldOf(turn.entries()).length === 0) turn.tell({ name: 'no-keys', why: toNoKeys(why) });
  turn.set({
    away: { tag: 'none', why, at: world.clock.monotonicNow() },
    // Beside a session that waits for them nothing has failed.
    failure: liveOf(world, turn.chat).length > 0 ? undefined : 'offline',
    epoch: turn.chat.epoch + 1,
  });
}

/** Those of the devices that are meant, by the choices of the user. */
function choose(
  world: World,
  { id, peer }: Chat,
  ensembles: readonly ValidEnsemble[],
  { tags }: AwayPlan,
): readonly ValidEnsemble[] {
  const { verifiedOnly } = rulesOf(world, world.store.contacts.get(id));
  const allowed = ensembles.filter((ensemble) => {
    if (isBlocked(world, peer, ensemble.ownerTag)) return false;
    if (!verifiedOnly || hasOtherKey(world, peer, ensemble)) return true;
    return verificationOf(world, peer, ensemble.clientProfile.fingerprint) !== undefined;
  });
  const usable = withoutImpostors(world, peer, allowed);
  if (tags !== 'latest') return usable.filter(({ ownerTag }) => tags.includes(ownerTag));
  const listed = [...listedTags(world, peer)];
  const announced = usable.filter(({ ownerTag }) => listed.includes(ownerTag));
  const from = announced.length > 0 ? announced : usable;
  return chooseRecipients(from, { to: 'latest', trusted: [], announced: undefined }).chosen;
}

/** A device that we know, with a key that we do not know it by. */
function hasOtherKey(world: World, peer: BareJid, ensemble: ValidEnsemble): boolean {
  const known = lastKeyOf(world, peer, ensemble.ownerTag);
  return known !== undefined && !sameKey(known.fingerprint, ensemble.clientProfile.fingerprint);
}

/** Beside the key that is known another one for the same device says nothing but that the server is odd. */
function withoutImpostors(
  world: World,
  peer: BareJid,
  ensembles: readonly ValidEnsemble[],
): readonly ValidEnsemble[] {
  const others = ensembles.filter((ensemble) => hasOtherKey(world, peer, ensemble));
  const known = ensembles.filter((ensemble) => !others.includes(ensemble));
  const tags = known.map(({ ownerTag }) => ownerTag);
  return [...known, ...others.filter(({ ownerTag }) => !tags.includes(ownerTag))];
}

/** @returns whether the ensemble is used */
function begin(world: World, turn: Turn, ensemble: ValidEnsemble): boolean {
  const { ownerTag: tag, clientProfile } = ensemble;
  const { peer } = turn.chat;
  const { fingerprint } = clientProfile;
  const full = findByTag(turn.chat, tag)?.full ?? awayPlace(peer, tag);
  if (hasOtherKey(world, peer, ensemble)) {
    // S10, before anything is said to it.
    turn.set({ changedKey: { full, tag, fingerprint, why: 'other-key' } });
    turn.tell({ name: 'key-changed', device: deviceWordOf(world, peer, tag) });
    return false;
  }
  const before = turn.device(full).session;
  advance({ world, turn }, full, { tag: 'start-offline', ensemble });
  if (turn.device(full).session === before) return false;
  const listed = listedTags(world, peer);
  if (listed.size > 0 && !listed.has(tag)) {
    turn.tell({ name: 'not-announced', device: deviceWordOf(world, peer, tag) });
  }
  return true;
}
