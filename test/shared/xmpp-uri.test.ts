// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCodeLink,
  type LinkError,
  MAX_BODY_OCTETS,
  MAX_LINK,
  parseCode,
  parseXmppUri,
} from '#shared/links/xmpp-uri.ts';
import { type BareJid, parseBareJid } from '#shared/model/jid.ts';
import type { XmppLink } from '#shared/model/link.ts';

const HEX_3 = '0123456789ABCDEF0123456789ABCDEF01234567';
const HEX_4 = 'C0FFEE42'.repeat(14);

function read(text: string): XmppLink {
  const link = parseXmppUri(text);
  if (!link.ok) throw new Error(link.error);
  return link.value;
}

function contact(text: string): Extract<XmppLink, { tag: 'contact' }> {
  const link = read(text);
  if (link.tag !== 'contact') throw new Error(link.tag);
  return link;
}

const textOf = (text: string): string => {
  const { action } = contact(text);
  return action.tag === 'message' ? action.text : '';
};

describe('xmpp links: whom they name', () => {
  it.each([
    ['xmpp:bob@example.org', 'bob@example.org'],
    ['XMPP:Bob@Example.ORG', 'bob@example.org'],
    ['  xmpp:bob@example.org\n', 'bob@example.org'],
    ['xmpp:bob@example.org/laptop?message', 'bob@example.org'],
    ['xmpp:bob@example.org/a?b', 'bob@example.org'],
    ['xmpp:j%C3%BCrgen@example.org', 'jürgen@example.org'],
    ['xmpp:jürgen@bücher.example', 'jürgen@bücher.example'],
    ['xmpp:bob@[::1]', 'bob@[::1]'],
    ['xmpp:nasty!%23$%25()*+,-.;=%3F%5B%5C%5D%5E_%60%7B%7C%7D~node@example.com', undefined],
    ['xmpp://alice@example.net/bob@example.org?message;body=hi', 'bob@example.org'],
    ['xmpp:bob@example.org?message#later', 'bob@example.org'],
  ])('reads %s', (text, jid) => {
    expect(contact(text).jid).toBe(jid ?? 'nasty!#$%()*+,-.;=?[\\]^_`{|}~node@example.com');
  });

  it('keeps the account that the link wants to be opened with', () => {
    expect(contact('xmpp://alice@example.net/bob@example.org').as).toBe('alice@example.net');
    expect(contact('xmpp:bob@example.org').as).toBeUndefined();
  });

  it.each<[string, LinkError]>([
    ['', 'not-a-link'],
    ['bob@example.org', 'not-a-link'],
    ['https://example.org/', 'not-a-link'],
    ['mailto:xmpp:bob@example.org', 'not-a-link'],
    ['xmpp:', 'bad-address'],
    ['xmpp:example.org', 'bad-address'],
    ['xmpp:bob@', 'bad-address'],
    ['xmpp:@example.org', 'bad-address'],
    ['xmpp:bob@exa mple.org', 'bad-address'],
    ['xmpp:bob%40example.org', 'bad-address'],
    ['xmpp:bob%2Flaptop@example.org', 'bad-address'],
    ['xmpp:bob@example.org%2Flaptop', 'bad-address'],
    ['xmpp:bob@evil@example.org', 'bad-address'],
    ['xmpp:bob%00@example.org', 'bad-address'],
    ['xmpp:bob@example.org%', 'bad-address'],
    ['xmpp:bob@%ff%fe', 'bad-address'],
    ['xmpp://nobody/bob@example.org', 'bad-address'],
    ['xmpp:bob@example.org?message;body=%E0%A4%A', 'bad-encoding'],
    ['xmpp:bob@example.org?%', 'bad-encoding'],
    ['xmpp:room@muc.example.org?join', 'group-chat'],
    [`xmpp:bob@example.org?${';a'.repeat(65)}`, 'too-long'],
    [`xmpp:bob@example.org?message;body=${'a'.repeat(MAX_LINK)}`, 'too-long'],
    ['xmpp:?register;preauth=T', 'bad-address'],
    ['xmpp:exa mple?register', 'bad-address'],
    ['xmpp:a@b@c?register', 'bad-address'],
  ])('refuses %.60s', (text, error) => {
    expect(parseXmppUri(text)).toEqual({ ok: false, error });
  });
});

describe('xmpp links: what they ask for', () => {
  it('reads a message, its text only', () => {
    expect(
      contact('xmpp:bob@example.org?message;subject=Hi;body=It%27s%20me%3B%20really;type=chat')
        .action,
    ).toEqual({ tag: 'message', text: 'It\u0027s me; really', cut: false });
    expect(contact('xmpp:bob@example.org?message').action).toEqual({ tag: 'chat' });
    expect(contact('xmpp:bob@example.org?message;body=%0A%20').action).toEqual({ tag: 'chat' });
  });

  it('a plus sign is a plus sign', () => {
    expect(textOf('xmpp:bob@example.org?message;body=1+1')).toBe('1+1');
  });

  it('ux:A9 of 100 kB as much is read as 4 kB hold, and the rest is known to be cut', () => {
    const link = contact(`xmpp:bob@example.org?message;body=${'%E2%82%AC'.repeat(34_000)}`);
    expect(link.action).toEqual({
      tag: 'message',
      text: '€'.repeat(Math.floor(MAX_BODY_OCTETS / 3)),
      cut: true,
    });
  });

  it('ux:A9 drops controls and what turns the direction, and keeps lines and joined emoji', () => {
    const body = encodeURIComponent(
      'one\r\ntwo\u2028three\u0000\u001b[31m\u202Efour\uFEFF \u{1F469}\u200D\u{1F4BB}\tfive',
    );
    expect(textOf(`xmpp:bob@example.org?message;body=${body}`)).toBe(
      'one\ntwo\nthree[31mfour \u{1F469}\u200D\u{1F4BB} five',
    );
  });

  it.each(['subscribe', 'roster', 'ROSTER'])('reads %s as adding a contact', (type) => {
    expect(contact(`xmpp:bob@example.org?${type};name=Bob%0A%E2%80%AEx`).action).toEqual({
      tag: 'add',
      name: 'Bob x',
      token: undefined,
    });
  });

  it.each(['remove', 'unsubscribe'])('reads %s as removing one', (type) => {
    expect(contact(`xmpp:bob@example.org?${type}`).action).toEqual({ tag: 'remove' });
  });

  it('ux:3 reads invitations to make an account', () => {
    expect(read('xmpp:example.org?register;preauth=T')).toEqual({
      tag: 'register',
      domain: 'example.org',
      jid: undefined,
      token: 'T',
    });
    expect(read('xmpp:Alice@Example.org?register')).toEqual({
      tag: 'register',
      domain: 'example.org',
      jid: 'alice@example.org',
      token: undefined,
    });
    expect(contact('xmpp:bob@example.org?roster;preauth=T;ibr=y').action).toEqual({
      tag: 'add',
      name: undefined,
      token: 'T',
    });
    expect(contact('xmpp:bob@example.org?roster;preauth=T').action).toMatchObject({
      token: undefined,
    });
    expect(read('xmpp:example.org?register;preauth=%00')).toMatchObject({ token: undefined });
  });

  it('takes an action that it does not know for the address alone', () => {
    expect(contact('xmpp:bob@example.org?command;node=x').action).toEqual({ tag: 'chat' });
    expect(contact('xmpp:bob@example.org?body=x').action).toEqual({ tag: 'chat' });
  });
});

describe('xmpp links: the code of a device', () => {
  it.each([
    [`xmpp:bob@example.org?otr-fingerprint=${HEX_4}`, 4, HEX_4],
    [`xmpp:bob@example.org?otr-fingerprint=${HEX_4.toLowerCase()}`, 4, HEX_4],
    [`xmpp:bob@example.org?message;body=hi;otr-fingerprint=${HEX_4}`, 4, HEX_4],
    [`xmpp:bob@example.org?message&otr-fingerprint=${HEX_4}&body=hi`, 4, HEX_4],
    [`xmpp:bob@example.org?roster;name=Bob&OTR-Fingerprint=${HEX_3}`, 3, HEX_3],
    [`xmpp:bob@example.org?otr-fingerprint=${HEX_3};otr-fingerprint=${HEX_4}`, 4, HEX_4],
    [`xmpp:bob@example.org?otr-fingerprint=${HEX_4};otr-fingerprint=${HEX_4}`, 4, HEX_4],
  ])('xep:S-28 xep:C-13 is read from %.80s', (text, version, hex) => {
    expect(contact(text).code).toEqual({ version, hex });
  });

  it.each([
    '',
    HEX_4.slice(1),
    `${HEX_4}0`,
    `${HEX_4.slice(1)}g`,
    HEX_3.slice(1),
    `${HEX_3.slice(2)}%20`,
    '０'.repeat(40),
  ])('xep:S-28 one that is no code spoils the link: %.20s', (hex) => {
    expect(parseXmppUri(`xmpp:bob@example.org?otr-fingerprint=${hex}`)).toEqual({
      ok: false,
      error: 'bad-code',
    });
  });

  it('xep:S-28 so do two different ones', () => {
    const other = `0${HEX_4.slice(1)}`;
    expect(
      parseXmppUri(`xmpp:bob@example.org?otr-fingerprint=${HEX_4};otr-fingerprint=${other}`),
    ).toEqual({ ok: false, error: 'bad-code' });
  });

  it('xep:S-28 a link without one has none', () => {
    expect(contact('xmpp:bob@example.org?message;body=hi').code).toBeUndefined();
    expect(parseCode('C0FFEE')).toBeUndefined();
  });

  it('xep:S-28 is written with 112 digits in upper case', () => {
    expect(formatCodeLink('bob@example.org' as BareJid, HEX_4.toLowerCase())).toBe(
      `xmpp:bob@example.org?otr-fingerprint=${HEX_4}`,
    );
    expect(formatCodeLink('jürgen@[::1]' as BareJid, HEX_4)).toBe(
      `xmpp:j%C3%BCrgen@[::1]?otr-fingerprint=${HEX_4}`,
    );
  });
});

describe('xmpp links from anybody', () => {
  const address = fc
    .tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.domain())
    .map(([local, domain]) => parseBareJid(`${local}@${domain}`))
    .filter((jid) => jid.ok)
    .map((jid) => jid.value);
  const hex = fc.string({
    minLength: 112,
    maxLength: 112,
    unit: fc.constantFrom('0', '9', 'a', 'A', 'f', 'F'),
  });

  it('xep:S-28 what is written is read back as it was, for every address', () => {
    fc.assert(
      fc.property(address, hex, (jid, digits) => {
        const text = formatCodeLink(jid, digits);
        expect(text).toMatch(/^xmpp:[\x21-\x7e]+$/);
        expect(contact(text)).toMatchObject({
          jid,
          action: { tag: 'chat' },
          code: { version: 4, hex: digits.toUpperCase() },
        });
      }),
    );
  });

  it('nothing makes the reader fail, and nothing that it lets through is out of bounds', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom(
        ...['xmpp:', '//', '/', '?', ';', '&', '=', '@', '#', '%', '%40', '%00', '%e2%80%ae'],
        ...['message', 'roster', 'register', 'body', 'name', 'preauth', 'ibr=y', 'bob@a.example'],
        ...['otr-fingerprint=', HEX_3, HEX_4, '\u202E', '\uD800'],
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, prefixed) => {
        const parsed = parseXmppUri(`${prefixed ? 'xmpp:bob@a.example?' : ''}${pieces.join('')}`);
        if (!parsed.ok) return;
        const link = parsed.value;
        if (link.tag === 'register') return;
        expect(parseBareJid(link.jid)).toEqual({ ok: true, value: link.jid });
        if (link.action.tag === 'message') {
          expect(Buffer.byteLength(link.action.text)).toBeLessThanOrEqual(MAX_BODY_OCTETS);
          expect(link.action.text).not.toMatch(/(?!\n)\p{Cc}|[\u202e\ud800]/u);
        }
        if (link.code !== undefined) {
          expect(link.code.hex).toMatch(
            link.code.version === 4 ? /^[0-9A-F]{112}$/ : /^[0-9A-F]{40}$/,
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});
