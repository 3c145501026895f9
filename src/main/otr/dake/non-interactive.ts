// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Non-interactive Deniable Authenticated Key Exchange (DAKE)": both ends of it.

import type { InstanceTag } from '../bytes.ts';
import { encodeNonInteractiveAuth } from '../codec/non-interactive-auth.ts';
import type { NonInteractiveAuthMessage } from '../codec/non-interactive-auth.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { ecdh, ecdhLongTerm, expandSeed } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';
import type { PrekeyPair } from '../profile/prekey-message.ts';
import type { SharedPrekey } from '../profile/prekey-profile.ts';
import { publicationKeptUntil } from '../profile/publication.ts';
import type { Publication } from '../profile/publication.ts';
import { agreeBraceKey } from '../ratchet/brace-key.ts';
import type { BraceKey } from '../ratchet/brace-key.ts';
import { startAsPublisher, startAsRetriever } from '../ratchet/offline-start.ts';
import { Provisional } from '../ratchet/provisional.ts';
import type { Ratchet } from '../ratchet/ratchet.ts';
import { generateEphemerals } from './ephemerals.ts';
import { deriveSession, deriveTemporaryKey, makeAuthMac } from './offline-secret.ts';
import type { TemporaryKey } from './offline-secret.ts';
import { encodeOfflinePhi } from './phi.ts';
import type { PhiName } from './phi.ts';
import type { Ssid } from './shared-secret.ts';
import { authRRing } from './sides.ts';
import { sign, verifies } from './signing.ts';
import type { Proof } from './signing.ts';
import type { DakeContext, DakeIdentity, Ephemerals } from './state.ts';
import { nonInteractiveTranscript } from './transcript.ts';
import type { TranscriptParty } from './transcript.ts';
import type { ValidOffer } from './validate.ts';

/** Retriever: took an ensemble and sent the Non-Interactive-Auth message. Publisher: received it. */
export type OfflineRole = 'retriever' | 'publisher';

/** A session that one end began alone. Whoever is given this owns every secret in it. */
export interface EstablishedOffline {
  readonly role: OfflineRole;
  readonly ratchet: Ratchet;
  readonly ssid: Ssid;
  /** Under which profile we took part. */
  readonly own: DakeIdentity;
  readonly theirs: { readonly senderTag: InstanceTag; readonly profile: ValidClientProfile };
}

/**
 * Alice: makes the Non-Interactive-Auth message for an ensemble and begins the session with it. The
 * ensemble must not hold our long-term key (`holdsKeyOf`) and must not be used again.
 *
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function beginOffline(
  ensemble: ValidEnsemble,
  context: DakeContext,
  env: Env,
): { readonly bytes: Uint8Array; readonly established: EstablishedOffline } {
  const { own } = context;
  const { ownerTag, clientProfile, prekeyProfile, prekeyMessage } = ensemble;
  const ours = generateEphemerals(env);
  const braceKey = agreeBraceKey(ours.dh.secret, ensemble.prekeyMessage.dhPublic, env);
  ours.dh.secret.wipe();
  using temporary = agreeAsRetriever(ours, ensemble, braceKey);
  ours.ecdh.secret.wipe();
  const alice = toAlice(own.profile, ours);
  const phi = encodeOfflinePhi(
    {
      tag: own.profile.ownerTag,
      jid: context.ourJid,
      firstEcdh: ours.firstEcdh.public,
      firstDh: ours.firstDh.public,
    },
    { tag: ownerTag, jid: context.theirJid },
    context.dialect,
  );
  const { ecdhPublic, dhPublic } = prekeyMessage;
  const bob = { profile: clientProfile.raw, ecdhPublic, dhPublic };
  const t = nonInteractiveTranscript({ bob, alice, phi }, prekeyProfile.sharedPrekey);
  const ring = authRRing(clientProfile, own.profile, ecdhPublic);
  const bytes = encodeNonInteractiveAuth({
    senderTag: own.profile.ownerTag,
    receiverTag: ownerTag,
    profile: own.profile,
    ecdhPublic: ours.ecdh.public,
    dhPublic: ours.dh.public,
    sigma: sign(own, { ring, t }, context, env),
    prekeyId: prekeyMessage.id,
    authMac: makeAuthMac(temporary, t),
    firstEcdhPublic: ours.firstEcdh.public,
    firstDhPublic: ours.firstDh.public,
  });
  const { mixed, ssid } = deriveSession(temporary);
  const ratchet = startAsRetriever(
    { mixed, braceKey },
    {
      ourEcdh: ours.firstEcdh,
      ourDh: ours.firstDh,
      theirEcdh: ecdhPublic,
      theirDh: dhPublic,
    },
  );
  mixed.wipe();
  const theirs = { senderTag: ownerTag, profile: clientProfile };
  return { bytes, established: { role: 'retriever', ratchet, ssid, own, theirs } };
}

function toAlice(profile: ValidClientProfile, { ecdh: x, dh: a }: Ephemerals): TranscriptParty {
  return { profile: profile.raw, ecdhPublic: x.public, dhPublic: a.public };
}

/**
 * tmp_k as Alice agrees on it: nothing in it is of her long-term key.
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function agreeAsRetriever(
  ours: Pick<Ephemerals, 'ecdh'>,
  { clientProfile, prekeyProfile, prekeyMessage }: ValidEnsemble,
  braceKey: BraceKey,
): TemporaryKey {
  const x = ours.ecdh.secret;
  using withPrekey = ecdh(x, prekeyMessage.ecdhPublic);
  using withSharedPrekey = ecdh(x, prekeyProfile.sharedPrekey);
  using withLongTermKey = ecdh(x, clientProfile.publicKey);
  return deriveTemporaryKey({ withPrekey, withSharedPrekey, withLongTermKey }, braceKey);
}

/** A Non-Interactive-Auth message of which everything but its two proofs is checked. */
export interface ReceivedOffline {
  readonly message: NonInteractiveAuthMessage;
  readonly theirs: ValidOffer;
}

/** What of ours a Non-Interactive-Auth message refers to. Only lent. */
export interface OwnPrekeys {
  /** The pair that the message names. */
  readonly pair: PrekeyPair;
  /** All that are kept, in force or lately expired: the message does not say which it was made for. */
  readonly published: readonly Publication[];
}

/**
 * Bob: checks both proofs of a Non-Interactive-Auth message and begins the session.
 *
 * @returns undefined when the message proves nothing; whatever was derived is wiped by then
 * @see OTRv4 "Non-Interactive DAKE Overview"
 */
export function acceptOffline(
  received: ReceivedOffline,
  { pair, published }: OwnPrekeys,
  context: DakeContext,
  env: Env,
): EstablishedOffline | undefined {
  const { message, theirs } = received;
  const used = published
    .filter((publication) => isUsable(publication, message.receiverTag, context.own, env.nowMs()))
    .map((publication) => ({ publication, proof: toProof(received, pair, publication, context) }))
    .find(({ proof }) => verifies(message.sigma, proof, context));
  if (used === undefined) return undefined;
  const { publication, proof } = used;
  using provisional = new Provisional();
  const braceKey = provisional.hold(agreeBraceKey(pair.dh.secret, theirs.dhPublic, env));
  const keys = { pair, sharedPrekey: publication.sharedPrekey, own: context.own };
  using temporary = agreeAsPublisher(keys, theirs.ecdhPublic, braceKey, env);
  if (!equalBytes(makeAuthMac(temporary, proof.t), message.authMac)) return undefined;
  provisional.commit();
  const { mixed, ssid } = deriveSession(temporary);
  const ratchet = startAsPublisher(
    { mixed, braceKey },
    {
      ourEcdh: pair.ecdh.public,
      ourDh: pair.dh.public,
      theirEcdh: theirs.firstEcdh,
      theirDh: theirs.firstDh,
    },
  );
  mixed.wipe();
  const own = { longTermKey: context.own.longTermKey, profile: publication.profile };
  return { role: 'publisher', ratchet, ssid, own, theirs };
}

/** Of this client and its present long-term key, complete, and not expired for longer than a day. */
function isUsable(
  publication: Publication,
  ourTag: InstanceTag,
  { longTermKey }: DakeIdentity,
  nowMs: number,
): boolean {
  const { profile, prekeyProfile, sharedPrekey } = publication;
  return (
    nowMs < publicationKeptUntil(publication) &&
    profile.ownerTag === ourTag &&
    prekeyProfile.ownerTag === ourTag &&
    equalBytes(profile.publicKey, longTermKey.public) &&
    equalBytes(prekeyProfile.sharedPrekey, sharedPrekey.public)
  );
}

function toProof(
  { message, theirs }: ReceivedOffline,
  { ecdh: y, dh: b }: PrekeyPair,
  { profile, prekeyProfile }: Publication,
  context: DakeContext,
): Proof {
  const { firstEcdh, firstDh } = theirs;
  const alice: PhiName = { tag: message.senderTag, jid: context.theirJid };
  const bob: PhiName = { tag: message.receiverTag, jid: context.ourJid };
  const phi = encodeOfflinePhi({ ...alice, firstEcdh, firstDh }, bob, context.dialect);
  const parties = {
    bob: { profile: profile.raw, ecdhPublic: y.public, dhPublic: b.public },
    alice: { ...theirs, profile: theirs.profile.raw },
  };
  return {
    ring: authRRing(profile, theirs.profile, y.public),
    t: nonInteractiveTranscript({ ...parties, phi }, prekeyProfile.sharedPrekey),
  };
}

interface PublisherSecrets {
  readonly pair: PrekeyPair;
  readonly sharedPrekey: SharedPrekey;
  readonly own: DakeIdentity;
}

/** y is used once; d and sk_h serve for long, and X is of the peer's choosing. */
function agreeAsPublisher(
  { pair, sharedPrekey, own }: PublisherSecrets,
  x: EcdhPublic,
  braceKey: BraceKey,
  env: Env,
): TemporaryKey {
  using d = expandSeed(sharedPrekey.seed);
  using h = expandSeed(own.longTermKey.seed);
  using withPrekey = ecdh(pair.ecdh.secret, x);
  using withSharedPrekey = ecdhLongTerm(d, x, env);
  using withLongTermKey = ecdhLongTerm(h, x, env);
  return deriveTemporaryKey({ withPrekey, withSharedPrekey, withLongTermKey }, braceKey);
}
