// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, test } from 'vitest';
import { chooseMechanism, type ScramMechanism } from '#main/xmpp/sasl/login.ts';
import { prepareName, preparePassword } from '#main/xmpp/sasl/saslprep.ts';
import { startScram } from '#main/xmpp/sasl/scram.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** The nonces of the RFCs are printable text; ours are base64 of random bytes, so these decode to them. */
const nonceOf = (nonce: string) => (): Uint8Array => Uint8Array.from(Buffer.from(nonce, 'base64'));

interface Vector {
  readonly mechanism: ScramMechanism;
  readonly source: string;
  readonly nonce: string;
  readonly first: string;
  readonly challenge: string;
  readonly final: string;
  readonly success: string;
}

const vectors: readonly Vector[] = [
  {
    mechanism: 'SCRAM-SHA-1',
    source: 'RFC 5802, section 5',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    challenge: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    success: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    mechanism: 'SCRAM-SHA-256',
    source: 'RFC 7677, section 3',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    challenge:
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    final:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
      'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    success: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
];

const credentials = { username: 'user', password: bytes('pencil') };

describe.each(vectors)('$mechanism ($source)', (vector) => {
  const start = () => startScram(vector.mechanism, credentials, nonceOf(vector.nonce));

  test('says what the RFC says and believes the right signature', async () => {
    const login = start();
    expect(text(login.first)).toBe(vector.first);
    const step = await login.challenge(bytes(vector.challenge));
    expect(step.tag === 'respond' ? text(step.value) : step).toBe(vector.final);
    expect(login.success(bytes(vector.success))).toEqual({ tag: 'done' });
  });

  const refused = { tag: 'failed', reason: 'server-not-proved' };
  const lastBitFlipped = vector.success.replace(
    /.=*$/,
    (end) => (end.startsWith('A') ? 'B' : 'A') + end.slice(1),
  );

  test.each([
    ['another signature', lastBitFlipped.replace('v=', 'v=A')],
    ['the signature of one bit less', vector.success.replace(/^v=./, 'v=A')],
    ['nothing', ''],
    ['an error', 'e=invalid-proof'],
    ['two signatures', `v=AAAA,${vector.success}`],
  ])('does not believe %s', async (_what, success) => {
    const login = start();
    await login.challenge(bytes(vector.challenge));
    expect(login.success(bytes(success))).toEqual(refused);
  });

  test('does not believe success without a challenge, nor a second challenge', async () => {
    expect(start().success(bytes(vector.success))).toEqual(refused);
    const login = start();
    await login.challenge(bytes(vector.challenge));
    expect(await login.challenge(bytes(vector.challenge))).toEqual(refused);
  });

  test.each([
    ['4095', refused],
    ['1000001', refused],
    ['04096', refused],
    ['4096.5', refused],
    ['-4096', refused],
    ['99999999999999999999', refused],
  ])('does not work %s times', async (count, expected) => {
    const challenge = vector.challenge.replace('i=4096', `i=${count}`);
    expect(await start().challenge(bytes(challenge))).toEqual(expected);
  });

  test.each([
    ['our nonce alone', vector.challenge.replace(/r=[^,]*/, `r=${vector.nonce}`)],
    ['another nonce', vector.challenge.replace('r=', 'r=x')],
    ['a mandatory extension', `m=x,${vector.challenge}`],
    ['no salt', vector.challenge.replace(/s=[^,]*,/, '')],
    ['another order', vector.challenge.split(',').reverse().join(',')],
  ])('does not answer %s', async (_what, challenge) => {
    expect(await start().challenge(bytes(challenge))).toEqual(refused);
  });

  test('answers extensions that it may ignore, up to 4 KiB', async () => {
    const room = 4096 - vector.challenge.length - 3;
    const fits = `${vector.challenge},d=${'x'.repeat(room)}`;
    expect((await start().challenge(bytes(fits))).tag).toBe('respond');
    expect(await start().challenge(bytes(`${fits}x`))).toEqual(refused);
  });
});

test('names with commas and equal signs are escaped', () => {
  const login = startScram(
    'SCRAM-SHA-256',
    { username: 'a,b=c', password: bytes('x') },
    nonceOf('AAAA'),
  );
  expect(text(login.first)).toBe('n,,n=a=2Cb=3Dc,r=AAAA');
});

describe('the choice of a mechanism', () => {
  const policy = { allowPlain: false, atLeast: undefined };
  test.each([
    [['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-512', 'SCRAM-SHA-256'], 'SCRAM-SHA-512'],
    [['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], 'SCRAM-SHA-256'],
    [['SCRAM-SHA-1'], 'SCRAM-SHA-1'],
    [['PLAIN'], undefined],
    [['DIGEST-MD5', 'CRAM-MD5', 'ANONYMOUS', 'EXTERNAL', 'OAUTHBEARER', 'X-OAUTH2'], undefined],
    [[], undefined],
  ])('of %j is %s', (offered, chosen) => {
    expect(chooseMechanism(offered, policy)).toBe(chosen);
  });

  test('takes PLAIN only by leave and for want of SCRAM', () => {
    const leave = { allowPlain: true, atLeast: undefined };
    expect(chooseMechanism(['PLAIN'], leave)).toBe('PLAIN');
    expect(chooseMechanism(['PLAIN', 'SCRAM-SHA-1'], leave)).toBe('SCRAM-SHA-1');
    expect(chooseMechanism(['PLAIN', 'SCRAM-SHA3-512'], leave)).toBeUndefined();
  });

  test('never falls behind the last login', () => {
    const atLeast = 'SCRAM-SHA-256';
    expect(chooseMechanism(['SCRAM-SHA-1'], { allowPlain: true, atLeast })).toBeUndefined();
    expect(chooseMechanism(['PLAIN'], { allowPlain: true, atLeast })).toBeUndefined();
    expect(chooseMechanism(['SCRAM-SHA-512'], { allowPlain: true, atLeast })).toBe('SCRAM-SHA-512');
  });
});

/** RFC 4013, section 3. */
test.each([
  ['I\u00adX', 'IX'],
  ['user', 'user'],
  ['USER', 'USER'],
  ['\u00aa', 'a'],
  ['\u2168', 'IX'],
  ['a\u00a0b', 'a b'],
])('SASLprep makes %j into %j', (raw, prepared) => {
  expect(prepareName(raw)).toBe(prepared);
  expect(text(preparePassword(bytes(raw)))).toBe(prepared);
});
