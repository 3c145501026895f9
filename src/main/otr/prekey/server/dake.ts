// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange": the server's side. Whatever is wrong before sigma of DAKE-3 has been
// verified gets no answer.

import type { InstanceTag } from '../../bytes.ts';
import { equalBytes } from '../../crypto/constant-time.ts';
import { expandSeed, generateEcdh, validatePoint } from '../../crypto/ed448.ts';
import type { EcdhPublic } from '../../crypto/ed448.ts';
import { signRingFor, verifyRingFor } from '../../crypto/ring-signature.ts';
import type { Env } from '../../env.ts';
import { OtrError, tryRead } from '../../errors.ts';
import { validateClientProfile } from '../../profile/client-profile.ts';
import { formatPrekeyArmor } from '../armor.ts';
import { macOfStorageRequest } from '../mac.ts';
import { decodeDake1 } from '../message/dake-1.ts';
import type { Dake1Message } from '../message/dake-1.ts';
import { encodeDake2 } from '../message/dake-2.ts';
import { decodeDake3 } from '../message/dake-3.ts';
import { peekPrekeyType, PREKEY_TYPE } from '../message/header.ts';
import { decodeStorageRequest } from '../message/storage-request.ts';
import { encodeCompositeIdentity } from '../server-identity.ts';
import { agreePrekeySecret, derivePrekeyMacKey } from '../shared-secret.ts';
import { dake2Statement, dake3Statement, PREKEY_RING, requireDistinct } from '../transcript.ts';
import type { PrekeyTranscript } from '../transcript.ts';
import { toBareJid, toDomain } from './jid.ts';
import { validatePublication } from './publication.ts';
import { admit, PREKEY_RATES } from './rates.ts';
import { answerFailure } from './replies.ts';
import { addSession, makeRoomForSession, takeSession } from './sessions.ts';
import type { PrekeySession } from './sessions.ts';
import { ignoreAtServer } from './state.ts';
import type {
  AuthenticatedTicket,
  CountCommand,
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerEffect,
  PrekeyServerStep,
  PublishCommand,
  Shelf,
} from './state.ts';

/**
 * @param from full address
 * @throws {OtrError} when it is malformed or not valid
 * @see Prekey Server "DAKE-1 Message"
 */
export function receiveDake1(
  server: PrekeyServer,
  from: string,
  bytes: Uint8Array,
  env: Env,
): PrekeyServerStep {
  const { context } = server;
  const account = toBareJid(from);
  if (!context.publisherDomains.includes(toDomain(account))) {
    return ignoreAtServer(server, 'not-allowed');
  }
  const message = decodeDake1(bytes);
  const now = env.monotonicMs();
  const rates = admit(server.rates, claimsOf(account), now);
  if (rates === undefined) return ignoreAtServer(server, 'rate-limited');
  const counted: PrekeyServer = { ...server, rates };
  const room = makeRoomForSession(server.sessions, from, message.senderTag, now);
  if (room === undefined) return ignoreAtServer(counted, 'full');
  const publisher = tryRead(() => validateDake1(message, context, env));
  if (publisher === undefined) return ignoreAtServer(counted, 'invalid');
  const { session, reply } = answerDake1(publisher, from, context, env);
  return {
    next: { ...counted, sessions: addSession(room.next, session) },
    effects: [
      { tag: 'transmit', to: from, body: formatPrekeyArmor(reply) },
      ...(room.retired.length === 0 ? [] : [{ tag: 'retire', secrets: room.retired } as const]),
    ],
  };
}

function claimsOf(account: string) {
  return [
    { key: `dake-minute|${account}`, rate: PREKEY_RATES.dakePerAccountMinute },
    { key: `dake-day|${account}`, rate: PREKEY_RATES.dakePerAccountDay },
  ];
}

/** A publisher's half of the exchange, checked. */
interface Publisher {
  readonly tag: InstanceTag;
  readonly profile: Uint8Array;
  /** H_a and I. */
  readonly publicKey: EcdhPublic;
  readonly ecdhPublic: EcdhPublic;
}

function validateDake1(message: Dake1Message, context: PrekeyServerContext, env: Env): Publisher {
  const { senderTag, profile } = message;
  requireDistinct([profile.publicKey, context.longTermKey.public, message.ecdhPublic], 'i');
  const { publicKey, raw } = validateClientProfile(profile, senderTag, env.nowMs());
  const ecdhPublic = validatePoint(message.ecdhPublic, 'i');
  return { tag: senderTag, profile: raw, publicKey, ecdhPublic };
}

/** @see Prekey Server "DAKE-2 Message" */
function answerDake1(
  publisher: Publisher,
  from: string,
  { serverJid, longTermKey }: PrekeyServerContext,
  env: Env,
): { readonly session: PrekeySession; readonly reply: Uint8Array } {
  const ecdh = generateEcdh(env);
  using ephemeral = ecdh.secret;
  const transcript: PrekeyTranscript = {
    ends: { publisherJid: toBareJid(from), serverJid },
    profile: publisher.profile,
    compositeIdentity: encodeCompositeIdentity(serverJid, longTermKey.public),
    publisherKey: publisher.publicKey,
    serverKey: longTermKey.public,
    publisherEcdh: publisher.ecdhPublic,
    serverEcdh: ecdh.public,
  };
  using scalar = expandSeed(longTermKey.seed);
  const signer = { secret: scalar, public: longTermKey.public };
  const { tag } = publisher;
  const reply = encodeDake2({
    receiverTag: tag,
    server: { raw: transcript.compositeIdentity },
    ecdhPublic: ecdh.public,
    sigma: signRingFor(PREKEY_RING, signer, dake2Statement(transcript), env),
  });
  const secret = agreePrekeySecret(ephemeral, publisher.ecdhPublic);
  return { session: { from, tag, transcript, secret, createdAt: env.monotonicMs() }, reply };
}

/**
 * @param from full address
 * @throws {OtrError} when it is malformed
 * @see Prekey Server "DAKE-3 Message"
 */
export function receiveDake3(
  server: PrekeyServer,
  from: string,
  bytes: Uint8Array,
  env: Env,
): PrekeyServerStep {
  const { senderTag, sigma, message } = decodeDake3(bytes);
  const taken = takeSession(server.sessions, from, senderTag, env.monotonicMs());
  if (taken === undefined) return ignoreAtServer(server, 'unexpected');
  const { session } = taken;
  const next: PrekeyServer = { ...server, sessions: taken.next };
  const retired: PrekeyServerEffect = { tag: 'retire', secrets: [session.secret] };
  const effects = isSigned(session, sigma) ? obey(session, message, env) : IGNORED_INVALID;
  return { next, effects: [...effects, retired] };
}

const IGNORED_INVALID: readonly PrekeyServerEffect[] = [{ tag: 'ignored', why: 'invalid' }];

function isSigned({ transcript }: PrekeySession, sigma: Uint8Array): boolean {
  return tryRead(() => verifyRingFor(PREKEY_RING, dake3Statement(transcript), sigma)) === true;
}

/** The publisher is who it says; from here on, what is wrong is answered with a Failure. */
function obey(
  session: PrekeySession,
  message: Uint8Array,
  env: Env,
): readonly PrekeyServerEffect[] {
  const type = tryRead(() => peekPrekeyType(message));
  if (type !== PREKEY_TYPE.publication && type !== PREKEY_TYPE.storageRequest) {
    return IGNORED_INVALID;
  }
  const ticket: AuthenticatedTicket = {
    to: session.from,
    receiverTag: session.tag,
    macKey: derivePrekeyMacKey(session.secret),
  };
  const parts = { session, ticket, type, message };
  const command = tryRead(() => toCommand(parts, env));
  switch (command?.tag) {
    case undefined:
      return answerFailure(ticket);
    case 'publish':
      return [{ tag: 'store', command, ticket }];
    case 'count':
      return [{ tag: 'count', command, ticket }];
  }
}

interface Obeyed {
  readonly session: PrekeySession;
  readonly ticket: AuthenticatedTicket;
  readonly type: number;
  readonly message: Uint8Array;
}

function toCommand(
  { session, ticket, type, message }: Obeyed,
  env: Env,
): PublishCommand | CountCommand {
  const shelf: Shelf = {
    identity: toBareJid(session.from),
    ownerTag: session.tag,
    publicKey: session.transcript.publisherKey,
  };
  return type === PREKEY_TYPE.publication
    ? validatePublication(message, shelf, session.secret, env.nowMs())
    : validateStorageRequest(message, shelf, ticket);
}

/** @see Prekey Server "Storage Information Request Message" */
function validateStorageRequest(
  message: Uint8Array,
  shelf: Shelf,
  { macKey }: AuthenticatedTicket,
): CountCommand {
  const { mac } = decodeStorageRequest(message);
  if (!equalBytes(mac, macOfStorageRequest(macKey))) throw new OtrError('bad-mac', 'mac');
  return { tag: 'count', shelf };
}
