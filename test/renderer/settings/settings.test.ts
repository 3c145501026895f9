// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { accountView, ourCode, settingsView } from '../../renderer-browser/preview/sample.ts';
import { type FakeClient, refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow, utf8 } from '../../support/open-window.ts';

let window: OpenWindow;

const open = async (section: string, client: FakeClient = mainOf()): Promise<FakeClient> => {
  window = await openWindow(client, { name: 'settings', params: { section } });
  return client;
};

afterEach(() => {
  window.close();
  delete document.documentElement.dataset['theme'];
});

describe('the mode of the account', () => {
  it('mode:I-01 mode:I-13 is shown, and of the live one what it claims', async () => {
    await open('off-the-record', mainOf({ account: { ...accountView, mode: 'standalone' } }));
    const claim = 'Neither side leaves anything that could be shown to others as proof';
    const cards = ['Compatible', 'Stand-alone', 'Interactive only'].map((mode) =>
      window.find('radio', mode),
    );
    expect(cards.map((card) => card.getAttribute('aria-checked'))).toEqual([
      'false',
      'true',
      'false',
    ]);
    expect(cards.map((card) => card.textContent.includes(claim))).toEqual([false, false, true]);
  });
});

describe('what is said about Sotto', () => {
  it('guide:R-22 guide:R-13 names what it cannot do yet, beside what it promises', async () => {
    await open('about');
    for (const words of ['group chats', 'files', 'older version 3', 'early version']) {
      expect(window.text()).toContain(words);
    }
    expect(window.text()).toContain('are not kept on this computer');
  });
});

describe('settings', () => {
  it('saves all of them together when one changes', async () => {
    const client = await open('messages');
    await window.click('switch', 'Enter sends the message');
    expect(inputsOf(client, 'settings.save')).toEqual([
      { settings: { ...settingsView, enterSends: false } },
    ]);
    expect(window.text()).toContain('Enter makes a new line, Ctrl+Enter sends.');
  });

  it('shows again what holds when main refuses, and says why', async () => {
    await open(
      'messages',
      mainOf({ answers: { 'settings.save': () => refuse('store-read-only') } }),
    );
    const enter = window.find('switch', 'Enter sends the message');
    await window.click('switch', 'Enter sends the message');
    expect(enter.getAttribute('aria-checked')).toBe('true');
    expect(document.querySelector('[role=alert]')?.textContent).toContain('may not write');
  });

  it('turns light or dark at once, and follows the system otherwise', async () => {
    await open('appearance');
    await window.click('radio', 'Dark');
    expect(document.documentElement.dataset['theme']).toBe('dark');
    await window.click('radio', 'Like the system');
    expect(document.documentElement.dataset['theme']).toBeUndefined();
  });

  it('ux:9 speaks German at once when that is chosen, and English again', async () => {
    const client = await open('appearance');
    const { documentElement: page } = document;
    expect([page.lang, page.dir]).toEqual(['en', 'ltr']);
    await window.click('radio', 'Deutsch');
    expect(inputsOf(client, 'settings.save')).toEqual([
      { settings: { ...settingsView, language: 'de' } },
    ]);
    expect([page.lang, page.dir]).toEqual(['de', 'ltr']);
    expect(window.has('radio', 'Dunkel')).toBe(true);
    expect(window.text()).not.toContain('Appearance');
    await window.click('radio', 'English');
    expect(page.lang).toBe('en');
    expect(window.has('radio', 'Dark')).toBe(true);
  });

  it('changes one rule and leaves the others', async () => {
    const client = await open('off-the-record');
    const otr = window.find('field', 'Talk off the record') as HTMLSelectElement;
    otr.value = 'always';
    otr.dispatchEvent(new Event('change', { bubbles: true }));
    await window.settle();
    await window.click('switch', 'Only verified devices');
    expect(inputsOf(client, 'settings.save')).toEqual([
      { settings: { ...settingsView, rules: { ...settingsView.rules, otr: 'always' } } },
      {
        settings: {
          ...settingsView,
          rules: { ...settingsView.rules, otr: 'always', verifiedOnly: true },
        },
      },
    ]);
  });

  it('offers no notification that shows the text', async () => {
    await open('notifications');
    const radios = [...document.querySelectorAll('[role=radio]')];
    expect(radios).toHaveLength(3);
    expect(window.text()).toContain('Off-the-record text is never in one.');
  });
});

describe('this device', () => {
  it('shows twelve numbered words and the whole code, and copies through main', async () => {
    const client = await open('device');
    const words = [...document.querySelectorAll('ol.words li')].map(({ textContent }) =>
      textContent.trim(),
    );
    expect(words).toEqual(ourCode.words.map((word, index) => `${String(index + 1)}${word}`));
    const groups = [...document.querySelectorAll('.hex span')].map(
      ({ textContent }) => textContent,
    );
    expect(groups).toHaveLength(14);
    expect(groups.join('')).toBe(ourCode.hex);
    await window.click('button', 'Copy code');
    expect(inputsOf(client, 'clipboard.copy-code')).toEqual([{ of: { whose: 'ours' } }]);
    expect(window.text()).toContain('Copied.');
  });

  it('says that keys are being made instead of showing an empty code', async () => {
    await open('device', mainOf({ account: { ...accountView, keys: { tag: 'making' } } }));
    expect(window.text()).toContain('Your keys are being made.');
    expect(document.querySelector('ol.words')).toBeNull();
  });

  it('saves another name once, and warns who can see it', async () => {
    const client = await open('device');
    expect(window.text()).toContain('Anyone who knows your address can see this name.');
    await window.type('Name', 'Work');
    await window.submit('Name');
    expect(inputsOf(client, 'account.set-device-label')).toEqual([{ label: 'Work' }]);
  });
});

describe('the account', () => {
  it('takes a new password to main and forgets it', async () => {
    const client = await open('account');
    await window.type('New password', 'another horse');
    await window.submit('New password');
    expect(inputsOf(client, 'account.set-password')).toEqual([{ password: utf8('another horse') }]);
    expect((window.find('field', 'New password') as HTMLInputElement).value).toBe('');
  });

  it('signs out, and says what keeps it from signing in', async () => {
    const client = await open('account');
    await window.click('button', 'Sign out');
    expect(inputsOf(client, 'account.disconnect')).toHaveLength(1);
    client.emit('account.changed', {
      ...accountView,
      connection: { tag: 'failed', code: 'server-not-proved' },
    });
    await window.settle();
    expect(window.text()).toContain('The server could not prove that it knows your password.');
    await window.click('button', 'Connect');
    expect(inputsOf(client, 'account.connect')).toHaveLength(1);
  });

  it('is removed only after a question whose first answer is to keep it', async () => {
    const client = await open('account');
    await window.click('button', 'Remove account…');
    expect(document.activeElement?.textContent.trim()).toBe('Keep the account');
    expect(inputsOf(client, 'account.remove')).toHaveLength(0);
    await window.click('button', 'Remove');
    expect(inputsOf(client, 'account.remove')).toHaveLength(1);
  });
});

describe('the passphrase', () => {
  it('changes with the present one, or is set where there was none', async () => {
    const client = await open('locking');
    await window.type('New passphrase', 'eight or more');
    await window.type('The new passphrase again', 'eight or mroe');
    await window.submit('New passphrase');
    expect(window.text()).toContain('The two are not the same.');
    await window.type('The new passphrase again', 'eight or more');
    await window.submit('New passphrase');
    await window.type('Present passphrase', 'the old one');
    await window.type('New passphrase', 'another one');
    await window.type('The new passphrase again', 'another one');
    await window.submit('New passphrase');
    expect(inputsOf(client, 'vault.change-passphrase')).toEqual([
      { next: utf8('eight or more') },
      { current: utf8('the old one'), next: utf8('another one') },
    ]);
  });

  it('says beside its field that the present one is wrong', async () => {
    await open(
      'locking',
      mainOf({ answers: { 'vault.change-passphrase': () => refuse('vault-passphrase-wrong') } }),
    );
    await window.type('Present passphrase', 'wrong');
    await window.type('New passphrase', 'eight or more');
    await window.type('The new passphrase again', 'eight or more');
    await window.submit('New passphrase');
    const field = window.find('field', 'Present passphrase');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(window.find('field', 'New passphrase').getAttribute('aria-invalid')).toBeNull();
  });
});

describe('clearing off-the-record messages', () => {
  it('asks first', async () => {
    const client = await open('locking');
    await window.click('button', 'Clear all');
    expect(document.activeElement?.textContent.trim()).toBe('Keep them');
    expect(inputsOf(client, 'conversation.clear-all')).toHaveLength(0);
    const inDialog = [...document.querySelectorAll<HTMLElement>('[role=alertdialog] button')];
    inDialog.find(({ textContent }) => textContent.trim() === 'Clear all')?.click();
    await window.settle();
    expect(inputsOf(client, 'conversation.clear-all')).toHaveLength(1);
  });
});
