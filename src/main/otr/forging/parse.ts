// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": every field of a message, or of what is published.

import { parseArmor } from '../codec/armor.ts';
import { decodeAuthI } from '../codec/auth-i.ts';
import { decodeAuthR } from '../codec/auth-r.ts';
import type { AuthRMessage } from '../codec/auth-r.ts';
import type { OtrMessageKind } from '../codec/classify.ts';
import { decodeClientProfile } from '../codec/client-profile.ts';
import type { ClientProfile } from '../codec/client-profile.ts';
import { MAC_LENGTH, decodeDataMessage } from '../codec/data-message.ts';
import { MESSAGE_TYPE, peekHeader } from '../codec/header.ts';
import { decodeIdentity } from '../codec/identity.ts';
import type { IdentityMessage } from '../codec/identity.ts';
import { decodeNonInteractiveAuth } from '../codec/non-interactive-auth.ts';
import { decodePrekeyMessage } from '../codec/prekey-message.ts';
import type { PrekeyMessage } from '../codec/prekey-message.ts';
import { decodePrekeyProfile } from '../codec/prekey-profile.ts';
import type { PrekeyProfile } from '../codec/prekey-profile.ts';
import type { DsaPublicKey } from '../crypto/dsa.ts';
import { OtrError, tryRead } from '../errors.ts';
import { decodeEnsemble } from '../prekey/message/ensemble-retrieval.ts';
import type { Ensemble } from '../profile/ensemble.ts';

/** A field of a message: bytes and numbers as they are, or a group of fields. */
export interface Field {
  /** In the specification's words. */
  readonly name: string;
  readonly value: FieldValue;
}

export type FieldValue = Uint8Array | bigint | number | string | readonly Field[];

export interface ParsedMessage {
  readonly kind: ParsedKind;
  readonly fields: readonly Field[];
}

export type ParsedKind =
  OtrMessageKind | 'prekey-message' | 'prekey-profile' | 'client-profile' | 'prekey-ensemble';

interface Parser {
  readonly kind: ParsedKind;
  readonly fields: (bytes: Uint8Array) => readonly Field[];
}

const PARSERS = new Map<number, Parser>([
  [MESSAGE_TYPE.identity, { kind: 'identity', fields: identityFields }],
  [MESSAGE_TYPE.authR, { kind: 'auth-r', fields: authRFields }],
  [MESSAGE_TYPE.authI, { kind: 'auth-i', fields: authIFields }],
  [
    MESSAGE_TYPE.nonInteractiveAuth,
    { kind: 'non-interactive-auth', fields: nonInteractiveAuthFields },
  ],
  [MESSAGE_TYPE.data, { kind: 'data', fields: dataFields }],
]);

/**
 * "Parse": an encoded message to the values of its fields, in the order in which they travel.
 * Nothing is verified.
 *
 * @param body from "?OTR:" to "."
 * @throws {OtrError} when it is none, or malformed
 * @see OTRv4 "Forging Transcripts"
 */
export function parseMessage(body: string): ParsedMessage {
  const bytes = parseArmor(body);
  // Where the others have tags, a Prekey message has its identifier, which may be any number.
  if (bytes[2] === MESSAGE_TYPE.prekey) {
    return { kind: 'prekey-message', fields: prekeyFields(decodePrekeyMessage(bytes)) };
  }
  const parser = PARSERS.get(peekHeader(bytes).type);
  if (parser === undefined) throw new OtrError('wrong-type', 'type');
  return { kind: parser.kind, fields: parser.fields(bytes) };
}

/**
 * "Parse" for what is published, which travels without armour: a Prekey message, a Prekey Profile,
 * a Client Profile, or the three of them as the Prekey Ensemble they make. Nothing is verified.
 *
 * @throws {OtrError} what the bytes break as a Client Profile, when they are none of these
 * @see OTRv4 "Forging Transcripts"
 */
export function parsePublished(bytes: Uint8Array): ParsedMessage {
  return (
    tryRead((): ParsedMessage => {
      return { kind: 'prekey-message', fields: prekeyFields(decodePrekeyMessage(bytes)) };
    }) ??
    tryRead((): ParsedMessage => {
      return { kind: 'prekey-profile', fields: prekeyProfileFields(decodePrekeyProfile(bytes)) };
    }) ??
    tryRead((): ParsedMessage => {
      return { kind: 'prekey-ensemble', fields: ensembleFields(decodeEnsemble(bytes)) };
    }) ?? { kind: 'client-profile', fields: clientProfileFields(decodeClientProfile(bytes)) }
  );
}

function prekeyFields(message: PrekeyMessage): readonly Field[] {
  return [
    { name: 'message type', value: MESSAGE_TYPE.prekey },
    { name: 'prekey message identifier', value: message.id },
    { name: "owner's instance tag", value: message.ownerTag },
    { name: 'Y', value: message.ecdhPublic },
    { name: 'B', value: message.dhPublic },
  ];
}

function prekeyProfileFields(profile: PrekeyProfile): readonly Field[] {
  return [
    { name: "owner's instance tag", value: profile.ownerTag },
    { name: 'expires', value: new Date(profile.expiresAt).toISOString() },
    { name: 'public shared prekey', value: profile.sharedPrekey },
    { name: 'signature', value: profile.signature },
  ];
}

function ensembleFields(ensemble: Ensemble): readonly Field[] {
  return [
    profileField(ensemble.clientProfile),
    { name: 'Prekey Profile', value: prekeyProfileFields(ensemble.prekeyProfile) },
    { name: 'Prekey Message', value: prekeyFields(ensemble.prekeyMessage) },
  ];
}

/** Those of every message. */
function headerFields(bytes: Uint8Array): readonly Field[] {
  const { type, senderTag, receiverTag } = peekHeader(bytes);
  return [
    { name: 'message type', value: type },
    { name: "sender's instance tag", value: senderTag },
    { name: "receiver's instance tag", value: receiverTag },
  ];
}

function identityFields(bytes: Uint8Array): readonly Field[] {
  const message = decodeIdentity(bytes);
  return [
    ...headerFields(bytes),
    profileField(message.profile),
    { name: 'Y', value: message.ecdhPublic },
    { name: 'B', value: message.dhPublic },
    ...firstKeyFields(message),
  ];
}

function authRFields(bytes: Uint8Array): readonly Field[] {
  const message = decodeAuthR(bytes);
  return [...headerFields(bytes), ...answerFields(message), ...firstKeyFields(message)];
}

/** What Alice answers with, in whichever of the two DAKEs. */
function answerFields(
  message: Pick<AuthRMessage, 'profile' | 'ecdhPublic' | 'dhPublic' | 'sigma'>,
): readonly Field[] {
  return [
    profileField(message.profile),
    { name: 'X', value: message.ecdhPublic },
    { name: 'A', value: message.dhPublic },
    { name: 'sigma', value: message.sigma },
  ];
}

function authIFields(bytes: Uint8Array): readonly Field[] {
  return [...headerFields(bytes), { name: 'sigma', value: decodeAuthI(bytes).sigma }];
}

function nonInteractiveAuthFields(bytes: Uint8Array): readonly Field[] {
  const message = decodeNonInteractiveAuth(bytes);
  return [
    ...headerFields(bytes),
    ...answerFields(message),
    { name: 'prekey message identifier', value: message.prekeyId },
    { name: 'Auth MAC', value: message.authMac },
    ...firstKeyFields(message),
  ];
}

function dataFields(bytes: Uint8Array): readonly Field[] {
  const { message } = decodeDataMessage(bytes);
  const { dhPublic, revealedMacKeys } = message;
  return [
    ...headerFields(bytes),
    { name: 'flags', value: message.ignoreUnreadable ? 'IGNORE_UNREADABLE' : '' },
    { name: 'previous chain message number', value: message.previousChainLength },
    { name: 'ratchet id', value: message.ratchetId },
    { name: 'message id', value: message.messageId },
    { name: 'public ECDH key', value: message.ecdhPublic },
    { name: 'public DH key', value: dhPublic ?? '' },
    { name: 'encrypted message', value: message.ciphertext },
    { name: 'authenticator', value: message.authenticator },
    { name: 'old MAC keys', value: macKeyFields(revealedMacKeys) },
  ];
}

function macKeyFields(revealed: Uint8Array): readonly Field[] {
  return Array.from({ length: revealed.length / MAC_LENGTH }, (_, k) => ({
    name: (k + 1).toString(),
    value: revealed.slice(k * MAC_LENGTH, (k + 1) * MAC_LENGTH),
  }));
}

function firstKeyFields(
  message: Pick<IdentityMessage, 'firstEcdhPublic' | 'firstDhPublic'>,
): readonly Field[] {
  return [
    { name: 'first ECDH public key', value: message.firstEcdhPublic },
    { name: 'first DH public key', value: message.firstDhPublic },
  ];
}

function dsaFields({ p, q, g, y }: DsaPublicKey): readonly Field[] {
  return Object.entries({ p, q, g, y }).map(([name, value]) => ({ name, value }));
}

function profileField(profile: ClientProfile): Field {
  return { name: 'Client Profile', value: clientProfileFields(profile) };
}

function clientProfileFields(profile: ClientProfile): readonly Field[] {
  const { dsaKey, transitionalSignature } = profile;
  const optional: readonly Field[] = [
    ...(dsaKey === undefined ? [] : [{ name: 'OTRv3 public key', value: dsaFields(dsaKey) }]),
    ...(transitionalSignature === undefined
      ? []
      : [{ name: 'transitional signature', value: transitionalSignature }]),
  ];
  return [
    { name: "owner's instance tag", value: profile.ownerTag },
    { name: 'public key', value: profile.publicKey },
    { name: 'forging key', value: profile.forgingKey },
    { name: 'versions', value: profile.versions },
    { name: 'expires', value: new Date(profile.expiresAt).toISOString() },
    ...optional,
    { name: 'signature', value: profile.signature },
  ];
}
