// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange": the client's side, from DAKE-1 to DAKE-3.

import { encodeUtf8 } from '../../bytes.ts';
import { equalBytes } from '../../crypto/constant-time.ts';
import { expandSeed, generateEcdh, validatePoint } from '../../crypto/ed448.ts';
import { signRingFor, verifyRingFor } from '../../crypto/ring-signature.ts';
import type { DakeIdentity } from '../../dake/state.ts';
import type { Env } from '../../env.ts';
import { OtrError, tryRead } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import { formatPrekeyArmor } from '../armor.ts';
import { macOfStorageRequest } from '../mac.ts';
import { encodeDake1 } from '../message/dake-1.ts';
import { decodeDake2 } from '../message/dake-2.ts';
import { encodeDake3 } from '../message/dake-3.ts';
import { MAX_PREKEY_MESSAGES } from '../message/publication.ts';
import { encodeStorageRequest } from '../message/storage-request.ts';
import { isFingerprintOf } from '../server-identity.ts';
import { agreePrekeySecret, derivePrekeyMacKey } from '../shared-secret.ts';
import type { PrekeySecret } from '../shared-secret.ts';
import { dake2Statement, dake3Statement, PREKEY_RING, requireDistinct } from '../transcript.ts';
import type { PrekeyTranscript } from '../transcript.ts';
import { createPublication } from './publication.ts';
import { exchangeSecrets, ignorePrekey, NOT_IN_DAKE, refusePrekey } from './state.ts';
import type {
  AwaitingResult,
  InDake,
  PrekeyClient,
  PrekeyClientContext,
  PrekeyClientEffect,
  PrekeyClientStep,
  PrekeyFailedWhy,
  PrekeyRequest,
} from './state.ts';

/** Asks now, or when the exchange that is under way has ended. */
export function request(client: PrekeyClient, wanted: PrekeyRequest, env: Env): PrekeyClientStep {
  if (wanted.tag === 'publish') {
    const { prekeys, clientProfile, prekeyProfile } = wanted.publication;
    if (prekeys.length > MAX_PREKEY_MESSAGES) return refusePrekey(client, 'too-many');
    const isEmpty = prekeys.length === 0 && (clientProfile ?? prekeyProfile) === undefined;
    if (isEmpty) return refusePrekey(client, 'nothing-to-publish');
  }
  if (client.exchange.tag === 'not-in-dake') return sendDake1(client, wanted, env);
  const asked = [client.exchange.request, ...client.waiting];
  if (wanted.tag === 'status' && asked.some(({ tag }) => tag === 'status')) {
    return refusePrekey(client, 'too-soon');
  }
  return client.waiting.length < LIMITS.prekeyRequestsWaiting
    ? { next: { ...client, waiting: [...client.waiting, wanted] }, effects: [] }
    : refusePrekey(client, 'busy');
}

/** @see Prekey Server "DAKE-1 Message" */
function sendDake1(client: PrekeyClient, wanted: PrekeyRequest, env: Env): PrekeyClientStep {
  const { own } = client.context;
  const ecdh = generateEcdh(env);
  const bytes = encodeDake1({
    senderTag: own.profile.ownerTag,
    profile: own.profile,
    ecdhPublic: ecdh.public,
  });
  const exchange: InDake = {
    tag: 'in-dake',
    own,
    ecdh,
    request: wanted,
    startedAt: env.monotonicMs(),
  };
  return { next: { ...client, exchange }, effects: [transmit(bytes)] };
}

function transmit(bytes: Uint8Array): PrekeyClientEffect {
  return { tag: 'transmit', body: formatPrekeyArmor(bytes), about: { tag: 'exchange' } };
}

/** A DAKE-2 message that does not hold ends the exchange: there is nobody to go on with. */
export function receiveDake2(client: PrekeyClient, bytes: Uint8Array, env: Env): PrekeyClientStep {
  const { exchange, context } = client;
  if (exchange.tag !== 'in-dake') return ignorePrekey(client, 'unexpected');
  const server = tryRead(() => validateDake2(bytes, exchange, context)) ?? 'invalid-answer';
  return typeof server === 'string'
    ? giveUp(client, server)
    : sendDake3(client, exchange, server, env);
}

/**
 * Whether the server is the one we know, and takes part in this very exchange. The cheap checks
 * come first.
 *
 * @throws {OtrError} on the first check that fails
 * @see Prekey Server "DAKE-2 Message"
 */
function validateDake2(
  bytes: Uint8Array,
  { own, ecdh }: InDake,
  context: PrekeyClientContext,
): PrekeyTranscript | 'server-key-changed' {
  const { receiverTag, server, ecdhPublic, sigma } = decodeDake2(bytes);
  if (receiverTag !== own.profile.ownerTag) throw new OtrError('bad-tag', 'receiver-tag');
  if (!equalBytes(server.identity, encodeUtf8(context.serverJid))) {
    throw new OtrError('bad-field', 'identity');
  }
  const { publicKey } = own.profile;
  requireDistinct([publicKey, server.publicKey, ecdh.public, ecdhPublic], 'server-key');
  if (!isFingerprintOf(context.serverFingerprint, server.publicKey)) return 'server-key-changed';
  const transcript: PrekeyTranscript = {
    ends: { publisherJid: context.ourJid, serverJid: context.serverJid },
    profile: own.profile.raw,
    compositeIdentity: server.raw,
    publisherKey: publicKey,
    serverKey: validatePoint(server.publicKey, 'server-key'),
    publisherEcdh: ecdh.public,
    serverEcdh: validatePoint(ecdhPublic, 's'),
  };
  if (!verifyRingFor(PREKEY_RING, dake2Statement(transcript), sigma)) {
    throw new OtrError('bad-signature', 'sigma');
  }
  return transcript;
}

/** @see Prekey Server "DAKE-3 Message" */
function sendDake3(
  client: PrekeyClient,
  { own, ecdh, request: wanted }: InDake,
  transcript: PrekeyTranscript,
  env: Env,
): PrekeyClientStep {
  using secret = agreePrekeySecret(ecdh.secret, transcript.serverEcdh);
  const bytes = encodeDake3({
    senderTag: own.profile.ownerTag,
    sigma: sign(own, transcript, env),
    message: encodeRequest(wanted, own, secret, env),
  });
  const exchange: AwaitingResult = {
    tag: 'awaiting-result',
    own,
    macKey: derivePrekeyMacKey(secret),
    request: wanted,
    startedAt: env.monotonicMs(),
  };
  return {
    next: { ...client, exchange },
    effects: [
      ...persist(wanted),
      transmit(bytes),
      { tag: 'retire', secrets: exchangeSecrets(client.exchange) },
    ],
  };
}

function sign(own: DakeIdentity, transcript: PrekeyTranscript, env: Env): Uint8Array {
  using scalar = expandSeed(own.longTermKey.seed);
  const signer = { secret: scalar, public: own.longTermKey.public };
  return signRingFor(PREKEY_RING, signer, dake3Statement(transcript), env);
}

function encodeRequest(
  wanted: PrekeyRequest,
  own: DakeIdentity,
  secret: PrekeySecret,
  env: Env,
): Uint8Array {
  if (wanted.tag === 'publish') {
    return createPublication(wanted.publication, own.profile.ownerTag, secret, env);
  }
  using macKey = derivePrekeyMacKey(secret);
  return encodeStorageRequest({ mac: macOfStorageRequest(macKey) });
}

function persist(wanted: PrekeyRequest): readonly PrekeyClientEffect[] {
  return wanted.tag === 'publish' ? [{ tag: 'persist', publication: wanted.publication }] : [];
}

/** Ends an exchange that came to a result, and begins the next one that waits. */
export function conclude(
  client: PrekeyClient,
  result: PrekeyClientEffect,
  env: Env,
): PrekeyClientStep {
  const retired: PrekeyClientEffect = {
    tag: 'retire',
    secrets: exchangeSecrets(client.exchange),
  };
  const [first, ...rest] = client.waiting;
  const ended: PrekeyClient = { ...client, exchange: NOT_IN_DAKE, waiting: rest };
  if (first === undefined) return { next: ended, effects: [result, retired] };
  const { next, effects } = sendDake1(ended, first, env);
  return { next, effects: [...effects, result, retired] };
}

/** Ends an exchange without a result, and with it all that waited for the same server. */
export function giveUp(client: PrekeyClient, why: PrekeyFailedWhy): PrekeyClientStep {
  const { exchange, waiting } = client;
  if (exchange.tag === 'not-in-dake') return ignorePrekey(client, 'nothing-to-do');
  return {
    next: { ...client, exchange: NOT_IN_DAKE, waiting: [] },
    effects: [
      loss(exchange, why),
      ...waiting.map((wanted): PrekeyClientEffect => ({ tag: 'failed', request: wanted, why })),
      { tag: 'retire', secrets: exchangeSecrets(exchange) },
    ],
  };
}

/** A publication whose DAKE-3 left may have arrived. */
function loss(exchange: InDake | AwaitingResult, why: PrekeyFailedWhy): PrekeyClientEffect {
  const { request: wanted } = exchange;
  return exchange.tag === 'awaiting-result' && wanted.tag === 'publish'
    ? { tag: 'unconfirmed', publication: wanted.publication }
    : { tag: 'failed', request: wanted, why };
}
