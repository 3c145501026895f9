// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import { step } from '#otr/session/session.ts';

import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { identityOf, secretsIn, TwoParties } from '../../support/two-parties.ts';

const HOUR_MS = 3_600_000;
const made = watchMadeSecrets();

/** Secrets that were made and are neither wiped nor held by a session. */
function strays(parties: TwoParties): readonly Secret[] {
  const held = secretsIn([parties.alice.state, parties.bob.state]);
  return made.filter((secret) => !secret.wiped && !held.has(secret));
}

function damaged(body: string): string {
  const bytes = parseArmor(body).slice();
  const at = bytes.length - 100;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return formatArmor(bytes);
}

/** A key exchange, three turns, missing and forged messages, a comparison and a refresh. */
function live(parties: TwoParties): void {
  const { alice, bob } = parties;
  bob.do({ tag: 'start' });
  parties.settle();
  bob.send('one');
  bob.send('lost');
  bob.send('two');
  const [one = '', lost = '', two = ''] = bob.takeOutbox();
  for (const body of [damaged(one), one, damaged(two), two, damaged(lost)]) alice.receive(body);
  alice.takeOutbox();
  for (const text of ['a', 'b', 'c', 'd']) {
    bob.send('the last of its chain, and lost');
    bob.takeOutbox();
    alice.do({ tag: 'prepare' });
    alice.send(text);
    parties.settle();
    bob.do({ tag: 'prepare' });
    bob.send(text);
    parties.settle();
  }
  bob.do({ tag: 'smp-start', secret: 'Paris' });
  parties.settle();
  alice.do({ tag: 'smp-answer', secret: 'Rome' });
  parties.settle();
  bob.do({ tag: 'smp-start', secret: 'Paris' });
  parties.settle();
}

describe('secrets of a session', () => {
  it('otr:T-073 otr:T-227 sec:T-K-ZERO-1 are held by it or wiped, at every point', () => {
    const parties = TwoParties.established();
    expect(strays(parties)).toEqual([]);
    live(parties);
    expect(strays(parties)).toEqual([]);
  });

  it('otr:T-227 are all wiped when it has ended on both sides', () => {
    const parties = new TwoParties();
    live(parties);
    parties.alice.do({ tag: 'end' });
    parties.settle();
    expect(made.filter((secret) => !secret.wiped)).toEqual([]);
    expect(made.length).toBeGreaterThan(100);
  });

  it('otr:T-176 otr:T-227 are all wiped when it has expired', () => {
    const parties = new TwoParties();
    live(parties);
    parties.clock.pass(2 * HOUR_MS);
    for (const party of [parties.alice, parties.bob]) party.do({ tag: 'tick' });
    expect(made.filter((secret) => !secret.wiped)).toEqual([]);
  });

  it('otr:T-183 are all wiped when its key exchange is cancelled, yielded or timed out', () => {
    const parties = new TwoParties();
    const { alice, bob, clock } = parties;
    alice.do({ tag: 'start' });
    alice.do({ tag: 'cancel' });
    alice.takeOutbox();
    alice.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    for (const body of alice.takeOutbox()) bob.receive(body);
    clock.pass(2 * HOUR_MS);
    for (const party of [alice, bob]) party.do({ tag: 'tick' });
    expect(made.filter((secret) => !secret.wiped)).toEqual([]);
  });

  it('are not touched by a step whose result is thrown away', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('hello');
    const [body = ''] = bob.takeOutbox();
    const { state, env } = alice;
    for (const input of [
      { tag: 'receive', body } as const,
      { tag: 'start' } as const,
      { tag: 'end' } as const,
      { tag: 'smp-start', secret: 'x' } as const,
    ]) {
      step(state, input, env);
      expect([...secretsIn(state)].every((secret) => !secret.wiped)).toBe(true);
    }
    alice.receive(body);
    expect(alice.read()).toEqual(['hello']);
  });

  it('of the long-term key are only lent', () => {
    const parties = new TwoParties();
    live(parties);
    parties.alice.do({ tag: 'end' });
    parties.settle();
    expect(identityOf('alice').longTermKey.seed.wiped).toBe(false);
    expect(identityOf('bob').longTermKey.seed.wiped).toBe(false);
  });

  it('sec:T-K-ZERO-1 are nothing but [secret] to whoever prints a state', () => {
    const { alice } = TwoParties.established();
    const printed = JSON.stringify(alice.state, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    for (const secret of secretsIn(alice.state)) {
      const hex = secret.lend((bytes) => [...bytes].join(','));
      expect(printed.includes(hex)).toBe(false);
    }
    expect(printed).toContain('[secret]');
  });
});
