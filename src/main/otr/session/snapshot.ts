// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Session Expiration": a session begun offline outlives the process; this is how it is kept.

import { encodeData, encodeUtf8 } from '../bytes.ts';
import { Reader } from '../codec/reader.ts';
import { Writer } from '../codec/writer.ts';
import { AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, openAead, sealAead } from '../crypto/aead.ts';
import type { AeadContext } from '../crypto/aead.ts';
import { gather } from '../crypto/secret.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { tryRead } from '../errors.ts';
import { Provisional } from '../ratchet/provisional.ts';
import { permitsOffline } from '../mode.ts';
import type { SessionParams } from './params.ts';
import { createSession } from './session.ts';
import { encodeKept, KeptReader } from './snapshot-content.ts';
import { beganOffline } from './state.ts';
import type { SessionState } from './state.ts';

/** "OTR4" */
const MAGIC = 0x4f545234;
const VERSION = 1;
const HEADER_LENGTH = 10;

/**
 * A live session that began offline, as bytes that tell nothing without the key. Texts, a key exchange
 * beside it, a comparison in progress and keys made ahead are not kept.
 *
 *     "OTR4" | version SHORT | length of the rest INT | nonce 24 | ciphertext | tag 16
 *
 * The version, both bare addresses and our instance tag are bound to it. It must be written in the
 * transaction that commits the step it follows, before anything of that step is transmitted: a
 * session that went on from an older snapshot would use message keys twice.
 *
 * @param key lent; for nothing but the snapshots of one store
 * @returns undefined when there is nothing to keep, and what was kept is to be deleted: no snapshot of
 *          an interactive session exists
 */
export function sealSnapshot(
  state: SessionState,
  key: Secret<32>,
  env: Env,
): Uint8Array | undefined {
  const { messages: session, throttle, context } = state;
  // Stryker disable next-line ConditionalExpression: what is no session has no role and began nowhere
  if (session.tag !== 'encrypted' || !beganOffline(session)) return undefined;
  const { usedIdentities } = throttle;
  const nonce = env.random(AEAD_NONCE_LENGTH);
  const plaintext = gather(encodeKept({ session, usedIdentities }, toInstant(env)));
  try {
    const length = AEAD_NONCE_LENGTH + plaintext.length + AEAD_TAG_LENGTH;
    const header = new Writer().int(MAGIC).short(VERSION).int(length).finish();
    const associated = bind(header, context);
    const ciphertext = sealAead({ key, nonce, associated }, plaintext);
    return new Writer().bytes(header).bytes(nonce).bytes(ciphertext).finish();
  } finally {
    plaintext.fill(0);
  }
}

function toInstant(env: Env) {
  return { nowMs: env.nowMs(), monotonicMs: env.monotonicMs() };
}

function bind(
  header: Uint8Array,
  { ourJid, theirJid, own }: Pick<SessionParams, 'ourJid' | 'theirJid' | 'own'>,
): Uint8Array {
  return new Writer()
    .bytes(header)
    .bytes(encodeData(encodeUtf8(ourJid)))
    .bytes(encodeData(encodeUtf8(theirJid)))
    .int(own.profile.ownerTag)
    .finish();
}

export type OpenedSnapshot =
  | { readonly ok: true; readonly state: SessionState }
  | { readonly ok: false; readonly why: SnapshotRefusal };

export type SnapshotRefusal =
  /** Part of it is missing. */
  | 'truncated'
  /** Made by a version of this program that is older or newer than it knows. */
  | 'unknown-version'
  /** Altered, or of another key, account, correspondent or client; or no snapshot at all. */
  | 'foreign'
  /** Genuine, and yet no session. */
  | 'malformed'
  /** The mode of the account has no offline conversations. */
  | 'not-allowed';

/**
 * The session a snapshot holds, ready to go on: nothing is sent, and nothing of the snapshot is left
 * in memory but the session's own secrets. Time that passed since then has passed for it too.
 *
 * @param params as for `createSession`
 * @param key    lent
 */
export function openSnapshot(
  bytes: Uint8Array,
  key: Secret<32>,
  params: SessionParams,
  env: Env,
): OpenedSnapshot {
  const fresh = createSession(params);
  if (!permitsOffline(fresh.policy.mode)) return refuse('not-allowed');
  const refusal = whyRefused(bytes);
  if (refusal !== undefined) return refuse(refusal);
  const header = bytes.subarray(0, HEADER_LENGTH);
  const nonce = bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + AEAD_NONCE_LENGTH);
  const context = { key, nonce, associated: bind(header, params) };
  return openContent(bytes.subarray(HEADER_LENGTH + AEAD_NONCE_LENGTH), context, fresh, env);
}

function refuse(why: SnapshotRefusal): OpenedSnapshot {
  return { ok: false, why };
}

/** By what stands in clear. */
function whyRefused(bytes: Uint8Array): SnapshotRefusal | undefined {
  const read = new Reader(bytes);
  if (read.remaining < HEADER_LENGTH) return 'truncated';
  if (read.int('magic') !== MAGIC) return 'foreign';
  if (read.short('version') !== VERSION) return 'unknown-version';
  const length = read.int('length');
  if (length < AEAD_NONCE_LENGTH + AEAD_TAG_LENGTH || read.remaining > length) return 'foreign';
  return read.remaining < length ? 'truncated' : undefined;
}

function openContent(
  ciphertext: Uint8Array,
  context: AeadContext,
  fresh: SessionState,
  env: Env,
): OpenedSnapshot {
  const plaintext = openAead(context, ciphertext);
  if (plaintext === undefined) return refuse('foreign');
  using provisional = new Provisional();
  const read = new KeptReader(new Reader(plaintext), provisional, toInstant(env));
  const kept = tryRead(() => read.kept());
  plaintext.fill(0);
  if (kept === undefined) return refuse('malformed');
  const { session, usedIdentities } = kept;
  const { announcedTag, throttle } = fresh;
  if (announcedTag !== undefined && announcedTag !== session.theirTag) return refuse('foreign');
  provisional.commit();
  const state: SessionState = {
    ...fresh,
    messages: session,
    hasSpokenVersion4: true,
    throttle: { ...throttle, usedIdentities },
  };
  return { ok: true, state };
}
