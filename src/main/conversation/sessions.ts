// SPDX-License-Identifier: GPL-3.0-or-later

import {
  createSession,
  describe,
  type EncryptedView,
  LIMITS,
  type SessionEffect,
  type SessionInput,
  type SessionParams,
  step,
} from '#otr';
import type { InstanceTag } from '#otr/bytes.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { BareJid, FullJid } from '#shared/model/jid.ts';
import type { Chat, Device } from './chat.ts';
import { choicesOf } from './choices.ts';
import type { World } from './ports.ts';
import { verificationOf } from './trust.ts';
import type { Turn } from './turn.ts';

export interface Live {
  readonly device: Device;
  readonly view: EncryptedView;
  readonly verified: boolean;
  /** The user lets it have messages although it is not verified, where another device is. */
  readonly allowed: boolean;
}

export function viewOf(device: Pick<Device, 'session'> | undefined): EncryptedView | undefined {
  if (device?.session === undefined) return undefined;
  const view = describe(device.session);
  return view.tag === 'encrypted' ? view : undefined;
}

/** Which device an exchange of keys is with that has not led to a session, as it claims. */
export function startingTagOf({ session }: Device): InstanceTag | undefined {
  const view = session && describe(session);
  switch (view?.tag) {
    case 'starting':
      return view.theirTag;
    case 'finished':
      return view.starting?.theirTag;
    case 'encrypted':
      return view.refreshing?.theirTag;
    default:
      return undefined;
  }
}

export function liveOf(world: World, chat: Chat): readonly Live[] {
  const here = [...chat.devices.values()].flatMap((device) => {
    const view = viewOf(device);
    return view === undefined ? [] : [{ device, view }];
  });
  if (here.length === 0) return [];
  const choices = choicesOf(world, chat.peer);
  return here.map(({ device, view }) => {
    const verified = verificationOf(world, chat.peer, view.theirFingerprint) !== undefined;
    return { device, view, verified, allowed: choices.get(view.theirTag)?.use === 'allowed' };
  });
}

type Keys = Pick<World, 'env' | 'mode' | 'ownKeys' | 'ourJid'>;

/** Advances the session with one device. Nothing of it counts before the turn is committed. */
export function stepDevice(
  world: Keys,
  turn: Turn,
  full: FullJid,
  input: SessionInput,
): readonly SessionEffect[] {
  const session = turn.device(full).session ?? newSession(world, turn, full);
  if (session === undefined) return [];
  const { next, effects } = step(session, input, world.env);
  turn.setDevice(full, { session: next });
  return effects;
}

function newSession(world: Keys, turn: Turn, full: FullJid): Device['session'] {
  const params = sessionParams(world, turn.chat.peer);
  if (params === undefined) return undefined;
  const sessions = [...turn.chat.devices.values()].filter(({ session }) => session !== undefined);
  if (sessions.length >= LIMITS.instancesPerContact && !makeRoom(turn, sessions, full))
    return undefined;
  return createSession(params);
}

/** Undefined while our keys are still being made. */
export function sessionParams(world: Keys, peer: BareJid): SessionParams | undefined {
  const own = world.ownKeys()?.identity;
  return (
    own && {
      own,
      ourJid: world.ourJid,
      theirJid: peer,
      policy: { mode: world.mode(), invitations: 'ask', answerOffers: false },
    }
  );
}

/** Drops a session that leads nowhere, so that device names cannot be made up without end. */
function makeRoom(turn: Turn, sessions: readonly Device[], full: FullJid): boolean {
  const idle = sessions.find(
    ({ session, full: other }) =>
      other !== full && session !== undefined && describe(session).tag === 'plaintext',
  );
  if (idle === undefined) return false;
  turn.setDevice(idle.full, { session: undefined });
  return true;
}

export function requireKeys(world: World): void {
  if (world.ownKeys() === undefined) throw new AppFailure('session-needed');
}
