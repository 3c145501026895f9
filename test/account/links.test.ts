// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { LinkDesk } from '#main/account/link-desk.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { LinkView } from '#shared/model/link.ts';

function desk(first?: string) {
  const told: (LinkView | undefined)[] = [];
  const account: { jid: BareJid | undefined } = { jid: first as BareJid | undefined };
  const links = new LinkDesk(
    (name, payload) => {
      if (name === 'link.changed') told.push(payload as LinkView | undefined);
    },
    () => account.jid,
  );
  return { links, told, account };
}

describe('the desk for links', () => {
  it('ux:A9 keeps a link that was opened before anybody could read it, until it is dealt with', () => {
    const { links, told } = desk();
    links.take('xmpp:bob@example.org?message;body=hi%00');
    const view = links.view();
    expect(view).toMatchObject({
      link: { tag: 'contact', jid: 'bob@example.org', action: { tag: 'message', text: 'hi' } },
    });
    expect(told).toEqual([view]);
    links.settle(view?.id ?? 0);
    expect(links.view()).toBeUndefined();
    expect(told.at(-1)).toBeUndefined();
  });

  it('the last one counts, and settling an earlier one does not take it away', () => {
    const { links } = desk();
    links.take('xmpp:bob@example.org');
    const first = links.view();
    links.take('xmpp:carol@example.org');
    links.settle(first?.id ?? 0);
    expect(links.view()).toMatchObject({ link: { jid: 'carol@example.org' } });
  });

  it('the same link twice is two links', () => {
    const { links } = desk();
    links.take('xmpp:bob@example.org');
    const first = links.view()?.id;
    links.take('xmpp:bob@example.org');
    expect(links.view()?.id).not.toBe(first);
  });

  it.each([
    ['xmpp:', 'unreadable'],
    ['xmpp:bob@example.org?otr-fingerprint=C0FFEE', 'bad-code'],
    ['xmpp:room@muc.example.org?join', 'group-chat'],
    ['https://example.org', 'unreadable'],
  ])('says why nothing can be done with %s', (text, why) => {
    const { links } = desk();
    links.take(text);
    expect(links.view()?.link).toEqual({ tag: 'refused', why });
  });

  it('a link for another account is refused, as soon as it is known whose this one is', () => {
    const { links, account } = desk();
    links.take('xmpp://carol@example.net/bob@example.org?message;body=hi');
    expect(links.view()?.link.tag).toBe('contact');
    account.jid = 'alice@example.org' as BareJid;
    expect(links.view()?.link).toEqual({ tag: 'refused', why: 'other-account' });
    account.jid = 'carol@example.net' as BareJid;
    expect(links.view()?.link.tag).toBe('contact');
  });

  it('what was pasted and is no link is told beside the field, and takes no place', () => {
    const { links, told } = desk();
    links.take('xmpp:bob@example.org');
    expect(() => {
      links.open('bob@example.org');
    }).toThrow(new AppFailure('link-invalid'));
    expect(told).toHaveLength(1);
    links.open('xmpp:carol@example.org');
    expect(links.view()).toMatchObject({ link: { jid: 'carol@example.org' } });
  });
});
