// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/std/result.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { appView } from '../../renderer-browser/preview/sample.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow, utf8 } from '../../support/open-window.ts';

const locked = { ...appView, phase: { tag: 'locked' } } as const;
let window: OpenWindow;

afterEach(() => {
  window.close();
});

describe('unlocking', () => {
  it('opens the chats with the passphrase and forgets it', async () => {
    const client = mainOf({ app: locked });
    client.answer({
      'vault.unlock': () => {
        client.emit('app.changed', appView);
        return ok(undefined);
      },
    });
    window = await openWindow(client);
    expect(document.activeElement).toBe(window.find('field', 'Passphrase'));
    await window.type('Passphrase', 'six random words');
    await window.submit('Passphrase');
    expect(inputsOf(client, 'vault.unlock')).toEqual([{ passphrase: utf8('six random words') }]);
    await window.settle();
    expect(window.router.currentRoute.value.name).toBe('chats');
    expect(document.body.innerHTML).not.toContain('six random words');
  });

  it('says beside the field that the passphrase is wrong, and keeps it', async () => {
    const client = mainOf({
      app: locked,
      answers: { 'vault.unlock': () => refuse('vault-passphrase-wrong') },
    });
    window = await openWindow(client);
    await window.type('Passphrase', 'nearly');
    await window.submit('Passphrase');
    expect(document.querySelector('[role=alert]')?.textContent).toBe('This is not the passphrase.');
    expect((window.find('field', 'Passphrase') as HTMLInputElement).value).toBe('nearly');
  });

  it('asks main nothing before the next attempt is allowed, and says how long that is', async () => {
    const client = mainOf({ app: { ...locked, retryAt: Date.now() + 60_000 } });
    window = await openWindow(client);
    await window.type('Passphrase', 'anything');
    await window.submit('Passphrase');
    expect(inputsOf(client, 'vault.unlock')).toHaveLength(0);
    expect(window.text()).toMatch(/You can try again in (60|59) seconds\./);
  });

  it('leads nowhere else while it is locked', async () => {
    window = await openWindow(mainOf({ app: locked }), { name: 'settings' });
    expect(window.router.currentRoute.value.name).toBe('unlock');
    expect(window.text()).not.toContain('Bob Lindqvist');
  });

  it('shows nothing of the chats any more once main locks', async () => {
    const client = mainOf();
    window = await openWindow(client);
    expect(window.text()).toContain('Bob Lindqvist');
    client.emit('app.changed', locked);
    await window.settle();
    expect(window.text()).not.toContain('Bob Lindqvist');
    expect(window.text()).toContain('Locked');
  });
});

describe('a new profile', () => {
  const fresh = (passphrase: 'required' | 'optional') =>
    mainOf({ app: { ...appView, phase: { tag: 'new', passphrase } } });

  it('seals with a passphrase typed twice', async () => {
    const client = fresh('required');
    window = await openWindow(client);
    await window.type('Passphrase', 'short');
    await window.submit('Passphrase');
    expect(window.text()).toContain('Use at least 8 characters.');
    await window.type('Passphrase', 'long enough');
    await window.type('The same passphrase again', 'long enouhg');
    await window.submit('Passphrase');
    expect(window.text()).toContain('The two are not the same.');
    expect(inputsOf(client, 'vault.create')).toHaveLength(0);
    await window.type('The same passphrase again', 'long enough');
    await window.submit('Passphrase');
    expect(inputsOf(client, 'vault.create')).toEqual([{ passphrase: utf8('long enough') }]);
  });

  it('offers to go on without one only where the system keeps the key', async () => {
    window = await openWindow(fresh('required'));
    expect(window.has('button', 'Go on without a passphrase')).toBe(false);
    window.close();
    const client = fresh('optional');
    window = await openWindow(client);
    await window.click('button', 'Go on without a passphrase');
    expect(inputsOf(client, 'vault.create')).toEqual([{}]);
  });
});

describe('a main that does not answer', () => {
  it('is said, and asked again', async () => {
    const client = mainOf({ answers: { 'app.view': () => refuse('internal') } });
    window = await openWindow(client);
    expect(document.querySelector('[role=alert]')?.textContent).toContain('went wrong');
    client.answer({ 'app.view': () => ok(appView) });
    await window.click('button', 'Try again');
    expect(window.router.currentRoute.value.name).toBe('chats');
  });
});

describe('a profile that cannot be opened', () => {
  it('says what is wrong, that nothing was changed, and looks again when asked', async () => {
    const client = mainOf({
      app: { ...appView, phase: { tag: 'broken', code: 'store-newer' } },
    });
    window = await openWindow(client);
    expect(document.querySelector('[role=alert]')?.textContent).toContain('newer version');
    expect(window.text()).toContain('Nothing was changed and nothing was deleted.');
    client.answer({ 'app.view': () => ok(appView) });
    await window.click('button', 'Try again');
    expect(inputsOf(client, 'vault.retry')).toHaveLength(1);
    expect(window.router.currentRoute.value.name).toBe('chats');
  });
});
