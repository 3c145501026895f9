// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "When you receive a Data Message": finding, trying and committing keys.

import { equalBytes } from '../crypto/constant-time.ts';
import { validateDhElement } from '../crypto/dh3072.ts';
import type { DhPower } from '../crypto/dh3072.ts';
import { ecdh, validatePoint } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import { agreeBraceKey, isDhRatchet, nextBraceKey } from './brace-key.ts';
import { deriveExtraKey, deriveMacKey, deriveMessageKey, nextChainKey } from './chain.ts';
import type { ChainKey, ExtraKey, MacKey, MessageKey } from './chain.ts';
import { queueMacKeys } from './mac-reveal.ts';
import { Provisional } from './provisional.ts';
import type { Ratchet, RatchetLimits } from './ratchet.ts';
import { deriveRatchetKeys, mixSecrets } from './root-key.ts';
import { evictSkipped, findSkipped, toMacKeys, toSecrets } from './skipped-keys.ts';
import type { SkippedKey } from './skipped-keys.ts';

/** What a received message says about the ratchet. Nothing in it is verified. */
export interface ReceivedHeader {
  readonly previousChainLength: number;
  readonly ratchetId: number;
  readonly messageId: number;
  readonly ecdhPublic: Uint8Array;
  readonly dhPublic: bigint | undefined;
}

export interface ReceiveContext {
  /** Whether the message's authenticator is right under this key. */
  readonly authenticates: (macKey: MacKey) => boolean;
  readonly limits: RatchetLimits;
  /** Monotonic clock, milliseconds. */
  readonly now: number;
  /** Who computes powers of the peer's DH key. */
  readonly by?: DhPower;
}

export type RatchetRefusal =
  /** The keys of this message were used, or were never kept. */
  | 'used'
  | 'too-many-skipped'
  /** Another ratchet or other keys than can follow here. */
  | 'out-of-step'
  | 'not-authentic';

export type Receiving =
  | {
      readonly tag: 'authentic';
      readonly next: Ratchet;
      /** Among `retired`. */
      readonly messageKey: MessageKey;
      /** Derived when it is wanted, and before `retired` is wiped. The caller wipes it. */
      readonly extraKey: () => ExtraKey;
      /** Secrets that `next` no longer holds. */
      readonly retired: readonly Secret[];
    }
  | { readonly tag: 'refused'; readonly why: RatchetRefusal };

const refuse = (why: RatchetRefusal): Receiving => ({ tag: 'refused', why });

/**
 * Finds the key of a received message and verifies the message with it. Every derivation is
 * provisional: unless the message is authentic nothing of it remains.
 *
 * @throws {OtrError} for a new key that is not a valid point or group element
 * @see OTRv4 "When you receive a Data Message"
 */
export function receive(
  ratchet: Ratchet,
  header: ReceivedHeader,
  context: ReceiveContext,
): Receiving {
  if ((header.dhPublic !== undefined) !== isDhRatchet(header.ratchetId)) {
    return refuse('out-of-step');
  }
  const skipped = findSkipped(ratchet.skipped, header.ecdhPublic, header.messageId);
  if (skipped !== undefined) return receiveSkipped(ratchet, skipped, context);
  if (header.ratchetId < ratchet.receivingId) return refuse('used');
  return equalBytes(header.ecdhPublic, ratchet.theirEcdh)
    ? receiveInChain(ratchet, header, context)
    : receiveNewRatchet(ratchet, header, context);
}

/** The entry goes only after the message proved genuine, or a forger could burn keys. */
function receiveSkipped(ratchet: Ratchet, key: SkippedKey, context: ReceiveContext): Receiving {
  using provisional = new Provisional();
  const macKey = provisional.hold(deriveMacKey(key.messageKey));
  if (!context.authenticates(macKey)) return refuse('not-authentic');
  provisional.commit();
  const { queued, dropped } = queueMacKeys(
    ratchet.macKeysToReveal,
    [macKey],
    context.limits.macKeysToReveal,
  );
  return {
    tag: 'authentic',
    next: {
      ...ratchet,
      skipped: ratchet.skipped.filter((other) => other !== key),
      macKeysToReveal: queued,
    },
    messageKey: key.messageKey,
    extraKey: () => key.extraKey.copy(),
    retired: [key.messageKey, key.extraKey, ...dropped],
  };
}

function receiveInChain(
  ratchet: Ratchet,
  header: ReceivedHeader,
  context: ReceiveContext,
): Receiving {
  const { receiving } = ratchet;
  // Stryker disable next-line ConditionalExpression: the id of a chain that is not there is no id of a message
  if (receiving === undefined) return refuse('out-of-step');
  if (header.ratchetId !== ratchet.receivingId) return refuse('out-of-step');
  if (header.dhPublic !== undefined && header.dhPublic !== ratchet.theirDh) {
    return refuse('out-of-step');
  }
  if (header.messageId < ratchet.received) return refuse('used');
  using provisional = new Provisional();
  const opened = openInChain({ ...ratchet, receiving }, header.messageId, provisional, context);
  if (opened.tag === 'authentic') provisional.commit();
  return opened.tag === 'authentic'
    ? { ...opened, retired: [receiving, ...opened.retired] }
    : opened;
}

function receiveNewRatchet(
  ratchet: Ratchet,
  header: ReceivedHeader,
  context: ReceiveContext,
): Receiving {
  if (ratchet.nextRotation !== 'receive' || header.ratchetId !== ratchet.rotations) {
    return refuse('out-of-step');
  }
  if (equalBytes(header.ecdhPublic, ratchet.ourEcdh.public)) return refuse('out-of-step');
  if (header.dhPublic === ratchet.theirDh) return refuse('out-of-step');
  // Sums of wire integers stay far below 2^53: this is decided before anything is derived.
  if (exceedsSkip(header.messageId, 0, context)) return refuse('too-many-skipped');
  if (exceedsSkip(header.previousChainLength, ratchet.received, context)) {
    return refuse('too-many-skipped');
  }
  using provisional = new Provisional();
  const rotated = rotateToReceive(ratchet, header, provisional, context);
  const opened = openInChain(rotated, header.messageId, provisional, context);
  if (opened.tag !== 'authentic') return opened;
  provisional.commit();
  return {
    ...opened,
    retired: [...opened.retired, rotated.receiving, ...replacedByReceiving(ratchet)],
  };
}

function exceedsSkip(messageId: number, from: number, { limits }: ReceiveContext): boolean {
  return messageId > from + limits.skipPerRatchet;
}

type ReceivingRatchet = Ratchet & { readonly receiving: ChainKey };

/**
 * Moves to the peer's new keys. Keys of messages still missing in the old chain are kept.
 * @see OTRv4 "Rotating ECDH Keys and Brace Key as receiver"
 */
function rotateToReceive(
  ratchet: Ratchet,
  header: ReceivedHeader,
  provisional: Provisional,
  context: ReceiveContext,
): ReceivingRatchet {
  const theirEcdh = validatePoint(header.ecdhPublic, 'ecdh');
  const theirDh =
    header.dhPublic === undefined ? ratchet.theirDh : validateDhElement(header.dhPublic, 'dh');
  const late = skipTo(ratchet, header.previousChainLength, provisional, context);
  late.chainKey?.wipe();
  using ecdhSecret = ecdh(present(ratchet.ourEcdh.secret), theirEcdh);
  const braceKey = provisional.hold(
    header.dhPublic === undefined
      ? nextBraceKey(ratchet.braceKey)
      : agreeBraceKey(present(ratchet.ourDh.secret), theirDh, context.by),
  );
  using mixed = mixSecrets(ecdhSecret, braceKey);
  const { rootKey, chainKey } = deriveRatchetKeys(ratchet.rootKey, mixed);
  return {
    ...ratchet,
    rotations: ratchet.rotations + 1,
    receivingId: header.ratchetId,
    previouslySent: ratchet.sent,
    sent: 0,
    received: 0,
    nextRotation: 'send',
    rootKey: provisional.hold(rootKey),
    braceKey,
    sending: undefined,
    receiving: provisional.hold(chainKey),
    ourEcdh: { public: ratchet.ourEcdh.public, secret: undefined },
    ourDh:
      header.dhPublic === undefined
        ? ratchet.ourDh
        : { public: ratchet.ourDh.public, secret: undefined },
    theirEcdh,
    theirDh,
    skipped: [...ratchet.skipped, ...late.skipped],
  };
}

/** Secrets are only wiped in ratchets that the peer may not answer again. */
function present<S extends Secret>(secret: S | undefined): S {
  if (secret === undefined) throw new RangeError('own ratchet key is gone');
  return secret;
}

function replacedByReceiving(ratchet: Ratchet): readonly Secret[] {
  const replacesDh = isDhRatchet(ratchet.rotations);
  return [
    ratchet.rootKey,
    ratchet.braceKey,
    ratchet.sending,
    ratchet.receiving,
    ratchet.ourEcdh.secret,
    replacesDh ? ratchet.ourDh.secret : undefined,
  ].filter((secret) => secret !== undefined);
}

/** `retired` leaves out the chain key the ratchet came with: who owns it depends on the caller. */
function openInChain(
  ratchet: ReceivingRatchet,
  messageId: number,
  provisional: Provisional,
  context: ReceiveContext,
): Receiving {
  if (exceedsSkip(messageId, ratchet.received, context)) return refuse('too-many-skipped');
  const { skipped, chainKey } = skipTo(ratchet, messageId, provisional, context);
  const at = chainKey ?? ratchet.receiving;
  const messageKey = provisional.hold(deriveMessageKey(at));
  const macKey = provisional.hold(deriveMacKey(messageKey));
  if (!context.authenticates(macKey)) return refuse('not-authentic');
  const next = provisional.hold(nextChainKey(at));
  const store = evictSkipped([...ratchet.skipped, ...skipped], context.limits);
  const { queued, dropped } = queueMacKeys(
    ratchet.macKeysToReveal,
    [macKey, ...toMacKeys(store.evicted)],
    context.limits.macKeysToReveal,
  );
  return {
    tag: 'authentic',
    next: {
      ...ratchet,
      receiving: next,
      received: messageId + 1,
      skipped: store.kept,
      macKeysToReveal: queued,
    },
    messageKey,
    extraKey: () => deriveExtraKey(at),
    retired: [
      messageKey,
      ...(chainKey === undefined ? [] : [chainKey]),
      ...toSecrets(store.evicted),
      ...dropped,
    ],
  };
}

/**
 * Derives the keys of messages that were passed over, `received` up to but without `messageId`.
 * @returns the chain key for `messageId`, or undefined when nothing was passed over
 */
function skipTo(
  ratchet: Ratchet,
  messageId: number,
  provisional: Provisional,
  context: ReceiveContext,
): { readonly skipped: readonly SkippedKey[]; readonly chainKey: ChainKey | undefined } {
  const { receiving } = ratchet;
  const skipped: SkippedKey[] = [];
  if (receiving === undefined) return { skipped, chainKey: undefined };
  let chainKey: ChainKey | undefined;
  for (let id = ratchet.received; id < messageId; id += 1) {
    skipped.push(toSkipped(chainKey ?? receiving, ratchet.theirEcdh, id, context.now));
    const next = nextChainKey(chainKey ?? receiving);
    chainKey?.wipe();
    chainKey = next;
  }
  for (const { messageKey, extraKey } of skipped) {
    provisional.hold(messageKey);
    provisional.hold(extraKey);
  }
  return { skipped, chainKey: chainKey && provisional.hold(chainKey) };
}

function toSkipped(
  chainKey: ChainKey,
  ecdhPublic: EcdhPublic,
  messageId: number,
  storedAt: number,
): SkippedKey {
  return {
    ecdh: ecdhPublic,
    messageId,
    messageKey: deriveMessageKey(chainKey),
    extraKey: deriveExtraKey(chainKey),
    storedAt,
  };
}
