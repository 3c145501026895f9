// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FullJid, parseFullJid } from '#shared/model/jid.ts';
import {
  type Connection,
  type ConnectionInput,
  initialConnection,
  stepConnection,
  toBackOffMs,
} from '#main/xmpp/connection.ts';
import type { ConnectionFailure } from '#main/xmpp/wire.ts';

function full(text: string): FullJid {
  const parsed = parseFullJid(text);
  if (!parsed.ok) throw new RangeError(parsed.error);
  return parsed.value;
}

const ready: ConnectionInput = { tag: 'ready', jid: full('alice@localhost/desk') };
const connect = (persist: boolean): ConnectionInput => ({ tag: 'connect', persist });
const ended = (reason: ConnectionFailure, jitter = 0): ConnectionInput => ({
  tag: 'ended',
  reason,
  now: 1_000_000,
  jitter,
});

const walk = (...inputs: readonly ConnectionInput[]): Connection =>
  inputs.reduce((connection, input) => stepConnection(connection, input).next, initialConnection);

describe('the connection machine', () => {
  test('opens, stands, and waits after a loss', () => {
    expect(stepConnection(initialConnection, connect(false))).toMatchObject({
      next: { state: { tag: 'connecting', attempt: 1 } },
      effects: [{ tag: 'open' }],
    });
    const lost = stepConnection(walk(connect(false), ready), ended('lost', 0.5));
    expect(lost).toMatchObject({
      next: { state: { tag: 'waiting', attempt: 1, retryAt: 1_001_500, reason: 'lost' } },
      effects: [{ tag: 'set-alarm', delayMs: 1500 }],
    });
    expect(stepConnection(lost.next, { tag: 'due' })).toMatchObject({
      next: { state: { tag: 'connecting', attempt: 2 } },
      effects: [{ tag: 'open' }],
    });
  });

  test('a first attempt that should not persist fails for whatever reason', () => {
    expect(walk(connect(false), ended('refused')).state).toEqual({
      tag: 'failed',
      reason: 'refused',
    });
    expect(walk(connect(true), ended('refused')).state).toMatchObject({ tag: 'waiting' });
  });

  test.each<ConnectionFailure>([
    'auth-failed',
    'not-allowed',
    'server-not-proved',
    'no-mechanism',
    'unknown-domain',
    'conflict',
  ])('%s ends the trying, and what was held for resumption', (reason) => {
    const step = stepConnection(walk(connect(true), ready), ended(reason));
    expect(step).toMatchObject({
      next: { state: { tag: 'failed', reason } },
      effects: [{ tag: 'close' }],
    });
  });

  test.each<ConnectionFailure>([
    'no-network',
    'no-such-host',
    'refused',
    'timeout',
    'tls-untrusted',
    'tls-expired',
    'tls-name',
    'tls-failed',
    'no-tls',
    'not-xmpp',
    'server-closed',
    'server-busy',
    'lost',
  ])('%s is tried again once the account has been online', (reason) => {
    expect(walk(connect(false), ready, ended(reason)).state).toMatchObject({
      tag: 'waiting',
      reason,
    });
  });

  test('connecting by hand cuts the waiting short', () => {
    const step = stepConnection(walk(connect(true), ended('lost')), connect(true));
    expect(step.effects).toEqual([{ tag: 'cancel-alarm' }, { tag: 'open' }]);
  });

  test('leaving closes from everywhere', () => {
    const leave: ConnectionInput = { tag: 'disconnect' };
    for (const inputs of [
      [connect(true)],
      [connect(true), ready],
      [connect(true), ended('lost')],
    ]) {
      const step = stepConnection(walk(...inputs), leave);
      expect(step.next).toBe(initialConnection);
      expect(step.effects).toContainEqual({ tag: 'close' });
    }
  });

  test('what comes late changes nothing: the very same object comes back', () => {
    const offline = walk(connect(true), { tag: 'disconnect' });
    for (const input of [ended('lost'), ready, { tag: 'due' } as const]) {
      expect(stepConnection(offline, input).next).toBe(offline);
    }
    const online = walk(connect(true), ready);
    for (const input of [connect(true), ready, { tag: 'due' } as const]) {
      expect(stepConnection(online, input).next).toBe(online);
    }
  });
});

describe('the back-off', () => {
  test('lies between one second and a ceiling that doubles to a minute', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => toBackOffMs(failures, 1));
    expect(ceilings).toEqual([2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, jitter) => {
          const delayMs = toBackOffMs(n, jitter);
          expect(delayMs).toBeGreaterThanOrEqual(1000);
          expect(delayMs).toBeLessThanOrEqual(60_000);
        },
      ),
    );
  });

  test('starts anew after a session', () => {
    const { state } = walk(
      connect(true),
      ended('lost'),
      { tag: 'due' },
      ended('lost'),
      { tag: 'due' },
      ready,
      ended('lost'),
    );
    expect(state).toMatchObject({ tag: 'waiting', attempt: 1 });
  });
});
