// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { Secret } from '#otr/crypto/secret.ts';
import {
  findRevealedMacKey,
  forgeDataMessage,
  isMacKeyOf,
  modifyDataMessage,
  readDataMessage,
  remacMessage,
  showMacKey,
} from '#otr/forging/data-message.ts';
import { LIMITS } from '#otr/limits.ts';
import { deriveMessageKey, nextChainKey } from '#otr/ratchet/chain.ts';
import type { ChainKey } from '#otr/ratchet/chain.ts';
import { seal } from '#otr/session/data-message.ts';

import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { ratchetPair, tampered } from '../../support/ratchet-pair.ts';
import { reveal } from '../../support/reveal.ts';
import { seededEnv } from '../../support/seeded-env.ts';

/** Alice writes three messages, and Bob's answer reveals the MAC keys of those he read. */
function conversation() {
  const { alice, bob } = ratchetPair();
  const chainKey = alice.ratchet.sending?.copy();
  if (chainKey === undefined) throw new RangeError('Alice cannot send');
  const sent = ['hi Bob', 'are you there?', 'hello?'].map((text) => alice.say(text));
  const [first, second, third] = sent;
  if (first === undefined || second === undefined || third === undefined) throw new RangeError();
  bob.hear(first);
  bob.hear(second);
  const answer = bob.say('yes');
  return { alice, bob, chainKey, first, second, third, answer };
}

function readBy(chainKey: ChainKey, bytes: Uint8Array): string {
  return readDataMessage(bytes, chainKey)?.text ?? '(not of this chain)';
}

function theirs(macKey: Secret<64> | undefined): Secret<64> {
  if (macKey === undefined) throw new RangeError('no such key');
  return macKey;
}

describe('a revealed MAC key', () => {
  it('otr:T-111 makes the authenticator of the message it belongs to, and of no other', () => {
    const { first, second, third, answer } = conversation();
    const macKey = theirs(findRevealedMacKey(first, answer));
    expect(remacMessage(first, macKey)).toEqual(first);
    expect(isMacKeyOf(macKey, first)).toBe(true);
    expect(isMacKeyOf(macKey, second)).toBe(false);
    expect(reveal(findRevealedMacKey(second, answer))).not.toBe(reveal(macKey));
    // Bob has not read the third: its key is not in the open.
    expect(findRevealedMacKey(third, answer)).toBeUndefined();
    expect(findRevealedMacKey(first, third)).toBeUndefined();
  });

  it('otr:T-111 lets anybody put other words into the message', () => {
    const { bob, chainKey, first, answer } = conversation();
    const macKey = theirs(findRevealedMacKey(first, answer));
    const change = { offset: 3, oldText: 'Bob', newText: 'Eve' };
    const modified = modifyDataMessage(first, change, macKey);
    expect(modified).not.toEqual(first);
    expect(isMacKeyOf(macKey, modified)).toBe(true);
    expect(readBy(chainKey, modified)).toBe('hi Eve');
    // A wrong guess is as genuine.
    const wrong = modifyDataMessage(first, { ...change, oldText: 'Jim' }, macKey);
    expect(isMacKeyOf(macKey, wrong)).toBe(true);
    expect(readBy(chainKey, wrong)).not.toBe('hi Eve');
    // Its reader, who is in the conversation, is not taken in.
    expect(bob.hear(modified)).toBe('(used)');
  });

  it('keeps everything of the message but its words', () => {
    const { first, answer } = conversation();
    const macKey = theirs(findRevealedMacKey(first, answer));
    const change = { offset: 0, oldText: 'hi', newText: 'yo' };
    const before = decodeDataMessage(first).message;
    const after = decodeDataMessage(modifyDataMessage(first, change, macKey)).message;
    const { ciphertext, authenticator } = after;
    expect({
      ...after,
      ciphertext: before.ciphertext,
      authenticator: before.authenticator,
    }).toEqual(before);
    expect(ciphertext).not.toEqual(before.ciphertext);
    expect(authenticator).not.toEqual(before.authenticator);
    expect(modifyDataMessage(first, { ...change, newText: 'hi' }, macKey)).toEqual(first);
  });

  it('keeps the keys that the message itself reveals, and leaves the message as it was', () => {
    const { alice, answer } = conversation();
    alice.hear(answer);
    const reply = alice.say('bye then');
    const kept = answer.slice();
    const revealed = decodeDataMessage(answer).message.revealedMacKeys;
    expect(revealed).toHaveLength(128);
    const macKey = theirs(findRevealedMacKey(answer, reply));
    const modified = modifyDataMessage(
      answer,
      { offset: 0, oldText: 'yes', newText: 'no!' },
      macKey,
    );
    expect(decodeDataMessage(modified).message.revealedMacKeys).toEqual(revealed);
    expect(answer).toEqual(kept);
  });

  it('changes what is there, in the same number of bytes, or nothing', () => {
    const { first, answer } = conversation();
    const macKey = theirs(findRevealedMacKey(first, answer));
    const tried = (offset: number, oldText: string, newText: string) => () =>
      modifyDataMessage(first, { offset, oldText, newText }, macKey);
    expect(tried(0, 'hi', 'hey')).toThrow('different length');
    expect(tried(0, 'é', 'e')).toThrow('different length');
    expect(tried(5, 'bb', 'cc')).toThrow('beyond the end');
    expect(tried(-1, 'b', 'c')).toThrow('offset');
    expect(tried(0.5, 'b', 'c')).toThrow('offset');
    expect(tried(5, 'b', 'c')).not.toThrow();
  });
});

describe('a chain key', () => {
  it('reads the message it is for, and those after it', () => {
    const { chainKey, first, second, third, answer } = conversation();
    expect(readBy(chainKey, first)).toBe('hi Bob');
    expect(readBy(chainKey, second)).toBe('are you there?');
    expect(readBy(chainKey, third)).toBe('hello?');
    expect(readBy(chainKey, answer)).toBe('(not of this chain)');
    expect(chainKey.wiped).toBe(false);
  });

  it('reads none before it', () => {
    const { alice, first, third } = conversation();
    const later = alice.ratchet.sending?.copy();
    if (later === undefined) throw new RangeError();
    expect(readBy(later, first)).toBe('(not of this chain)');
    expect(readBy(later, third)).toBe('(not of this chain)');
    expect(readBy(later, alice.say('a fourth'))).toBe('a fourth');
  });

  it('puts another text into a message, of any length, that its reader takes for genuine', () => {
    const { bob, chainKey, third } = conversation();
    const forged = forgeDataMessage(third, chainKey, 'a much longer thing than was ever said');
    if (forged === undefined) throw new RangeError();
    expect(bob.hear(forged)).toBe('a much longer thing than was ever said');
    expect(bob.hear(third)).toBe('(used)');
  });

  it('forges nothing in another chain', () => {
    const { chainKey, answer } = conversation();
    expect(forgeDataMessage(answer, chainKey, 'no')).toBeUndefined();
  });

  it('keeps the padding and what stands beside the text', () => {
    const { alice } = ratchetPair();
    const chainKey = alice.ratchet.sending?.copy();
    if (chainKey === undefined) throw new RangeError();
    const tlvs = [{ type: 99, value: Uint8Array.of(1, 2, 3) }];
    const route = { senderTag: KNOWN_TAGS.alice, receiverTag: KNOWN_TAGS.bob };
    const content = { text: 'short', tlvs, ignoreUnreadable: false, padTo: 256 };
    const { bytes } = seal(alice.ratchet, { ...content, ...route }, seededEnv('padded'));
    const forged = forgeDataMessage(bytes, chainKey, 'other words');
    if (forged === undefined) throw new RangeError();
    expect(forged).toHaveLength(bytes.length);
    expect(readDataMessage(forged, chainKey)).toEqual({ text: 'other words', tlvs });
  });

  it('pads nothing that was not padded', () => {
    const { chainKey, first } = conversation();
    expect(forgeDataMessage(first, chainKey, 'hi Eve')).toHaveLength(first.length);
  });

  it('sec:L is followed as far as the number of a message says, and no further than the limit', () => {
    const { chainKey, first } = conversation();
    const isReadWith = (steps: number, messageId: number): boolean => {
      let at = chainKey;
      for (let step = 0; step < steps; step += 1) at = nextChainKey(at);
      const macKey = showMacKey(deriveMessageKey(at));
      const message = remacMessage(tampered(first, { messageId }), macKey);
      return readDataMessage(message, chainKey) !== undefined;
    };
    expect([isReadWith(2, 2), isReadWith(2, 1)]).toEqual([true, false]);
    const { skipPerRatchet } = LIMITS;
    const far = 3 * skipPerRatchet;
    expect(isReadWith(skipPerRatchet, far)).toBe(true);
    expect(isReadWith(skipPerRatchet + 1, far)).toBe(false);
  });
});

describe('a message key', () => {
  it('shows its MAC key', () => {
    const { chainKey, first } = conversation();
    const messageKey = deriveMessageKey(chainKey);
    expect(isMacKeyOf(showMacKey(messageKey), first)).toBe(true);
    expect(isMacKeyOf(Secret.own(new Uint8Array(64), 64), first)).toBe(false);
  });
});

describe('secrets of who forges', () => {
  const made = watchMadeSecrets();

  it('sec:T-K-ZERO-1 are wiped, but for what was lent or is handed out', () => {
    const { chainKey, third, second, answer } = conversation();
    const since = made.length;
    const left = () => made.slice(since).filter((secret) => !secret.wiped);
    readDataMessage(third, chainKey);
    forgeDataMessage(third, chainKey, 'other');
    expect(readDataMessage(answer, chainKey)).toBeUndefined();
    expect(left()).toEqual([]);
    expect(chainKey.wiped).toBe(false);
    const found = findRevealedMacKey(second, answer);
    expect(left()).toEqual([found]);
    expect(made.length).toBeGreaterThan(since + 10);
  });
});
