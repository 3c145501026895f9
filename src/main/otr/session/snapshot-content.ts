// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Key Management": a session as bytes, before it is sealed and after it is opened.

import type { Fingerprint } from '../bytes.ts';
import { MAC_LENGTH } from '../codec/data-message.ts';
import { validateInstanceTag } from '../codec/instance-tag.ts';
import type { Reader } from '../codec/reader.ts';
import { Writer } from '../codec/writer.ts';
import { DH_LENGTH, DH_SECRET_LENGTH, validateDhElement } from '../crypto/dh3072.ts';
import { POINT_LENGTH, SCALAR_LENGTH, validatePoint } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { Secret } from '../crypto/secret.ts';
import type { SecretOrBytes } from '../crypto/secret.ts';
import type { OfflineRole } from '../dake/non-interactive.ts';
import { OtrError } from '../errors.ts';
import { FINGERPRINT_LENGTH } from '../profile/fingerprint.ts';
import type { Provisional } from '../ratchet/provisional.ts';
import type { Ratchet } from '../ratchet/ratchet.ts';
import type { SkippedKey, SkippedKeys } from '../ratchet/skipped-keys.ts';
import { SMP_IDLE } from '../smp/machine.ts';
import type { Encrypted } from './state.ts';

const SSID_LENGTH = 8;
const KEY_LENGTH = 64;
const BRACE_KEY_LENGTH = 32;

const ROLES: readonly OfflineRole[] = ['retriever', 'publisher'];
const ROTATIONS: readonly Ratchet['nextRotation'][] = ['send', 'receive'];

/** What is kept of a session that began offline. */
export interface Kept {
  readonly session: Encrypted;
  /** X of Non-Interactive-Auth and Y of Identity messages that were used: none of them again. */
  readonly usedIdentities: readonly Uint8Array[];
}

/** Where both clocks stand. Milliseconds. */
export interface Instant {
  /** Wall clock. */
  readonly nowMs: number;
  /** Of this process: what is kept are ages. */
  readonly monotonicMs: number;
}

/**
 *     role BYTE | sealed at LONG | their tag INT | their fingerprint 56 | our fingerprint 56 | SSID 8
 *     | established at LONG | ages: own key LONG, last sent LONG | ratchet
 *     | authenticators of messages read: n INT, 64 each | used identities: n INT, 57 each
 *
 * Instants are wall clock, ages monotonic; all in milliseconds.
 *
 * @returns the parts in order; the secrets among them stay the session's
 */
export function encodeKept(
  { session, usedIdentities }: Kept,
  at: Instant,
): readonly SecretOrBytes[] {
  const role = ROLES.findIndex((one) => one === session.role);
  const head = new Writer().byte(role).long(toMs(at.nowMs)).int(session.theirTag);
  const ages = new Writer()
    .long(toMs(session.establishedAt))
    .long(ageOf(session.renewedAt, at))
    .long(ageOf(session.lastSentAt, at));
  return [
    head.bytes(session.theirFingerprint).bytes(session.ourFingerprint).finish(),
    session.ssid,
    ages.finish(),
    ...encodeRatchet(session.ratchet, at),
    ...counted(session.readBefore),
    ...counted(usedIdentities),
  ];
}

function toMs(instant: number): bigint {
  return BigInt(Math.round(instant));
}

function ageOf(since: number, { monotonicMs }: Instant): bigint {
  return toMs(Math.max(0, monotonicMs - since));
}

function counted(list: readonly SecretOrBytes[]): readonly SecretOrBytes[] {
  return [new Writer().int(list.length).finish(), ...list];
}

/** A BYTE that says whether there is one, and the secret. */
function optional(secret: Secret | undefined): readonly SecretOrBytes[] {
  return secret === undefined ? [Uint8Array.of(0)] : [Uint8Array.of(1), secret];
}

/**
 *     i INT | ratchet of the receiving chain + 1 INT | j INT | k INT | pn INT | next rotation BYTE
 *     | root key 64 | brace key 32 | sending chain | receiving chain | our ECDH | our DH
 *     | their ECDH POINT | their DH MPI | keys of missing messages | MAC keys to reveal: n INT, 64 each
 */
function encodeRatchet(ratchet: Ratchet, at: Instant): readonly SecretOrBytes[] {
  const counters = new Writer()
    .int(ratchet.rotations)
    .int(ratchet.receivingId + 1)
    .int(ratchet.sent)
    .int(ratchet.received)
    .int(ratchet.previouslySent)
    .byte(ROTATIONS.indexOf(ratchet.nextRotation));
  return [
    counters.finish(),
    ratchet.rootKey,
    ratchet.braceKey,
    ...optional(ratchet.sending),
    ...optional(ratchet.receiving),
    ratchet.ourEcdh.public,
    ...optional(ratchet.ourEcdh.secret),
    new Writer().mpi(ratchet.ourDh.public).finish(),
    ...optional(ratchet.ourDh.secret),
    ratchet.theirEcdh,
    new Writer().mpi(ratchet.theirDh).finish(),
    ...encodeSkipped(ratchet.skipped, at),
    ...counted(ratchet.macKeysToReveal),
  ];
}

/** n INT | (ECDH POINT | message id INT | age LONG | message key 64 | extra key 64)... */
function encodeSkipped(skipped: SkippedKeys, at: Instant): readonly SecretOrBytes[] {
  const entries = skipped.flatMap(({ ecdh, messageId, storedAt, messageKey, extraKey }) => [
    new Writer().bytes(ecdh).int(messageId).long(ageOf(storedAt, at)).finish(),
    messageKey,
    extraKey,
  ]);
  return [new Writer().int(skipped.length).finish(), ...entries];
}

/** Reads what {@link encodeKept} wrote, at a later instant and perhaps in another process. */
export class KeptReader {
  readonly #read: Reader;
  readonly #provisional: Provisional;
  readonly #at: Instant;
  /** Wall clock that passed since the session was sealed; never less than none. */
  #elapsedMs = 0;
  readonly #points = new Map<string, EcdhPublic>();

  /** @param provisional holds every secret that is read, until the caller commits */
  constructor(read: Reader, provisional: Provisional, at: Instant) {
    this.#read = read;
    this.#provisional = provisional;
    this.#at = at;
  }

  /** @throws {OtrError} on any deviation */
  kept(): Kept {
    const role = this.#oneOf(ROLES, 'role');
    this.#elapsedMs = Math.max(0, this.#at.nowMs - this.#ms('sealed-at'));
    const session: Encrypted = {
      tag: 'encrypted',
      role,
      theirTag: validateInstanceTag(this.#read.int('their-tag'), 'their-tag'),
      theirFingerprint: this.#read.fixed(FINGERPRINT_LENGTH, 'their-fingerprint') as Fingerprint,
      ourFingerprint: this.#read.fixed(FINGERPRINT_LENGTH, 'our-fingerprint') as Fingerprint,
      ssid: this.#secret(SSID_LENGTH, 'ssid'),
      establishedAt: this.#ms('established-at'),
      renewedAt: this.#since('renewed'),
      lastSentAt: this.#since('last-sent'),
      ratchet: this.#ratchet(),
      readBefore: this.#list(() => this.#read.fixed(MAC_LENGTH, 'read-before')),
      smp: SMP_IDLE,
    };
    const usedIdentities = this.#list(() => this.#read.fixed(POINT_LENGTH, 'used-identity'));
    this.#read.end('snapshot');
    return { session, usedIdentities };
  }

  #ratchet(): Ratchet {
    return {
      rotations: this.#read.int('i'),
      receivingId: this.#read.int('receiving-id') - 1,
      sent: this.#read.int('j'),
      received: this.#read.int('k'),
      previouslySent: this.#read.int('pn'),
      nextRotation: this.#oneOf(ROTATIONS, 'next-rotation'),
      rootKey: this.#secret(KEY_LENGTH, 'root-key'),
      braceKey: this.#secret(BRACE_KEY_LENGTH, 'brace-key'),
      sending: this.#optional(KEY_LENGTH, 'sending'),
      receiving: this.#optional(KEY_LENGTH, 'receiving'),
      ourEcdh: { public: this.#point('ecdh'), secret: this.#optional(SCALAR_LENGTH, 'ecdh') },
      ourDh: { public: this.#element('dh'), secret: this.#optional(DH_SECRET_LENGTH, 'dh') },
      theirEcdh: this.#point('their-ecdh'),
      theirDh: this.#element('their-dh'),
      skipped: this.#list(() => this.#skipped()),
      macKeysToReveal: this.#list(() => this.#secret(KEY_LENGTH, 'mac-key')),
    };
  }

  #skipped(): SkippedKey {
    return {
      ecdh: this.#point('skipped'),
      messageId: this.#read.int('skipped'),
      storedAt: this.#since('skipped'),
      messageKey: this.#secret(KEY_LENGTH, 'skipped'),
      extraKey: this.#secret(KEY_LENGTH, 'skipped'),
    };
  }

  #ms(field: string): number {
    const value = Number(this.#read.long(field));
    if (!Number.isSafeInteger(value)) throw new OtrError('bad-field', field);
    return value;
  }

  /** From an age to an instant of this process's clock, which may lie before its start. */
  #since(field: string): number {
    return this.#at.monotonicMs - this.#elapsedMs - this.#ms(field);
  }

  #oneOf<T>(values: readonly T[], field: string): T {
    const value = values[this.#read.byte(field)];
    if (value === undefined) throw new OtrError('bad-field', field);
    return value;
  }

  #list<T>(readOne: () => T): readonly T[] {
    const count = this.#read.int('count');
    // Each entry has a byte at least: a count beyond that is none.
    if (count > this.#read.remaining) throw new OtrError('bad-count', 'count');
    return Array.from({ length: count }, readOne);
  }

  #secret<L extends number>(length: L, field: string): Secret<L> {
    return this.#provisional.hold(Secret.own(this.#read.fixed(length, field), length));
  }

  #optional<L extends number>(length: L, field: string): Secret<L> | undefined {
    return this.#oneOf([false, true], field) ? this.#secret(length, field) : undefined;
  }

  #element(field: string) {
    return validateDhElement(this.#read.mpi(DH_LENGTH, field), field);
  }

  /** Missing messages share their chains' points: each is checked once. */
  #point(field: string): EcdhPublic {
    const bytes = this.#read.fixed(POINT_LENGTH, field);
    const name = bytes.join();
    const known = this.#points.get(name) ?? validatePoint(bytes, field);
    this.#points.set(name, known);
    return known;
  }
}
