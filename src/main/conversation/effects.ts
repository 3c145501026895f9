// SPDX-License-Identifier: GPL-3.0-or-later

import type { EncryptedView, SessionEffect, SessionInput } from '#otr';
import type { ItemId } from '#shared/model/ids.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { FullJid } from '#shared/model/jid.ts';
import { applyEnded } from './ended.ts';
import { applyEstablished } from './established.ts';
import { noteIgnored, notePeerError, noteUnreadable } from './interruption.ts';
import { decideInvitation } from './invitation.ts';
import { moveDevice } from './moving.ts';
import { noteOffer } from './older-version.ts';
import type { World } from './ports.ts';
import { bringPrekey, retireUnused, spendPrekey } from './offline-receiving.ts';
import { applyReceivedText } from './received-text.ts';
import { setDelivery } from './recipients.ts';
import { stepDevice, viewOf } from './sessions.ts';
import { applyStarting, applyStartFailed } from './starting.ts';
import { transmit } from './transmit.ts';
import { type Arrival, isHere, type Turn } from './turn.ts';
import { applySmp } from './verification-result.ts';

interface Context {
  readonly world: World;
  readonly turn: Turn;
  readonly full: FullJid;
  readonly arrival: Arrival | undefined;
  /** The session that stood here when the step began. */
  readonly before: EncryptedView | undefined;
}

/** Steps one device may cause in one turn: a start answered by a start, and some air. */
const MAX_STEPS = 64;

/** One step of the session with one device, and all that follows from it. */
export function advance(
  { world, turn }: Pick<Context, 'world' | 'turn'>,
  full: FullJid,
  input: SessionInput,
  arrival?: Arrival,
): void {
  applyAll({ world, turn, full, arrival }, input);
  drain({ world, turn });
}

/**
 * As `advance`, for what need not be for the session that stands: a device speaks from another address
 * than where its session is kept, or a server has kept what it said. The session moves there if it could
 * read what came, and stays as it was if it could not.
 *
 * @returns whether the message has been dealt with
 */
export function advanceMoved(
  { world, turn }: Pick<Context, 'world' | 'turn'>,
  { from, to }: { readonly from: FullJid; readonly to: FullJid },
  input: SessionInput,
  arrival: Arrival,
): boolean {
  const old = turn.device(from);
  const effects = stepDevice(world, turn, from, input);
  if (effects.some(({ tag }) => tag === 'unreadable')) {
    turn.setDevice(from, { session: old.session });
    return false;
  }
  // A piece of a message, or one that was read before: it proves nothing.
  if (effects.some(({ tag }) => tag === 'ignored')) return true;
  if (from !== to) moveDevice(world, turn, { from, to, isHere: isHere(arrival) });
  const before = viewOf(old);
  for (const effect of effects) apply({ world, turn, full: to, arrival, before }, effect);
  drain({ world, turn });
  return true;
}

/** Takes the steps that earlier ones asked for. */
export function drain({ world, turn }: Pick<Context, 'world' | 'turn'>): void {
  for (let taken = 0; taken < MAX_STEPS; taken += 1) {
    const next = turn.steps.shift();
    if (next === undefined) return;
    applyAll({ world, turn, full: next.full, arrival: next.arrival }, next.input);
  }
}

function applyAll(context: Omit<Context, 'before'>, input: SessionInput): void {
  const { world, turn, full } = context;
  const before = viewOf(turn.device(full));
  const effects = stepDevice(world, turn, full, input);
  for (const effect of effects) apply({ ...context, before }, effect);
  retireUnused(turn, input, effects);
}

function apply(context: Context, effect: SessionEffect): void {
  const { world, turn, full, arrival } = context;
  switch (effect.tag) {
    case 'transmit':
      transmit(world, turn, { full, before: context.before }, effect);
      return;
    case 'message':
      applyReceivedText(world, turn, full, { text: effect.text, tag: effect.theirTag, arrival });
      return;
    case 'refused':
      refuse(context, String(effect.ref) as ItemId);
      return;
    case 'retire':
      turn.retired.push(...effect.secrets);
      return;
    case 'ignored':
      noteIgnored(world, turn, full, effect.why);
      return;
    case 'unreadable':
      noteUnreadable(world, turn, full, effect.why);
      return;
    case 'peer-error':
      notePeerError(world, turn, full, effect.code);
      return;
    default:
      applyLifecycle(context, effect);
  }
}

/** The engine could not encrypt it: to this device it does not go. */
function refuse({ turn, full, before }: Context, item: ItemId): void {
  const tag = viewOf(turn.device(full))?.theirTag ?? before?.theirTag;
  if (tag !== undefined) setDelivery(turn, item, formatTag(tag), () => 'failed');
}

type Handled =
  'transmit' | 'message' | 'refused' | 'retire' | 'ignored' | 'unreadable' | 'peer-error';
type Lifecycle = Exclude<SessionEffect, { readonly tag: Handled }>;

function applyLifecycle(context: Context, effect: Lifecycle): void {
  const { world, turn, full, before, arrival } = context;
  switch (effect.tag) {
    case 'invitation':
      decideInvitation(world, turn, full, { ...effect, arrival });
      return;
    case 'starting':
      applyStarting(turn, full, effect.role);
      return;
    case 'start-failed':
      applyStartFailed(world, turn, full, effect.why);
      return;
    case 'established':
      applyEstablished(world, turn, full, { ...effect, before, arrival });
      return;
    case 'ended':
      applyEnded(world, turn, full, { by: effect.by, tag: before?.theirTag });
      return;
    default:
      applyTheRest({ world, turn, full, arrival }, effect);
  }
}

type Ending = 'invitation' | 'starting' | 'start-failed' | 'established' | 'ended';

function applyTheRest(
  { world, turn, full, arrival }: Omit<Context, 'before'>,
  effect: Exclude<Lifecycle, { readonly tag: Ending }>,
): void {
  switch (effect.tag) {
    case 'offer':
      noteOffer(world, turn, effect.by);
      return;
    case 'prekey-wanted':
      bringPrekey(world, turn, full, { ...effect, arrival });
      return;
    case 'prekey-used':
      spendPrekey(world, turn, effect.prekeyId);
      return;
    // Text in clear and offers of version 4 never get to a session. Sent and held text, and whether
    // something began, is known to whoever asked for it.
    case 'plaintext':
    case 'version-rollback':
    case 'sent':
    case 'held':
    case 'offline-refused':
      return;
    // Nothing here asks for keys of its own, or has a use for those of the peer.
    case 'extra-keys':
      turn.retired.push(effect.first, ...effect.derived.map(({ key }) => key));
      return;
    default:
      applySmp(world, turn, full, effect);
  }
}
