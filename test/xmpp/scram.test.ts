// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, test } from 'vitest';
import {
  chooseLogin,
  LoginFloor,
  type LoginMechanism,
  type ScramMechanism,
} from '#main/xmpp/sasl/login.ts';
import { prepareName, preparePassword } from '#main/xmpp/sasl/saslprep.ts';
import { startScram } from '#main/xmpp/sasl/scram.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** The nonces of the RFCs are printable text; ours are base64 of random bytes, so these decode to them. */
const nonceOf = (nonce: string) => ({
  random: (): Uint8Array => Uint8Array.from(Buffer.from(nonce, 'base64')),
  flag: 'n' as const,
  binding: undefined,
});

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
  interface Case {
    readonly bindings?: readonly string[];
    readonly allowPlain?: boolean;
    readonly canBind?: boolean;
    readonly former?: readonly (readonly [LoginMechanism, string])[];
  }

  /** What is chosen on the way "w", as mechanism and flag. */
  function choose(mechanisms: readonly string[], more: Case = {}): string | undefined {
    const { bindings = [], allowPlain = false, canBind = true, former = [] } = more;
    const floor = new LoginFloor();
    for (const [mechanism, way] of former) floor.raise(mechanism, way);
    const choice = chooseLogin({ mechanisms, bindings }, { allowPlain, canBind, floor, way: 'w' });
    return choice && `${choice.flag} ${choice.mechanism}`;
  }

  const bindings = ['tls-unique', 'tls-exporter'];

  test.each([
    [['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-512', 'SCRAM-SHA-256'], 'y SCRAM-SHA-512'],
    [['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], 'n SCRAM-SHA-256'],
    [['SCRAM-SHA-1'], 'y SCRAM-SHA-1'],
    [['SCRAM-SHA-1-PLUS'], undefined],
    [['PLAIN'], undefined],
    [['DIGEST-MD5', 'CRAM-MD5', 'ANONYMOUS', 'EXTERNAL', 'OAUTHBEARER', 'X-OAUTH2'], undefined],
    [[], undefined],
  ])('of %j is %s', (offered, chosen) => {
    expect(choose(offered)).toBe(chosen);
  });

  test('takes PLAIN only by leave and for want of SCRAM', () => {
    const allowPlain = true;
    expect(choose(['PLAIN'], { allowPlain })).toContain('PLAIN');
    expect(choose(['PLAIN', 'SCRAM-SHA-1'], { allowPlain })).toContain('SCRAM-SHA-1');
    expect(choose(['PLAIN', 'SCRAM-SHA3-512'], { allowPlain })).toBeUndefined();
    expect(choose(['PLAIN', 'SCRAM-SHA-1-PLUS'], { allowPlain })).toBeUndefined();
  });

  test('sec:T-X-CB-1 binds where both sides can, and prefers that to a longer hash', () => {
    const offered = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'];
    expect(choose(offered, { bindings })).toBe('p SCRAM-SHA-256-PLUS');
    expect(choose([...offered, 'SCRAM-SHA-512-PLUS'], { bindings })).toBe('p SCRAM-SHA-512-PLUS');
  });

  test('sec:T-X-CB-2 says truly why it does not bind', () => {
    const offered = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'];
    // Another type, no list of types, no exporter on our side: nothing both sides could bind to.
    expect(choose(offered, { bindings: ['tls-unique'] })).toBe('n SCRAM-SHA-256');
    expect(choose(offered)).toBe('n SCRAM-SHA-256');
    expect(choose(offered, { bindings, canBind: false })).toBe('n SCRAM-SHA-256');
    expect(choose(['SCRAM-SHA-256'], { canBind: false })).toBe('n SCRAM-SHA-256');
    // We would, but the server does not seem to: a server that does will know that it was not asked.
    expect(choose(['SCRAM-SHA-256'], { bindings })).toBe('y SCRAM-SHA-256');
    expect(choose(['SCRAM-SHA-256'])).toBe('y SCRAM-SHA-256');
  });

  test('never falls behind the last login', () => {
    const former = [['SCRAM-SHA-256', 'other']] as const;
    const allowPlain = true;
    expect(choose(['SCRAM-SHA-1'], { allowPlain, former })).toBeUndefined();
    expect(choose(['SCRAM-SHA-1-PLUS'], { bindings, former })).toBeUndefined();
    expect(choose(['PLAIN'], { allowPlain, former })).toBeUndefined();
    expect(choose(['SCRAM-SHA-512'], { allowPlain, former })).toBe('y SCRAM-SHA-512');
  });

  test('sec:T-X-CB-3 never goes without a binding where it had one', () => {
    const offered = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'];
    const former = [['SCRAM-SHA-256-PLUS', 'w']] as const;
    expect(choose(offered, { former })).toBeUndefined();
    expect(choose(['SCRAM-SHA-512'], { former })).toBeUndefined();
    expect(choose(offered, { bindings, canBind: false, former })).toBeUndefined();
    expect(choose(offered, { bindings, former })).toBe('p SCRAM-SHA-256-PLUS');
    // Another way may end at a proxy.
    const elsewhere = [['SCRAM-SHA-256-PLUS', 'other']] as const;
    expect(choose(['SCRAM-SHA-256'], { former: elsewhere })).toBe('y SCRAM-SHA-256');
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
