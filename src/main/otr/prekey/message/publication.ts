// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Publication Message".

import { concat } from '../../bytes.ts';
import { readClientProfile } from '../../codec/client-profile.ts';
import type { ClientProfile } from '../../codec/client-profile.ts';
import { readPrekeyMessage } from '../../codec/prekey-message.ts';
import type { PrekeyMessage } from '../../codec/prekey-message.ts';
import { readPrekeyProfile } from '../../codec/prekey-profile.ts';
import type { PrekeyProfile } from '../../codec/prekey-profile.ts';
import { Reader } from '../../codec/reader.ts';
import { Writer } from '../../codec/writer.ts';
import { OtrError } from '../../errors.ts';
import { PREKEY_MAC_LENGTH, PREKEY_TYPE, readPrekeyHeader, writePrekeyHeader } from './header.ts';
import { readDhProof, readEcdhProof, writeDhProof, writeEcdhProof } from './proof.ts';
import type { DhProof, EcdhProof } from './proof.ts';

/** N is one byte. */
export const MAX_PREKEY_MESSAGES = 0xff;

/** That the publisher has the secrets of what it publishes: for what is there, and for no more. */
export interface PublicationProofs {
  /** Of Y and of B of all prekey messages. */
  readonly messages: { readonly ecdh: EcdhProof; readonly dh: DhProof } | undefined;
  /** Of D of the Prekey Profile. */
  readonly profile: EcdhProof | undefined;
}

/** The byte ranges that the MAC covers, exactly as they travel. */
export interface PublicationParts {
  /** N */
  readonly count: number;
  /** All prekey messages, back to back. */
  readonly prekeyMessages: Uint8Array;
  /** K is whether there is one, */
  readonly clientProfile: Uint8Array | undefined;
  /** and J whether there is this. */
  readonly prekeyProfile: Uint8Array | undefined;
  readonly proofs: Uint8Array;
}

/** A publication as it arrived: well-formed, nothing in it verified yet, not even its MAC. */
export interface PublicationMessage {
  readonly prekeyMessages: readonly PrekeyMessage[];
  readonly clientProfile: ClientProfile | undefined;
  readonly prekeyProfile: PrekeyProfile | undefined;
  readonly proofs: PublicationProofs;
  readonly parts: PublicationParts;
  /** 64 bytes. */
  readonly mac: Uint8Array;
}

/**
 *     0x0004 | 0x08 | N BYTE | Prekey Message... | K BYTE | [CLIENT-PROF] | J BYTE | [PREKEY-PROF]
 *     | [ECDH proof | DH proof, if N > 0] | [profile proof, if J = 1] | MAC 64
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodePublication(bytes: Uint8Array): PublicationMessage {
  const read = new Reader(bytes);
  readPrekeyHeader(read, PREKEY_TYPE.publication);
  const count = read.byte('n');
  const from = read.position;
  const prekeyMessages = Array.from({ length: count }, () => readPrekeyMessage(read));
  const rawMessages = read.span(from, read.position);
  const clientProfile = readFlag(read, 'k') ? readClientProfile(read) : undefined;
  const prekeyProfile = readFlag(read, 'j') ? readPrekeyProfile(read) : undefined;
  const proofsFrom = read.position;
  const proofs = readProofs(read, count > 0, prekeyProfile !== undefined);
  const parts: PublicationParts = {
    count,
    prekeyMessages: rawMessages,
    clientProfile: clientProfile?.raw,
    prekeyProfile: prekeyProfile?.raw,
    proofs: read.span(proofsFrom, read.position),
  };
  const mac = read.fixed(PREKEY_MAC_LENGTH, 'mac');
  read.end('publication');
  return { prekeyMessages, clientProfile, prekeyProfile, proofs, parts, mac };
}

function readFlag(read: Reader, field: string): boolean {
  const flag = read.byte(field);
  if (flag > 1) throw new OtrError('bad-count', field);
  return flag === 1;
}

function readProofs(read: Reader, forMessages: boolean, forProfile: boolean): PublicationProofs {
  return {
    messages: forMessages
      ? { ecdh: readEcdhProof(read, 'proof.ecdh'), dh: readDhProof(read, 'proof.dh') }
      : undefined,
    profile: forProfile ? readEcdhProof(read, 'proof.profile') : undefined,
  };
}

/** The proofs as they travel, and as the MAC covers them. */
export function encodeProofs({ messages, profile }: PublicationProofs): Uint8Array {
  const write = new Writer();
  if (messages !== undefined) {
    writeEcdhProof(write, messages.ecdh);
    writeDhProof(write, messages.dh);
  }
  if (profile !== undefined) writeEcdhProof(write, profile);
  return write.finish();
}

/** @throws {RangeError} for more prekey messages than one publication can count */
export function toPublicationParts(content: {
  readonly prekeyMessages: readonly Uint8Array[];
  readonly clientProfile: Uint8Array | undefined;
  readonly prekeyProfile: Uint8Array | undefined;
  readonly proofs: PublicationProofs;
}): PublicationParts {
  const count = content.prekeyMessages.length;
  if (count > MAX_PREKEY_MESSAGES) throw new RangeError('too many prekey messages');
  return {
    count,
    prekeyMessages: concat(...content.prekeyMessages),
    clientProfile: content.clientProfile,
    prekeyProfile: content.prekeyProfile,
    proofs: encodeProofs(content.proofs),
  };
}

export function encodePublication(parts: PublicationParts, mac: Uint8Array): Uint8Array {
  const write = writePrekeyHeader(PREKEY_TYPE.publication)
    .byte(parts.count)
    .bytes(parts.prekeyMessages);
  for (const profile of [parts.clientProfile, parts.prekeyProfile]) {
    write.byte(profile === undefined ? 0 : 1);
    if (profile !== undefined) write.bytes(profile);
  }
  return write.bytes(parts.proofs).bytes(mac).finish();
}
