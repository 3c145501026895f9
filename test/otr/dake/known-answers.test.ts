// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';

import { decodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { dhShared } from '#otr/crypto/dh3072.ts';
import { ecdh } from '#otr/crypto/ed448.ts';
import { toOfferSide, toPublics, toSide, toTranscript } from '#otr/dake/sides.ts';
import { authITranscript, authRTranscript, toSignedMessage } from '#otr/dake/transcript.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { agreeBraceKey } from '#otr/ratchet/brace-key.ts';

import { establishedBy, knownContext, knownExchange, sentBy } from '../../support/known-session.ts';
import { digest, KNOWN_NOW_MS, labelledEnv } from '../../support/labelled-random.ts';
import { reveal } from '../../support/reveal.ts';
import known from '../../vectors/appendix-a/interactive-dake.json' with { type: 'json' };

const exchange = knownExchange();
const identity = sentBy(exchange.bobStarts);
const authR = sentBy(exchange.aliceAnswers);
const authI = sentBy(exchange.bobConfirms);

function describeMessage(bytes: Uint8Array) {
  return { length: bytes.length, digest: digest(bytes) };
}

/** Both transcripts as Bob sees them. */
function transcripts(dialect: 'spec' | 'otr4j') {
  const { bobStarts, aliceAnswers } = knownExchange(dialect);
  if (bobStarts.next.tag !== 'waiting-auth-r') throw new RangeError('state');
  const context = knownContext('bob', dialect);
  const bob = toSide(context.own, toPublics(bobStarts.next.ours));
  const env = labelledEnv();
  const alice = toOfferSide(validateOffer(decodeAuthR(sentBy(aliceAnswers)), env));
  const byAlice = toTranscript(bob, alice, 'alice', context);
  const byBob = toTranscript(bob, alice, 'bob', context);
  return { byAlice, byBob, r: authRTranscript(byAlice), i: authITranscript(byBob) };
}

describe('the interactive key exchange of the known answers', () => {
  it('otr:T-050 sends the known Identity, Auth-R and Auth-I messages', () => {
    const sent = decodeIdentity(identity);
    expect(bytesToHex(sent.ecdhPublic)).toBe(known.Y);
    expect(digest(encodeMpi(sent.dhPublic))).toBe(known['MPI(B)'].digest);
    expect(describeMessage(identity)).toEqual(known.Identity);
    const answer = decodeAuthR(authR);
    expect(bytesToHex(answer.ecdhPublic)).toBe(known.X);
    expect(digest(encodeMpi(answer.dhPublic))).toBe(known['MPI(A)'].digest);
    expect(describeMessage(authR)).toEqual(known['Auth-R']);
    expect(describeMessage(authI)).toEqual(known['Auth-I']);
  });

  it('otr:T-050 agrees on the known K and SSID on both sides', () => {
    for (const step of [exchange.bobConfirms, exchange.aliceAccepts]) {
      const { mixed, ssid } = establishedBy(step);
      expect(reveal(mixed)).toBe(known['DAKE.K']);
      expect(reveal(ssid)).toBe(known.SSID);
    }
  });

  it('otr:T-050 derives K from the known ECDH secret and brace key', () => {
    const { next } = exchange.bobStarts;
    if (next.tag !== 'waiting-auth-r') throw new RangeError('state');
    const theirs = validateOffer(decodeAuthR(authR), labelledEnv());
    expect(reveal(ecdh(next.ours.ecdh.secret, theirs.ecdhPublic))).toBe(known['DAKE.K_ecdh']);
    expect(dhShared(next.ours.dh.secret, theirs.dhPublic).length).toBe(384);
    expect(reveal(agreeBraceKey(next.ours.dh.secret, theirs.dhPublic))).toBe(known['DAKE.brace']);
  });

  it('otr:T-050 signs the known transcripts over the known phi', () => {
    const { byAlice, byBob, r, i } = transcripts('spec');
    expect(digest(byAlice.phi)).toBe(known['phi(Auth-R)'].digest);
    expect(digest(byBob.phi)).toBe(known['phi(Auth-I)'].digest);
    expect(describeMessage(r)).toEqual(known['t(Auth-R)']);
    expect(describeMessage(i)).toEqual(known['t(Auth-I)']);
    expect(toSignedMessage(r, 'spec')).toBe(r);
  });

  it('otr:T-072 makes the known ring signatures', () => {
    const { sigma } = decodeAuthR(authR);
    expect(digest(sigma)).toBe(known['sigma(Auth-R,raw)'].digest);
    expect(bytesToHex(sigma.slice(2 * 57, 3 * 57))).toBe(known['sigma(Auth-R,raw).c2']);
    expect(bytesToHex(sigma.slice(3 * 57, 4 * 57))).toBe(known['sigma(Auth-R,raw).r2']);
    expect(digest(decodeAuthI(authI).sigma)).toBe(known['sigma(Auth-I,raw)'].digest);
  });

  it('otr:T-050 speaks the dialect of otr4j when asked to', () => {
    const { r, i } = transcripts('otr4j');
    expect(digest(r)).toBe(known['compat t(Auth-R)'].digest);
    expect(digest(i)).toBe(known['compat t(Auth-I)'].digest);
    const other = knownExchange('otr4j');
    expect(digest(decodeAuthR(sentBy(other.aliceAnswers)).sigma)).toBe(
      known['compat sigma(Auth-R)'].digest,
    );
    expect(digest(decodeAuthI(sentBy(other.bobConfirms)).sigma)).toBe(
      known['compat sigma(Auth-I)'].digest,
    );
  });

  it('reads the date of the known profiles', () => {
    const { expiresAt } = establishedBy(exchange.bobConfirms).theirs.profile;
    expect(expiresAt - KNOWN_NOW_MS).toBe(86_400_000);
  });
});
