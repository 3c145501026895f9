// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": every field of a message.

import { parseArmor } from '../codec/armor.ts';
import { decodeAuthI } from '../codec/auth-i.ts';
import { decodeAuthR } from '../codec/auth-r.ts';
import type { AuthRMessage } from '../codec/auth-r.ts';
import type { OtrMessageKind } from '../codec/classify.ts';
import type { ClientProfile } from '../codec/client-profile.ts';
import { MAC_LENGTH, decodeDataMessage } from '../codec/data-message.ts';
import { MESSAGE_TYPE, peekHeader } from '../codec/header.ts';
import { decodeIdentity } from '../codec/identity.ts';
import type { IdentityMessage } from '../codec/identity.ts';
import { decodeNonInteractiveAuth } from '../codec/non-interactive-auth.ts';
import type { DsaPublicKey } from '../crypto/dsa.ts';
import { OtrError } from '../errors.ts';

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

export type ParsedKind = OtrMessageKind;

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
  const parser = PARSERS.get(peekHeader(bytes).type);
  if (parser === undefined) throw new OtrError('wrong-type', 'type');
  return { kind: parser.kind, fields: parser.fields(bytes) };
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
  const { dsaKey, transitionalSignature } = profile;
  const optional: readonly Field[] = [
    ...(dsaKey === undefined ? [] : [{ name: 'OTRv3 public key', value: dsaFields(dsaKey) }]),
    ...(transitionalSignature === undefined
      ? []
      : [{ name: 'transitional signature', value: transitionalSignature }]),
  ];
  return {
    name: 'Client Profile',
    value: [
      { name: "owner's instance tag", value: profile.ownerTag },
      { name: 'public key', value: profile.publicKey },
      { name: 'forging key', value: profile.forgingKey },
      { name: 'versions', value: profile.versions },
      { name: 'expires', value: new Date(profile.expiresAt).toISOString() },
      ...optional,
      { name: 'signature', value: profile.signature },
    ],
  };
}
