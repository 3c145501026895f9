// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/std/result.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import {
  accountView,
  bob,
  contactViews,
  conversation,
  jid,
  requestViews,
} from '../../renderer-browser/preview/sample.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow } from '../../support/open-window.ts';

let window: OpenWindow;

const rows = (): readonly HTMLElement[] => [...document.querySelectorAll<HTMLElement>('a.chat')];
const row = (at: number): HTMLElement => {
  const found = rows().at(at);
  if (found === undefined) throw new TypeError('no such row');
  return found;
};
const rowOf = (name: string): HTMLElement => {
  const row = rows().find(({ textContent }) => textContent.includes(name));
  if (row === undefined) throw new TypeError(`no row for ${name}`);
  return row;
};

afterEach(() => {
  window.close();
});

describe('the chat list', () => {
  it('puts the latest first and who never wrote last', async () => {
    window = await openWindow(mainOf());
    expect(rows()[0]?.textContent).toContain('Bob Lindqvist');
    expect(rows().at(-1)?.textContent).toContain('Sam');
  });

  it('ux:I-10 shows three words instead of an off-the-record message', async () => {
    window = await openWindow(mainOf());
    expect(rowOf('Jonas').textContent).toContain('Off-the-record message');
    expect(rowOf('Bob').textContent).toContain('See you at seven then.');
  });

  it('ux:I-5 names each state by a shape with words, never by colour alone', async () => {
    window = await openWindow(mainOf());
    const shape = (name: string) =>
      rowOf(name).querySelector('[role=img]')?.getAttribute('aria-label');
    expect(shape('Jonas')).toBe('Off the record · verified');
    expect(shape('Ines')).toBe('Off the record · not verified');
    expect(rowOf('Tomasz').textContent).toContain('Security code changed');
    expect(rowOf('Bob').querySelector('.state-shape')).toBeNull();
  });

  it('says presence and unread messages in words', async () => {
    window = await openWindow(mainOf());
    expect(rowOf('Mira').textContent).toContain('Online');
    expect(rowOf('Mira').querySelector('.counter')?.getAttribute('aria-label')).toBe(
      '2 unread messages',
    );
  });

  it('follows what main says about a contact', async () => {
    const client = mainOf();
    window = await openWindow(client);
    client.emit('contact.changed', { ...bob, name: 'Robert', unread: 1 });
    await window.settle();
    expect(rowOf('Robert').querySelector('.counter')?.getAttribute('aria-label')).toBe(
      '1 unread message',
    );
    client.emit('contact.removed', bob.id);
    await window.settle();
    expect(window.text()).not.toContain('Robert');
  });

  it('finds by name or address, without case and accents, and opens the first on Enter', async () => {
    window = await openWindow(mainOf());
    await window.type('Search', 'ZIELINSKI');
    expect(rows().map(({ textContent }) => textContent.includes('Tomasz'))).toEqual([true]);
    await window.type('Search', 'studio-nord@');
    expect(rows()).toHaveLength(1);
    await window.press(window.find('field', 'Search'), 'Enter');
    expect(window.router.currentRoute.value.params).toEqual({ id: '8' });
  });

  it('says so when nothing was found', async () => {
    window = await openWindow(mainOf());
    await window.type('Search', 'zebra');
    expect(window.text()).toContain('No name or address has “zebra” in it.');
  });

  it('ux:22 goes from the search to the rows and through them with the arrows', async () => {
    window = await openWindow(mainOf());
    const search = window.find('field', 'Search');
    await window.press(search, 'ArrowDown');
    expect(document.activeElement).toBe(rows()[0]);
    await window.press(row(0), 'ArrowDown');
    expect(document.activeElement).toBe(rows()[1]);
    await window.press(row(1), 'End');
    expect(document.activeElement).toBe(rows().at(-1));
    await window.press(row(-1), 'Home');
    await window.press(row(0), 'ArrowUp');
    expect(document.activeElement).toBe(search);
    expect(rows().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
  });

  it('keeps every name in isolation from the text round it', async () => {
    window = await openWindow(mainOf());
    for (const { name } of contactViews) {
      expect([...document.querySelectorAll('bdi')].map((bdi) => bdi.textContent)).toContain(name);
    }
  });

  it('invites to add somebody while there is nobody', async () => {
    window = await openWindow(mainOf({ contacts: [] }));
    expect(window.text()).toContain('No contacts yet');
    await window.click('button', 'Add a contact');
    expect(window.has('field', 'Address')).toBe(true);
  });
});

describe('a new chat', () => {
  it('sends a request and opens the chat', async () => {
    const client = mainOf({ answers: { 'contact.add': () => ok(conversation(42)) } });
    window = await openWindow(client);
    await window.click('button', 'New chat');
    await window.type('Address', 'eve@example.org ');
    await window.type('Name', 'Eve');
    await window.submit('Address');
    expect(inputsOf(client, 'contact.add')).toEqual([{ jid: 'eve@example.org', name: 'Eve' }]);
    expect(window.router.currentRoute.value.params).toEqual({ id: '42' });
  });

  it('opens the chat that is already there instead of asking again', async () => {
    const client = mainOf();
    window = await openWindow(client);
    await window.click('button', 'New chat');
    await window.type('Address', 'Bob@example.org');
    await window.submit('Address');
    expect(inputsOf(client, 'contact.add')).toHaveLength(0);
    expect(window.router.currentRoute.value.params).toEqual({ id: '1' });
  });

  it('says what is wrong beside the field and keeps what was typed', async () => {
    const client = mainOf({ answers: { 'contact.add': () => refuse('contact-self') } });
    window = await openWindow(client);
    await window.click('button', 'New chat');
    await window.type('Address', 'alice@example.org');
    await window.submit('Address');
    expect(window.text()).toContain('This is your own address.');
    expect((window.find('field', 'Address') as HTMLInputElement).value).toBe('alice@example.org');
  });
});

describe('the menu of a contact', () => {
  const open = async (): Promise<void> => {
    rowOf('Bob').focus();
    await window.settle();
    const button = window.find('button', 'More for Bob Lindqvist');
    button.focus();
    await window.press(button, 'Enter');
  };

  it('renames', async () => {
    const client = mainOf();
    window = await openWindow(client);
    await open();
    await window.click('menuitem', 'Rename…');
    await window.type('Name', ' Bobby ');
    await window.submit('Name');
    expect(inputsOf(client, 'contact.rename')).toEqual([{ id: 1, name: 'Bobby' }]);
    expect(window.has('dialog', 'Rename')).toBe(false);
  });

  it('opens on the secondary button of the pointer too', async () => {
    window = await openWindow(mainOf());
    const pressed = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
    rowOf('Mira').dispatchEvent(pressed);
    await window.settle();
    expect(pressed.defaultPrevented).toBe(true);
    expect(window.has('menuitem', 'Rename…')).toBe(true);
  });

  it('removes only after a question whose first answer is to keep', async () => {
    const client = mainOf();
    window = await openWindow(client);
    await open();
    await window.click('menuitem', 'Remove contact…');
    expect(document.activeElement?.textContent.trim()).toBe('Keep');
    expect(inputsOf(client, 'contact.remove')).toHaveLength(0);
    await window.click('button', 'Remove');
    expect(inputsOf(client, 'contact.remove')).toEqual([{ id: 1 }]);
  });
});

describe('requests of strangers', () => {
  it('come one at a time, and one is accepted or declined with one press', async () => {
    const client = mainOf({ requests: requestViews });
    window = await openWindow(client);
    expect(window.text()).toContain('carol@chat.example.net');
    expect(window.text()).not.toContain('dave@example.org');
    expect(window.text()).toContain('1 more');
    await window.click('button', 'Accept');
    await window.click('button', 'Decline');
    expect(inputsOf(client, 'contact.accept')).toEqual([{ jid: 'carol@chat.example.net' }]);
    expect(inputsOf(client, 'contact.decline')).toEqual([{ jid: 'carol@chat.example.net' }]);
  });

  it.each([
    ['\u0430lice@example.org', true],
    ['alice@ex\u0430mple.org', true],
    ['\u03b1lice@example.org', true],
    ['алиса@пример.рф', false],
    ['алиса@example.org', false],
    ['anaïs.müller@example.org', false],
    ['ليلى@example.org', false],
  ])(
    'sec:T-U-TXT says of %s that it may be made to look like another: %s',
    async (address, isTold) => {
      window = await openWindow(mainOf({ requests: [{ jid: jid(address), at: 1 }] }));
      expect(window.text()).toContain(address);
      expect(window.text().includes('mixes letters of different alphabets')).toBe(isTold);
    },
  );

  it('are blocked only after a question', async () => {
    const client = mainOf({ requests: requestViews });
    window = await openWindow(client);
    await window.click('button', 'Block');
    expect(inputsOf(client, 'contact.block')).toHaveLength(0);
    expect(document.activeElement?.textContent.trim()).toBe('Cancel');
    const blocks = [...document.querySelectorAll('[role=alertdialog] button')];
    (blocks.find(({ textContent }) => textContent.trim() === 'Block') as HTMLElement).click();
    await window.settle();
    expect(inputsOf(client, 'contact.block')).toEqual([{ jid: 'carol@chat.example.net' }]);
  });

  it('ux:I-9 take no focus when they arrive', async () => {
    const client = mainOf();
    window = await openWindow(client);
    const search = window.find('field', 'Search');
    search.focus();
    client.emit('contact.requests-changed', requestViews);
    await window.settle();
    expect(window.text()).toContain('wants to write to you');
    expect(document.activeElement).toBe(search);
    expect(document.querySelector('[role=dialog], [role=alertdialog]')).toBeNull();
  });
});

describe('the account at the foot', () => {
  it('says that keys are still being made, then the address', async () => {
    const client = mainOf({ account: { ...accountView, keys: { tag: 'making' } } });
    window = await openWindow(client);
    expect(window.text()).toContain('Making your keys…');
    client.emit('account.changed', accountView);
    await window.settle();
    expect(window.text()).not.toContain('Making your keys…');
    expect(window.text()).toContain('alice@example.org');
  });

  it('locks and opens the settings', async () => {
    const client = mainOf();
    window = await openWindow(client);
    await window.click('button', 'Lock Sotto');
    expect(inputsOf(client, 'vault.lock')).toHaveLength(1);
    await window.click('button', 'Settings');
    expect(window.router.currentRoute.value.name).toBe('settings');
  });
});
