// SPDX-License-Identifier: GPL-3.0-or-later

import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
  type NonInteractiveAuthMessage,
} from '#otr/codec/non-interactive-auth.ts';
import { encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import type { Ensemble } from '#otr/profile/ensemble.ts';
import { type Exhibit, type Message, toEnsemble } from './exhibits.ts';
import {
  data,
  hash,
  int,
  isRingSigned,
  isSame,
  isSelfSigned,
  isSigned,
  mpi,
} from './judge-crypto.ts';
import { judgeMessages, NON_INTERACTIVE, type Party } from './judge-messages.ts';
import type { Verdict } from './verdict.ts';

/**
 * As `judge`, for a conversation that began while one of the two was away. What that one published
 * stands first. The Auth MAC is no matter for a judge: only who has a secret of either can check it,
 * and whoever has one of those can also make it.
 */
export function judgeOffline(offer: Exhibit, messages: readonly Message[]): Verdict {
  const [first, ...rest] = messages;
  if (first?.kind !== 'non-interactive-auth') {
    const findings = ['What was published is not followed by a Non-Interactive-Auth message.'];
    return { findings, signatures: 0, authenticated: 0, shape: [] };
  }
  const exchange = {
    bob: offer.from,
    alice: first.from,
    ensemble: toEnsemble(offer.body),
    auth: decodeNonInteractiveAuth(first.bytes),
  };
  const opening = judgeExchange(exchange, first.bytes);
  const said = judgeMessages(rest, partiesOf(exchange), NON_INTERACTIVE);
  return {
    findings: [...opening.findings, ...said.findings],
    signatures: opening.signatures,
    authenticated: said.authenticated,
    shape: ['responder ensemble', 'initiator non-interactive-auth', ...said.shape],
  };
}

/** Bob published, Alice wrote; both by their addresses. */
interface Exchange {
  readonly bob: string;
  readonly alice: string;
  readonly ensemble: Ensemble;
  readonly auth: NonInteractiveAuthMessage;
}

function partiesOf({ bob, alice, ensemble, auth }: Exchange) {
  const initiator: Party = {
    from: alice,
    tag: auth.senderTag,
    firstEcdh: auth.firstEcdhPublic,
    firstDh: auth.firstDhPublic,
  };
  const { ecdhPublic, dhPublic } = ensemble.prekeyMessage;
  const responder: Party = {
    from: bob,
    tag: ensemble.clientProfile.ownerTag,
    firstEcdh: ecdhPublic,
    firstDh: dhPublic,
  };
  return { initiator, responder };
}

function judgeExchange(exchange: Exchange, bytes: Uint8Array) {
  const { ensemble, auth } = exchange;
  const { clientProfile, prekeyProfile, prekeyMessage } = ensemble;
  const ring = [clientProfile.forgingKey, auth.profile.publicKey, prekeyMessage.ecdhPublic];
  const signatures: readonly (readonly [string, boolean])[] = [
    ["The responder's profile is not signed by its key.", isSelfSigned(clientProfile)],
    [
      "The Prekey Profile is not signed by the responder's key.",
      isSigned(clientProfile.publicKey, prekeyProfile.signed, prekeyProfile.signature),
    ],
    ["The initiator's profile is not signed by its key.", isSelfSigned(auth.profile)],
    [
      'The ring signature of the Non-Interactive-Auth message does not verify.',
      isRingSigned(ring, transcript(exchange), auth.sigma),
    ],
  ];
  const tag = clientProfile.ownerTag;
  const form: readonly (readonly [string, boolean])[] = [
    [
      'The Prekey message has another spelling.',
      isSame(prekeyMessage.raw, encodePrekeyMessage(prekeyMessage)),
    ],
    [
      'The Non-Interactive-Auth message has another spelling.',
      isSame(bytes, encodeNonInteractiveAuth(auth)),
    ],
    ['Both are one person.', exchange.bob !== exchange.alice],
    ['The Prekey Profile is of another device.', prekeyProfile.ownerTag === tag],
    ['The Prekey message is of another device.', prekeyMessage.ownerTag === tag],
    ['A profile is of another device.', auth.profile.ownerTag === auth.senderTag],
    ['The Non-Interactive-Auth message is for another device.', auth.receiverTag === tag],
    [
      'The Non-Interactive-Auth message names another Prekey message.',
      auth.prekeyId === prekeyMessage.id,
    ],
  ];
  return {
    findings: [...signatures, ...form].flatMap(([finding, holds]) => (holds ? [] : [finding])),
    signatures: signatures.filter(([, holds]) => holds).length,
  };
}

/** `t`, and phi inside it, which has the keys of Alice's first ratchet alone. */
function transcript({ bob, alice, ensemble, auth }: Exchange): Uint8Array {
  const { clientProfile, prekeyProfile, prekeyMessage } = ensemble;
  const phi = Buffer.concat([
    ...[auth.senderTag, auth.receiverTag].toSorted((left, right) => left - right).map(int),
    auth.firstEcdhPublic,
    mpi(auth.firstDhPublic),
    ...[bob, alice]
      .map((address) => Buffer.from(address))
      .toSorted((left, right) => Buffer.compare(left, right))
      .map(data),
  ]);
  return Buffer.concat([
    hash(0x0e, [clientProfile.raw], 64),
    hash(0x0f, [auth.profile.raw], 64),
    prekeyMessage.ecdhPublic,
    auth.ecdhPublic,
    mpi(prekeyMessage.dhPublic),
    mpi(auth.dhPublic),
    prekeyProfile.sharedPrekey,
    hash(0x10, [phi], 64),
  ]);
}
