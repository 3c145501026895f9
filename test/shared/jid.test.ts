// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FullJid,
  bareOf,
  domainOf,
  localOf,
  parseBareJid,
  parseFullJid,
  resourceOf,
} from '#shared/model/jid.ts';

const good: readonly [typed: string, normalised: string][] = [
  ['alice@example.org', 'alice@example.org'],
  ['  Alice@Example.ORG ', 'alice@example.org'],
  ['alice@example.org.', 'alice@example.org'],
  ['ﬀ@example.org', 'ff@example.org'],
  ['Ａlice@example.org', 'alice@example.org'],
  ['jürgen@bücher.example', 'jürgen@bücher.example'],
  ['a.b-c_d+e@localhost', 'a.b-c_d+e@localhost'],
  ['bob@[::1]', 'bob@[::1]'],
  ['bob@127.0.0.1', 'bob@127.0.0.1'],
];

const bad: readonly [typed: string, error: string][] = [
  ['', 'empty'],
  ['   ', 'empty'],
  ['example.org', 'no-local-part'],
  ['@example.org', 'no-local-part'],
  ['alice@', 'no-domain'],
  ['alice@@example.org', 'bad-domain'],
  ['al ice@example.org', 'bad-local-part'],
  ['al"ice@example.org', 'bad-local-part'],
  ['<alice>@example.org', 'bad-local-part'],
  ['al\u0000ice@example.org', 'bad-local-part'],
  ['al\u202eice@example.org', 'bad-local-part'],
  ['alice@exa mple.org', 'bad-domain'],
  ['alice@-example.org', 'bad-domain'],
  ['alice@example..org', 'bad-domain'],
  ['alice@exa<mple', 'bad-domain'],
  ['alice@example.org/laptop', 'bad-resource'],
  [`${'a'.repeat(1024)}@example.org`, 'bad-local-part'],
  [`${'é'.repeat(512)}@example.org`, 'bad-local-part'],
];

describe('xep:X-42 addresses', () => {
  it.each(good)('reads %j as %j', (typed, normalised) => {
    expect(parseBareJid(typed)).toEqual({ ok: true, value: normalised });
  });

  it.each(bad)('refuses %j: %s', (typed, error) => {
    expect(parseBareJid(typed)).toEqual({ ok: false, error });
  });

  it('takes a part of 1023 octets and not one more (RFC 7622)', () => {
    expect(parseBareJid(`${'a'.repeat(1023)}@example.org`).ok).toBe(true);
    expect(parseFullJid(`a@b/${'é'.repeat(511)}x`).ok).toBe(true);
    expect(parseFullJid(`a@b/${'é'.repeat(512)}`).ok).toBe(false);
  });

  it('keeps the case of a resource and splits at the first slash only', () => {
    const full = parseFullJid('Alice@Example.org/Phone/2 @home');
    expect(full).toEqual({ ok: true, value: 'alice@example.org/Phone/2 @home' });
    const jid = 'alice@example.org/Phone/2 @home' as FullJid;
    expect(bareOf(jid)).toBe('alice@example.org');
    expect(localOf(jid)).toBe('alice');
    expect(domainOf(jid)).toBe('example.org');
    expect(resourceOf(jid)).toBe('Phone/2 @home');
  });

  it.each(['alice@example.org', 'alice@example.org/', 'alice@example.org/a\u0007b'])(
    'refuses %j as a full address',
    (text) => {
      expect(parseFullJid(text)).toEqual({ ok: false, error: 'bad-resource' });
    },
  );

  it('never throws, and what it accepts it accepts unchanged a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const once = parseBareJid(text);
        if (once.ok) expect(parseBareJid(once.value)).toEqual(once);
        parseFullJid(text);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\p{L}\p{N}.]{1,12}@[\p{L}\p{N}]{1,8}\.[a-z]{2,5}$/u),
        (text) => {
          const once = parseBareJid(text);
          if (once.ok) expect(parseBareJid(once.value)).toEqual(once);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
