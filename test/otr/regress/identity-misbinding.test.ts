// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv1, by Di Raimondo, Gennaro and Krawczyk (2005): one side believes it talks with somebody else.
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';

import { keeperOf, liveParty } from '../../support/forgers.ts';
import { renewedIdentityOf, Clock, clockedEnv, TwoParties } from '../../support/two-parties.ts';

const [bob, alice, eve] = [keeperOf('bob'), keeperOf('alice'), keeperOf('eve')];

describe('identity misbinding', () => {
  const addresses: readonly (readonly [string, string, string])[] = [
    ['another person', alice.jid, eve.jid],
    ['another server', alice.jid, 'alice@xmpp.example.'],
    ['another spelling', alice.jid, 'Alice@xmpp.example'],
  ];
  for (const [what, ours, theirs] of addresses) {
    it(`sec:T-O-PHI-1 ends in no session when the address is that of ${what}`, () => {
      const clock = new Clock();
      const seen = { ...alice, jid: theirs };
      const initiator = liveParty(bob, bob.longTermKey, seen, clockedEnv('bob', clock));
      const self = { ...alice, jid: ours };
      const responder = liveParty(self, alice.longTermKey, bob, clockedEnv('alice', clock));
      initiator.do({ tag: 'start' });
      for (const body of initiator.takeOutbox()) responder.receive(body);
      for (const body of responder.takeOutbox()) initiator.receive(body);
      expect(initiator.heard('established')).toEqual([]);
      expect(initiator.outbox).toEqual([]);
    });
  }

  const changes: readonly (readonly [string, (identity: Uint8Array) => Uint8Array])[] = [
    [
      'the first ECDH key',
      (bytes) => {
        const message = decodeIdentity(bytes);
        return encodeIdentity({ ...message, firstEcdhPublic: alice.profile.publicKey });
      },
    ],
    [
      'the first DH key',
      (bytes) => encodeIdentity({ ...decodeIdentity(bytes), firstDhPublic: 4n }),
    ],
    [
      'the profile, for another of the same person',
      (bytes) =>
        encodeIdentity({ ...decodeIdentity(bytes), profile: renewedIdentityOf('bob').profile }),
    ],
  ];
  for (const [what, change] of changes) {
    it(`sec:T-O-PHI-1 ends in no session when somebody between exchanged ${what}`, () => {
      const { alice: responder, bob: initiator } = new TwoParties({ seed: what });
      initiator.do({ tag: 'start' });
      const [identity = ''] = initiator.takeOutbox();
      responder.receive(formatArmor(change(parseArmor(identity))));
      const [authR = ''] = responder.takeOutbox();
      expect(encodeAuthR(decodeAuthR(parseArmor(authR)))).toHaveLength(parseArmor(authR).length);
      initiator.receive(authR);
      expect(initiator.heard('established')).toEqual([]);
    });
  }
});
