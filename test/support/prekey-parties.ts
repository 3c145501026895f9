// SPDX-License-Identifier: GPL-3.0-or-later
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';
import type { PrekeyPair } from '#otr/profile/prekey-message.ts';
import type { PrekeyClientContext, PublicationContent } from '#otr/prekey/client/state.ts';
import { deriveServerFingerprint } from '#otr/prekey/server-identity.ts';
import type { PrekeyServerContext } from '#otr/prekey/server/state.ts';

import { KNOWN_EXPIRATION_MS, labelledEnv, ringLabels } from './labelled-random.ts';

/** The publisher sorts behind the server: a sorted phi would differ. */
export const PUBLISHER_JID = 'zoe@z.example';
export const SERVER_JID = 'prekey.a.example';
export const PUBLISHER_TAG = validateInstanceTag(0x101, 'publisher');

const serverKey = createLongTermKey(labelledEnv('pks/server/sym_h'));

/** A device of zoe, by the labels of its keys. */
export function publisherContext(
  names: { readonly key?: string; readonly tag?: number } = {},
): PrekeyClientContext {
  const { key = 'pks/publisher', tag = PUBLISHER_TAG } = names;
  const longTermKey = createLongTermKey(labelledEnv(`${key}/sym_h`));
  const forgingKey = createForgingKeyAndForget(labelledEnv(`${key}/sym_f`));
  const ownerTag = validateInstanceTag(tag, 'publisher');
  return {
    own: {
      longTermKey,
      profile: signClientProfile({ ownerTag, longTermKey, forgingKey }, KNOWN_EXPIRATION_MS),
    },
    ourJid: PUBLISHER_JID,
    serverJid: SERVER_JID,
    serverFingerprint: deriveServerFingerprint(serverKey.public),
    mode: 'compatible',
  };
}

export function serverContext(change: Partial<PrekeyServerContext> = {}): PrekeyServerContext {
  return {
    serverJid: SERVER_JID,
    longTermKey: serverKey,
    publisherDomains: ['z.example'],
    retrieverDomains: 'any',
    ...change,
  };
}

/** One pair of one-time keys, by its labels. */
export function knownPair(id: number, name: string): PrekeyPair {
  return {
    id,
    ecdh: generateEcdh(labelledEnv(`pks/y${name}`)),
    dh: generateDh(labelledEnv(`pks/b${name}`)),
  };
}

export const KNOWN_PAIRS = [knownPair(0x01020304, '1'), knownPair(0xfffefdfc, '2')] as const;

/** All that a device can publish: N pairs, K and J. */
export function contentOf(
  { own, mode }: PrekeyClientContext,
  parts: {
    readonly prekeys?: readonly PrekeyPair[];
    readonly k?: boolean;
    readonly j?: boolean;
  } = {},
): PublicationContent {
  const { prekeys = KNOWN_PAIRS, k = true, j = true } = parts;
  const { longTermKey, profile } = own;
  const sharedPrekey = createLongTermKey(labelledEnv('pks/publisher/sym_d'));
  const owner = { ownerTag: profile.ownerTag, longTermKey, mode };
  const prekeyProfile = {
    profile: signPrekeyProfile(owner, sharedPrekey.public, KNOWN_EXPIRATION_MS),
    sharedPrekey,
  };
  return {
    prekeys,
    clientProfile: k ? profile : undefined,
    prekeyProfile: j ? prekeyProfile : undefined,
  };
}

/** What the known exchange draws, in its order. */
export const KNOWN_DRAWS = {
  dake1: ['pks/i'],
  dake2: ['pks/s', ...ringLabels('pks/rsig2')],
  dake3: [...ringLabels('pks/rsig3'), 'pks/proof/ecdh', 'pks/proof/dh', 'pks/proof/profile'],
} as const;
