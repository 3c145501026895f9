// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { falsePrekeyEnsemble } from '#otr/forging/ensemble.ts';
import { parseMessage } from '#otr/forging/parse.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';

import { keeperOf, liveParty } from '../../support/forgers.ts';
import { Clock, clockedEnv } from '../../support/two-parties.ts';

const [bob, alice, eve] = [keeperOf('bob'), keeperOf('alice'), keeperOf('eve')];

/** What a server would hand out, checked as whoever retrieves it does. */
function retrieved({ ensemble }: ReturnType<typeof falsePrekeyEnsemble>, clock: Clock) {
  const { clientProfile, prekeyProfile, prekeyMessage } = ensemble;
  const parts = {
    clientProfile: decodeClientProfile(clientProfile.raw),
    prekeyProfile: decodePrekeyProfile(prekeyProfile.raw),
    prekeyMessage: decodePrekeyMessage(prekeyMessage.raw),
  };
  return validateEnsemble(parts, clock.nowMs);
}

describe('a false prekey ensemble', () => {
  it('leads whoever writes to Bob to the one who made it, and cannot be told apart', () => {
    const clock = new Clock();
    const made = falsePrekeyEnsemble(bob.profile, bob.longTermKey, clockedEnv('false', clock));
    const device = liveParty(alice, alice.longTermKey, bob, clockedEnv('device', clock));
    const elsewhere = liveParty(bob, bob.longTermKey, alice, clockedEnv('elsewhere', clock));
    device.do({ tag: 'start-offline', ensemble: retrieved(made, clock) });
    device.send('are you there?');
    const [auth = '', text = ''] = device.takeOutbox();
    const { kind, fields } = parseMessage(auth);
    expect(kind).toBe('non-interactive-auth');
    expect(fields.map(({ name }) => name)).toEqual([
      'message type',
      "sender's instance tag",
      "receiver's instance tag",
      'Client Profile',
      'X',
      'A',
      'sigma',
      'prekey message identifier',
      'Auth MAC',
      'first ECDH public key',
      'first DH public key',
    ]);
    elsewhere.do({ tag: 'receive', body: auth, accepted: true, prekey: made.prekeys });
    elsewhere.receive(text);
    expect(elsewhere.read()).toEqual(['are you there?']);
    elsewhere.send('of course');
    for (const body of elsewhere.takeOutbox()) device.receive(body);
    expect(device.read()).toEqual(['of course']);
    expect(device.heard('established')).toMatchObject([
      { theirFingerprint: bob.profile.fingerprint },
    ]);
  });

  it('is taken for none when it was made with another key', () => {
    const clock = new Clock();
    const made = falsePrekeyEnsemble(bob.profile, eve.longTermKey, clockedEnv('wrong', clock));
    expect(() => retrieved(made, clock)).toThrow('bad-signature at prekey-profile.signature');
  });
});
