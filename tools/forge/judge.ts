// SPDX-License-Identifier: GPL-3.0-or-later

import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { type AuthRMessage, decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity, encodeIdentity, type IdentityMessage } from '#otr/codec/identity.ts';
import { type Exhibit, type Message, toMessages } from './exhibits.ts';
import { data, hash, int, isRingSigned, isSame, isSelfSigned, mpi } from './judge-crypto.ts';
import { judgeMessages, type Party } from './judge-messages.ts';
import { judgeOffline } from './judge-offline.ts';
import type { Verdict } from './verdict.ts';

/**
 * Verifies a whole conversation, in the order in which it was had, with public data alone: every
 * signature, every number and length, every revealed key against the message it belongs to.
 */
export function judge(exhibits: readonly Exhibit[]): Verdict {
  const offer = exhibits.find(({ body }) => !body.startsWith('?OTR'));
  if (offer !== undefined) return judgeOffline(offer, toMessages(exhibits));
  const [first, second, third, ...rest] = toMessages(exhibits);
  if (first?.kind !== 'identity' || second?.kind !== 'auth-r' || third?.kind !== 'auth-i') {
    const findings = ['It does not begin with an Identity, an Auth-R and an Auth-I message.'];
    return { findings, signatures: 0, authenticated: 0, shape: [] };
  }
  const exchange = { first, second, third };
  const opening = judgeExchange(exchange);
  const messages = judgeMessages(rest, partiesOf(exchange));
  return {
    findings: [...opening.findings, ...messages.findings],
    signatures: opening.signatures,
    authenticated: messages.authenticated,
    shape: ['initiator identity', 'responder auth-r', 'initiator auth-i', ...messages.shape],
  };
}

interface Exchange {
  readonly first: Message;
  readonly second: Message;
  readonly third: Message;
}

function partiesOf({ first, second }: Exchange) {
  const toParty = ({ from }: Message, message: IdentityMessage | AuthRMessage): Party => ({
    from,
    tag: message.senderTag,
    firstEcdh: message.firstEcdhPublic,
    firstDh: message.firstDhPublic,
  });
  return {
    initiator: toParty(first, decodeIdentity(first.bytes)),
    responder: toParty(second, decodeAuthR(second.bytes)),
  };
}

function judgeExchange(exchange: Exchange) {
  const { first, second, third } = exchange;
  const identity = decodeIdentity(first.bytes);
  const authR = decodeAuthR(second.bytes);
  const authI = decodeAuthI(third.bytes);
  const [bob, alice] = [identity.profile, authR.profile];
  const signatures: readonly (readonly [string, boolean])[] = [
    ["The initiator's profile is not signed by its key.", isSelfSigned(bob)],
    ["The responder's profile is not signed by its key.", isSelfSigned(alice)],
    [
      'The ring signature of the Auth-R message does not verify.',
      isRingSigned(
        [bob.forgingKey, alice.publicKey, identity.ecdhPublic],
        transcript('auth-r', exchange),
        authR.sigma,
      ),
    ],
    [
      'The ring signature of the Auth-I message does not verify.',
      isRingSigned(
        [bob.publicKey, alice.forgingKey, authR.ecdhPublic],
        transcript('auth-i', exchange),
        authI.sigma,
      ),
    ],
  ];
  const form: readonly (readonly [string, boolean])[] = [
    ['The Identity message has another spelling.', isSame(first.bytes, encodeIdentity(identity))],
    ['The Auth-R message has another spelling.', isSame(second.bytes, encodeAuthR(authR))],
    ['The Auth-I message has another spelling.', isSame(third.bytes, encodeAuthI(authI))],
    ['The initiator did not send both its messages.', first.from === third.from],
    ['Both are one person.', first.from !== second.from],
    ['A profile is of another device.', bob.ownerTag === identity.senderTag],
    ['A profile is of another device.', alice.ownerTag === authR.senderTag],
    ['The Auth-R message is for another device.', authR.receiverTag === identity.senderTag],
    ['The Auth-I message is of another device.', authI.senderTag === identity.senderTag],
    ['The Auth-I message is for another device.', authI.receiverTag === authR.senderTag],
  ];
  return {
    findings: [...signatures, ...form].flatMap(([finding, holds]) => (holds ? [] : [finding])),
    signatures: signatures.filter(([, holds]) => holds).length,
  };
}

const USAGES = {
  'auth-r': { prefix: 0x00, bob: 0x05, alice: 0x06, phi: 0x07 },
  'auth-i': { prefix: 0x01, bob: 0x08, alice: 0x09, phi: 0x0a },
} as const;

/** `t`, and phi inside it, from what is in the messages and who sent them. */
function transcript(of: 'auth-r' | 'auth-i', { first, second }: Exchange): Uint8Array {
  const bob = decodeIdentity(first.bytes);
  const alice = decodeAuthR(second.bytes);
  const [sender, receiver] = of === 'auth-r' ? [alice, bob] : [bob, alice];
  const phi = Buffer.concat([
    ...[bob.senderTag, alice.senderTag].toSorted((left, right) => left - right).map(int),
    sender.firstEcdhPublic,
    mpi(sender.firstDhPublic),
    receiver.firstEcdhPublic,
    mpi(receiver.firstDhPublic),
    ...[first.from, second.from]
      .map((address) => Buffer.from(address))
      .toSorted((left, right) => Buffer.compare(left, right))
      .map(data),
  ]);
  const usage = USAGES[of];
  return Buffer.concat([
    Buffer.of(usage.prefix),
    hash(usage.bob, [bob.profile.raw], 64),
    hash(usage.alice, [alice.profile.raw], 64),
    bob.ecdhPublic,
    alice.ecdhPublic,
    mpi(bob.dhPublic),
    mpi(alice.dhPublic),
    hash(usage.phi, [phi], 64),
  ]);
}
