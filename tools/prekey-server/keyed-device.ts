// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import {
  createClientProfile,
  createForgingKeyAndForget,
  createInstanceTag,
  createLongTermKey,
  createPrekeyMessage,
  createPrekeyProfile,
  type Env,
  parseServerFingerprint,
  type PrekeyClientContext,
  type PublicationContent,
} from '#otr';

/** Chance and clocks of this machine. */
export const realEnv: Env = {
  random: (length) => new Uint8Array(randomBytes(length)),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export interface KeyedDevice {
  readonly context: PrekeyClientContext;
  /** All that it can publish: so many new prekey messages, and the profiles that are wanted. */
  readonly content: (
    prekeys: number,
    parts?: { readonly k?: boolean; readonly j?: boolean },
  ) => PublicationContent;
}

/** The server that a device publishes at. */
export interface KnownServer {
  readonly jid: string;
  /** 112 hexadecimal digits. */
  readonly fingerprint: string;
}

/** A device with keys of its own, for the engine's client of the prekey protocol. */
export function keyedDevice(ourJid: string, server: KnownServer, env = realEnv): KeyedDevice {
  const serverFingerprint = parseServerFingerprint(server.fingerprint);
  if (serverFingerprint === undefined) throw new RangeError('no fingerprint');
  const mode = 'compatible';
  const longTermKey = createLongTermKey(env);
  const ownerTag = createInstanceTag(env);
  const forgingKey = createForgingKeyAndForget(env);
  const profile = createClientProfile({ ownerTag, longTermKey, forgingKey }, env);
  const owner = { ownerTag, longTermKey, mode } as const;
  const prekeyProfile = createPrekeyProfile(owner, env);
  const own = { longTermKey, profile };
  return {
    context: { own, ourJid, serverJid: server.jid, serverFingerprint, mode },
    content: (prekeys, { k = true, j = true } = {}) => ({
      prekeys: Array.from({ length: prekeys }, () => createPrekeyMessage(owner, env).pair),
      clientProfile: k ? profile : undefined,
      prekeyProfile: j ? prekeyProfile : undefined,
    }),
  };
}
