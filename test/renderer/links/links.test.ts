// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LinkView, XmppLink } from '../../../src/shared/model/link.ts';
import { ok } from '../../../src/shared/std/result.ts';
import {
  chatWith,
  laptop,
  theirCode,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import {
  accountView,
  appView,
  bob,
  conversation,
  jid,
} from '../../renderer-browser/preview/sample.ts';
import { openChat } from '../../support/chat-window.ts';
import { type FakeClient, refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow, utf8 } from '../../support/open-window.ts';

type ContactLink = Extract<XmppLink, { tag: 'contact' }>;

let window: OpenWindow;

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const linkOf = (more: Partial<ContactLink> = {}): ContactLink => ({
  tag: 'contact',
  jid: bob.jid,
  as: undefined,
  action: { tag: 'chat' },
  code: undefined,
  ...more,
});

const waits = (link: LinkView['link'], client: FakeClient = mainOf()): FakeClient => {
  client.answer({ 'link.view': () => ok({ id: 7, link }) });
  return client;
};

async function opened(link: LinkView['link'], client?: FakeClient): Promise<void> {
  window = await openWindow(waits(link, client));
}

const dialog = (): string =>
  document.querySelector('[role=dialog], [role=alertdialog]')?.textContent ?? '';
const sent = (name: string) => inputsOf(window.client, name);
/** Whatever could reach the network or the store. */
const done = () =>
  window.client.heard
    .map(({ name }) => name)
    .filter((name) => !/\.(view|list|requests|handler|open|history|mark-read)$/.test(name));

describe('a link that was opened', () => {
  it('ux:A9 asks first, with the address in full and the text as text; nothing has been done', async () => {
    await opened(
      linkOf({ action: { tag: 'message', text: 'hi <b>there</b>\nsecond line', cut: true } }),
    );
    expect(dialog()).toContain('bob@example.org');
    expect(document.querySelector('[role=dialog] blockquote')?.textContent).toBe(
      'hi <b>there</b>\nsecond line',
    );
    expect(dialog()).toContain('The rest is left out.');
    expect(done()).toEqual([]);
    expect(window.router.currentRoute.value.name).toBe('chats');
  });

  it('ux:A9 puts the text before what is in the field, and never sends it', async () => {
    const view = viewOf('plain');
    const client = chatWith(view, []);
    window = await openChat(view, []);
    window.close();
    await opened(linkOf({ action: { tag: 'message', text: 'from the link', cut: false } }), client);
    await window.click('button', 'Put it into the field');
    await window.settle();
    expect(window.router.currentRoute.value.params).toEqual({ id: '1' });
    expect(document.querySelector('textarea')?.value).toBe('from the link');
    expect(sent('conversation.send')).toEqual([]);
    expect(sent('link.settle')).toEqual([{ id: 7 }]);
    expect(dialog()).toBe('');
  });

  it('does nothing with Cancel, and is not asked about again', async () => {
    await opened(linkOf({ action: { tag: 'message', text: 'hi', cut: false } }));
    await window.click('button', 'Cancel');
    expect(done()).toEqual(['link.settle']);
    expect(dialog()).toBe('');
  });

  it('leads to somebody new by a request that the user sends', async () => {
    const client = mainOf({ answers: { 'contact.add': () => ok(conversation(9)) } });
    await opened(
      linkOf({
        jid: jid('new@example.org'),
        action: { tag: 'add', name: 'Newcomer', token: undefined },
      }),
      client,
    );
    expect(dialog()).toContain('Add this contact?');
    expect(done()).toEqual([]);
    await window.click('button', 'Send request');
    expect(sent('contact.add')).toEqual([{ jid: 'new@example.org', name: 'Newcomer' }]);
    expect(window.router.currentRoute.value.params).toEqual({ id: '9' });
  });

  it('stays when the request could not be sent, and says why', async () => {
    const client = mainOf({ answers: { 'contact.add': () => refuse('not-connected') } });
    await opened(linkOf({ jid: jid('new@example.org') }), client);
    await window.click('button', 'Send request');
    expect(document.querySelector('[role=dialog] [role=alert]')?.textContent).not.toBe('');
    expect(sent('link.settle')).toEqual([]);
  });

  it('asks before it removes anybody, with "Keep" as the safe choice', async () => {
    await opened(linkOf({ action: { tag: 'remove' } }));
    expect(dialog()).toContain('bob@example.org');
    await window.click('button', 'Keep');
    expect(sent('contact.remove')).toEqual([]);
    window.client.emit('link.changed', { id: 8, link: linkOf({ action: { tag: 'remove' } }) });
    await window.settle();
    await window.click('button', 'Remove');
    expect(sent('contact.remove')).toEqual([{ id: 1 }]);
  });

  it.each<[LinkView['link'], string]>([
    [{ tag: 'refused', why: 'unreadable' }, 'damaged'],
    [{ tag: 'refused', why: 'bad-code' }, 'The security code in this link is damaged'],
    [{ tag: 'refused', why: 'group-chat' }, 'group chat'],
    [{ tag: 'refused', why: 'other-account' }, 'another account'],
    [{ tag: 'register', domain: 'example.org', jid: undefined, token: 'T' }, 'you have one'],
    [linkOf({ jid: accountView.jid }), 'your own address'],
    [linkOf({ jid: jid('nobody@example.org'), action: { tag: 'remove' } }), 'do not have'],
  ])('says in plain words why nothing can be done: %j', async (link, words) => {
    await opened(link);
    expect(dialog()).toContain(words);
    await window.click('button', 'Close');
    expect(done()).toEqual(['link.settle']);
  });
});

describe('a link with a security code', () => {
  const code = { version: 4, hex: theirCode.hex } as const;

  async function openChatOf(view: ReturnType<typeof viewOf>): Promise<void> {
    // Gives the chat a height to be drawn in.
    window = await openChat(view, []);
    window.close();
    const client = chatWith(view, [], {
      answers: { 'verification.read-code': () => ok({ tag: 'match' }) },
    });
    await opened(linkOf({ code }), client);
    expect(dialog()).toContain('nothing is verified before you confirm it');
    await window.click('button', 'Open and compare');
    await window.settle();
  }

  it('xep:X-52 xep:S-28 opens the comparison with the code filled in, and the user confirms', async () => {
    await openChatOf(viewOf('unverified', { devices: [laptop] }));
    expect(dialog()).toContain('Compare security codes');
    expect(dialog()).toContain('The same code.');
    expect(sent('verification.read-code')).toEqual([
      { id: 1, instanceTag: laptop.name.instanceTag, text: theirCode.hex },
    ]);
    expect(sent('verification.compared')).toEqual([]);
    await window.click('button', 'They match');
    expect(sent('verification.compared')).toHaveLength(1);
  });

  it('xep:X-52 ux:I-9 waits where there is no device yet, and opens nothing by itself later', async () => {
    const view = viewOf('plain', { devices: [] });
    await openChatOf(view);
    expect(dialog()).toBe('');
    expect(window.text()).toContain('The code of the link is compared when you verify');
    window.client.emit('conversation.changed', viewOf('unverified', { devices: [laptop] }));
    await window.settle();
    expect(dialog()).toBe('');
    window.client.emit('app.command', 'verify');
    await window.settle();
    expect(dialog()).toContain('The same code.');
  });

  it('xep:S-28 xep:C-13 says of a code of OTR 3 that it cannot be used here', async () => {
    await opened(linkOf({ code: { version: 3, hex: 'A'.repeat(40) } }));
    expect(dialog()).toContain('OTR 3, an older version. It cannot be used here');
    expect(window.has('button', 'Open and compare')).toBe(false);
  });
});

describe('a link before the chats are open', () => {
  it('waits while Sotto is locked, and comes up afterwards', async () => {
    const client = waits(linkOf(), mainOf({ app: { ...appView, phase: { tag: 'locked' } } }));
    window = await openWindow(client);
    expect(window.text()).toContain('It waits until you have unlocked Sotto.');
    expect(dialog()).toBe('');
    client.emit('app.changed', appView);
    await window.settle();
    await window.settle();
    expect(dialog()).toContain('bob@example.org');
  });

  it('waits while nobody is signed in', async () => {
    const client = waits(linkOf(), mainOf({ app: { ...appView, phase: { tag: 'no-account' } } }));
    window = await openWindow(client);
    expect(window.text()).toContain('It waits until you have signed in.');
  });
});

describe('an invitation', () => {
  const unsigned = () => mainOf({ app: { ...appView, phase: { tag: 'no-account' } } });
  const invitation = {
    tag: 'register',
    domain: 'example.org',
    jid: undefined,
    token: 'T',
  } as const;

  async function register(address: string): Promise<unknown> {
    await window.type('Address', address);
    await window.type('Password', 'correct horse');
    await window.submit('Password');
    await window.click('button', 'Finish');
    return sent('account.add').at(-1);
  }

  it('ux:3 fills in the server; nothing happens before the user’s own clicks', async () => {
    await opened(invitation, unsigned());
    expect(window.text()).toContain('You were invited to example.org.');
    expect((window.find('field', 'Address') as HTMLInputElement).value).toBe('@example.org');
    expect(done()).toEqual(['link.settle']);
    expect(await register('alice@example.org')).toMatchObject({
      jid: 'alice@example.org',
      password: utf8('correct horse'),
      createOnServer: true,
      token: 'T',
    });
  });

  it('ux:3 is not shown to another server', async () => {
    await opened(invitation, unsigned());
    expect(await register('alice@elsewhere.example')).not.toHaveProperty('token');
  });

  it('ux:3 by somebody offers them as the first contact, when there is an account', async () => {
    const client = waits(
      linkOf({
        jid: jid('inviter@example.org'),
        action: { tag: 'add', name: undefined, token: 'T' },
      }),
      unsigned(),
    );
    window = await openWindow(client);
    expect((window.find('field', 'Address') as HTMLInputElement).value).toBe('@example.org');
    expect(sent('link.settle')).toEqual([]);
    client.emit('app.changed', appView);
    await window.settle();
    await window.settle();
    expect(dialog()).toContain('inviter@example.org');
    expect(sent('contact.add')).toEqual([]);
  });
});

describe('a link that was pasted', () => {
  it('into "New chat" is read by main and comes back as a question', async () => {
    window = await openWindow(mainOf());
    window.client.emit('app.command', 'new-chat');
    await window.settle();
    await window.type('Address', 'xmpp:bob@example.org?message;body=hi');
    await window.submit('Address');
    expect(sent('link.open')).toEqual([{ text: 'xmpp:bob@example.org?message;body=hi' }]);
    expect(sent('contact.add')).toEqual([]);
    expect(dialog()).toBe('');
  });

  it('and cannot be read is told beside the field', async () => {
    window = await openWindow(mainOf({ answers: { 'link.open': () => refuse('link-invalid') } }));
    window.client.emit('app.command', 'new-chat');
    await window.settle();
    await window.type('Address', 'xmpp:');
    await window.submit('Address');
    expect(dialog()).toContain('no link that Sotto can read');
  });
});

it('ux:3 links of the system come here when the user says so, and the switch shows what is', async () => {
  let isOurs = false;
  window = await openWindow(
    mainOf({
      answers: {
        'link.handler': () => ok(isOurs),
        'link.set-handler': ({ on }) => ok((isOurs = on)),
      },
    }),
    { name: 'settings', params: { section: 'account' } },
  );
  const toggle = window.find('switch', 'Open xmpp: links with Sotto');
  expect(toggle.getAttribute('aria-checked')).toBe('false');
  await window.click('switch', 'Open xmpp: links with Sotto');
  expect(sent('link.set-handler')).toEqual([{ on: true }]);
  expect(toggle.getAttribute('aria-checked')).toBe('true');
});
