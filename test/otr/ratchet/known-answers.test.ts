// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';

import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { type decodePlaintext } from '#otr/codec/tlv.ts';
import { deriveMacKey } from '#otr/ratchet/chain.ts';
import { startAsInitiator, startAsResponder } from '#otr/ratchet/ratchet.ts';
import type { Ratchet } from '#otr/ratchet/ratchet.ts';
import { prepareSend } from '#otr/ratchet/send.ts';
import { deriveFirstRootKey } from '#otr/ratchet/root-key.ts';
import { open, seal } from '#otr/session/data-message.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { establishedBy, knownExchange } from '../../support/known-session.ts';
import { digest, labelledEnv } from '../../support/labelled-random.ts';
import { reveal } from '../../support/reveal.ts';
import known from '../../vectors/appendix-a/ratchet.json' with { type: 'json' };

const exchange = knownExchange();

/** Both ratchets right after the key exchange. Every call makes fresh ones. */
function start(): { bob: Ratchet; alice: Ratchet } {
  const bob = establishedBy(exchange.bobConfirms);
  const alice = establishedBy(exchange.aliceAccepts);
  return {
    bob: startAsInitiator(bob.mixed, bob.firstKeys),
    alice: startAsResponder(alice.mixed, alice.firstKeys),
  };
}

function send(
  ratchet: Ratchet,
  from: 'alice' | 'bob',
  content: { readonly text: string; readonly tlvs?: ReturnType<typeof decodePlaintext>['tlvs'] },
  ...labels: readonly string[]
) {
  const to = from === 'alice' ? 'bob' : 'alice';
  const route = { senderTag: KNOWN_TAGS[from], receiverTag: KNOWN_TAGS[to] };
  const flags = { ignoreUnreadable: false, padTo: 0 };
  const outgoing = { text: content.text, tlvs: content.tlvs ?? [], ...route, ...flags };
  return seal(ratchet, outgoing, labelledEnv(...labels));
}

function read(ratchet: Ratchet, bytes: Uint8Array) {
  const opening = open(ratchet, decodeDataMessage(bytes), RATCHET_LIMITS, labelledEnv());
  if (opening.tag !== 'opened') throw new RangeError(opening.why);
  return opening;
}

/** The whole conversation of the known answers, and two more turns up to ratchet 3. */
function converse() {
  const { bob, alice } = start();
  const bobSays = send(bob, 'bob', { text: 'hello' }, 'bob/ecdh1', 'bob/dh1');
  const padding = { type: 0, value: new Uint8Array(2) };
  const aliceSays = send(alice, 'alice', { text: 'hi', tlvs: [padding] });
  const aliceReads = read(aliceSays.next, bobSays.bytes);
  const bobReads = read(bobSays.next, aliceSays.bytes);
  const aliceReplies = send(aliceReads.next, 'alice', { text: 'reply' }, 'alice/ecdh1');
  const bobReadsReply = read(bobReads.next, aliceReplies.bytes);
  const bobTurns = send(bobReadsReply.next, 'bob', { text: 'turn' }, 'bob/ecdh2');
  const aliceReadsTurn = read(aliceReplies.next, bobTurns.bytes);
  return {
    bob,
    alice,
    bobSays,
    aliceSays,
    aliceReads,
    bobReads,
    aliceReplies,
    bobTurns,
    aliceReadsTurn,
  };
}

const talk = converse();

function describeMessage(bytes: Uint8Array) {
  return { length: bytes.length, digest: digest(bytes) };
}

function authenticatorOf(bytes: Uint8Array): string {
  return bytesToHex(decodeDataMessage(bytes).message.authenticator);
}

describe('the ratchet of the known answers', () => {
  it('otr:T-100 starts from the known root and chain keys', () => {
    const { mixed } = establishedBy(exchange.bobConfirms);
    expect(reveal(deriveFirstRootKey(mixed))).toBe(known['first root']);
    for (const ratchet of [talk.bob, talk.alice]) {
      expect(reveal(ratchet.rootKey)).toBe(known['root after Alice chain 0']);
    }
    expect(reveal(talk.alice.sending)).toBe(known['Alice chain_key[0] (ratchet 0)']);
    expect(reveal(talk.bob.receiving)).toBe(known['Alice chain_key[0] (ratchet 0)']);
  });

  it('otr:T-100 makes the known keys for the first message', () => {
    const { bob } = start();
    const sending = prepareSend(bob, labelledEnv('bob/ecdh1', 'bob/dh1'));
    expect(reveal(sending.next.rootKey)).toBe(known['root after Bob chain 0']);
    expect(reveal(sending.messageKey)).toBe(known.MKenc);
    expect(reveal(deriveMacKey(sending.messageKey))).toBe(known.MKmac);
    expect(reveal(sending.extraKey())).toBe(known.ESK);
    expect(reveal(sending.next.sending)).toBe(known['Bob chain_key[1]']);
    const used = sending.retired[0];
    expect(reveal(used)).toBe(known['Bob chain_key[0] (ratchet 0)']);
  });

  it('otr:T-100 sends the known messages', () => {
    const { bobSays, aliceSays, aliceReplies } = talk;
    const ciphertext = (bytes: Uint8Array) =>
      bytesToHex(decodeDataMessage(bytes).message.ciphertext);
    expect(ciphertext(bobSays.bytes)).toBe(known['Bob msg0 ct']);
    expect(authenticatorOf(bobSays.bytes)).toBe(known['Bob msg0 authenticator']);
    expect(describeMessage(bobSays.bytes)).toEqual(known['Bob msg0']);
    expect(ciphertext(aliceSays.bytes)).toBe(known['Alice msg0 ct']);
    expect(authenticatorOf(aliceSays.bytes)).toBe(known['Alice msg0 authenticator']);
    expect(describeMessage(aliceSays.bytes)).toEqual(known['Alice msg0']);
    expect(authenticatorOf(aliceReplies.bytes)).toBe(known['Alice r1 msg0 authenticator']);
    expect(describeMessage(aliceReplies.bytes)).toEqual(known['Alice r1 msg0']);
  });

  it('otr:T-100 turns to the known root, chain and brace keys of ratchets 1 to 3', () => {
    const { aliceReads, aliceReadsTurn } = talk;
    const r1 = prepareSend(aliceReads.next, labelledEnv('alice/ecdh1'));
    expect(reveal(r1.next.braceKey)).toBe(known['brace ratchet 1']);
    expect(reveal(r1.next.rootKey)).toBe(known['root ratchet 1']);
    expect(reveal(r1.retired[0])).toBe(known['Alice chain_key[0] (ratchet 1)']);
    const r2 = aliceReadsTurn.retired.map(reveal);
    expect(r2).toContain(known['Bob chain_key[0] (ratchet 2)']);
    const r3 = prepareSend(aliceReadsTurn.next, labelledEnv('alice/ecdh3', 'alice/dh3'));
    expect(reveal(r3.next.braceKey)).toBe(known['brace ratchet 3 (DH)']);
    expect(reveal(r3.retired[0])).toBe(known['Alice chain_key[0] (ratchet 3)']);
  });

  it('otr:T-110 reveals the key of the message that was read, and no other', () => {
    const { message } = decodeDataMessage(talk.aliceReplies.bytes);
    expect(bytesToHex(message.revealedMacKeys)).toBe(known.MKmac);
    expect(message).toMatchObject({ ratchetId: 1, messageId: 0, previousChainLength: 1 });
  });
});
