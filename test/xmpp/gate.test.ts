// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, test } from 'vitest';
import { type GateContext, judge } from '#main/xmpp/gate.ts';
import { jid } from './parties.ts';

const session: GateContext = {
  stage: 'session',
  own: jid('alice@localhost'),
  maySeeUs: (other) => other === 'bob@localhost',
  spendAnswer: () => true,
  unacknowledged: 3,
  lastAcknowledged: 10,
};

describe('sec:F-SM-3 a server that miscounts acknowledgements', () => {
  const break_ = { tag: 'break' };
  test.each([
    ['ack', 10, 'pass'],
    ['ack', 13, 'pass'],
    ['ack', 14, 'break'],
    ['ack', 9, 'break'],
    ['ack', 0, 'break'],
    ['ack', Number.NaN, 'break'],
    ['ack', -1, 'break'],
    ['resumed', 12, 'pass'],
    ['resumed', 2, 'break'],
    ['failed', 12, 'pass'],
    ['failed', 2, 'break'],
  ])('%s %d is a %s', (type, handled, verdict) => {
    expect(judge('sm', { type, handled }, session).tag).toBe(verdict);
  });

  test('may leave the count out of a failure, and nowhere else', () => {
    expect(judge('sm', { type: 'failed' }, session).tag).toBe('pass');
    expect(judge('sm', { type: 'ack' }, session)).toEqual(break_);
    expect(judge('sm', { type: 'request' }, session).tag).toBe('pass');
  });

  test('the counter goes around at 2^32', () => {
    const late = { ...session, lastAcknowledged: 2 ** 32 - 1 };
    expect(judge('sm', { type: 'ack', handled: 2 }, late).tag).toBe('pass');
    expect(judge('sm', { type: 'ack', handled: 3 }, late)).toEqual(break_);
  });
});

describe('before the login', () => {
  const login: GateContext = { ...session, stage: 'login' };

  test('features are cut down to the login', () => {
    const features = { sasl: { mechanisms: ['SCRAM-SHA-1'] }, bind: {}, streamManagement: true };
    expect(judge('features', features, login)).toEqual({
      tag: 'pass',
      stanza: { sasl: features.sasl },
    });
    expect(judge('features', { bind: {} }, login)).toEqual({ tag: 'break' });
  });

  test.each(['message', 'presence', 'iq', 'sm', 'stream', 'tls'])('%s is not accepted', (kind) => {
    expect(judge(kind, {}, login)).toEqual({ tag: 'break' });
  });
});

test('during registration only answers are accepted', () => {
  const registration: GateContext = { ...session, stage: 'registration' };
  expect(judge('iq', { type: 'result' }, registration).tag).toBe('pass');
  expect(judge('iq', { type: 'set' }, registration)).toEqual({ tag: 'drop' });
  expect(judge('message', {}, registration)).toEqual({ tag: 'drop' });
  expect(judge('features', { sasl: {}, bind: {} }, registration)).toEqual({
    tag: 'pass',
    stanza: {},
  });
});

test('what counts for stream management is never dropped in a session, only disarmed', () => {
  expect(judge('presence', { type: 'session:started' }, session)).toEqual({
    tag: 'pass',
    stanza: { type: 'error' },
  });
  expect(judge('iq', { type: 'nonsense', payloadType: 'ping' }, session).tag).toBe('pass');
  expect(judge('message', { from: 'x' }, session).tag).toBe('pass');
  expect(judge('sasl', { type: 'success' }, session)).toEqual({ tag: 'drop' });
});
