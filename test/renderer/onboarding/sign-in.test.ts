// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { err } from '../../../src/shared/std/result.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { accountView, appView } from '../../renderer-browser/preview/sample.ts';
import { refuse } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow, utf8 } from '../../support/open-window.ts';

const app = { ...appView, phase: { tag: 'no-account' } } as const;
let window: OpenWindow;

async function fill(): Promise<void> {
  await window.type('Address', ' alice@example.org ');
  await window.type('Password', 'correct horse');
}

afterEach(() => {
  window.close();
});

async function chooseWay(value: string): Promise<void> {
  const list = document.querySelector('select');
  if (list === null) throw new RangeError('no list of ways');
  list.value = value;
  list.dispatchEvent(new Event('change'));
  await nextTick();
}

describe('signing in', () => {
  it('ux:1 takes two screens and one password to the chat list', async () => {
    const client = mainOf({ app });
    client.answer({
      'account.add': () => {
        client.emit('app.changed', appView);
        return { ok: true, value: undefined };
      },
    });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    expect(inputsOf(client, 'account.add')).toHaveLength(0);
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toEqual([
      {
        jid: 'alice@example.org',
        password: utf8('correct horse'),
        createOnServer: false,
        allowPlain: false,
        deviceLabel: 'Desktop',
        mode: 'compatible',
        leavesKeys: true,
        forgingKey: { choice: 'destroy' },
      },
    ]);
    await window.settle();
    expect(window.router.currentRoute.value.name).toBe('chats');
    expect(window.text()).toContain('Bob Lindqvist');
  });

  it('ux:1 says a wrong password beside its field and keeps what was typed', async () => {
    const client = mainOf({ app, answers: { 'account.add': () => refuse('auth-failed') } });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('button', 'Finish');
    const password = window.find('field', 'Password') as HTMLInputElement;
    expect(password.value).toBe('correct horse');
    expect(password.getAttribute('aria-invalid')).toBe('true');
    const told = document.getElementById(password.getAttribute('aria-describedby') ?? '');
    expect(told?.textContent).toBe('The server does not accept this address and password.');
    expect((window.find('field', 'Address') as HTMLInputElement).value).toContain('alice');
    expect(document.activeElement).toBe(password);
  });

  it('ux:2 stops at a certificate nobody vouches for and says why', async () => {
    const client = mainOf({
      app,
      answers: { 'account.add': () => refuse('certificate-untrusted') },
    });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('button', 'Finish');
    expect(document.querySelector('[role=alert]')?.textContent).toContain('did not connect');
    expect(inputsOf(client, 'account.add')).toHaveLength(1);
  });

  it('does not ask main about what cannot be an address', async () => {
    window = await openWindow(mainOf({ app }));
    await window.type('Address', 'alice');
    await window.type('Password', 'x');
    await window.submit('Password');
    expect(window.text()).toContain('It looks like name@example.org');
    expect(window.has('button', 'Finish')).toBe(false);
  });

  it('ux:3 creates the account on the server only when asked to', async () => {
    const client = mainOf({ app });
    window = await openWindow(client);
    await fill();
    await window.click('button', 'Create an account');
    expect(window.text()).toContain('A new account');
    await window.click('button', 'Create account');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([{ createOnServer: true }]);
  });

  it('sends the server and port that were given, and refuses what is no port', async () => {
    const client = mainOf({ app });
    window = await openWindow(client);
    await fill();
    await window.click('button', 'Server settings');
    await window.type('Server', 'xmpp.example.org');
    await window.type('Port', '70000');
    await window.submit('Password');
    expect(window.text()).toContain('A port is a number from 1 to 65535.');
    await window.type('Port', '15222');
    await window.submit('Password');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([
      { server: { host: 'xmpp.example.org', port: 15_222, tls: 'starttls' } },
    ]);
  });

  it('takes the address of a WebSocket in place of server and port, and only with TLS', async () => {
    const client = mainOf({ app });
    window = await openWindow(client);
    await fill();
    await window.click('button', 'Server settings');
    await chooseWay('websocket');
    await window.type('WebSocket address', 'ws://xmpp.example.org/ws');
    await window.submit('Password');
    expect(window.text()).toContain('A WebSocket address begins with wss://.');
    await window.type('WebSocket address', ' wss://xmpp.example.org/ws ');
    await window.submit('Password');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([
      { server: { url: 'wss://xmpp.example.org/ws', tls: 'websocket' } },
    ]);
  });

  it('ux:2.5.12 leaves keys for while the user is away, unless they do not want that', async () => {
    const client = mainOf({ app });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('switch', 'Publish so that others can write to you while you are offline');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([{ leavesKeys: false }]);
  });

  it('keeps the forging key only with a passphrase for its file', async () => {
    const client = mainOf({ app });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('radio', 'Keep it in an encrypted file I choose');
    await window.click('button', 'Finish');
    expect(window.text()).toContain('The file needs a passphrase.');
    expect(inputsOf(client, 'account.add')).toHaveLength(0);
    await window.type('Passphrase for the file', 'six words');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([
      { forgingKey: { choice: 'keep', passphrase: utf8('six words') } },
    ]);
  });

  it('shows the settings that can help when the server offers nothing better', async () => {
    const client = mainOf({
      app,
      answers: { 'account.add': () => refuse('server-no-mechanism') },
    });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('button', 'Finish');
    await window.click('switch', 'Allow sending the password itself');
    await window.submit('Password');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toMatchObject([
      { allowPlain: false },
      { allowPlain: true },
    ]);
  });

  it('never names the two keys by their names in the protocol', async () => {
    window = await openWindow(mainOf({ app }));
    await fill();
    await window.submit('Password');
    expect(window.text()).toContain('Deniability key');
    expect(window.text().toLowerCase()).not.toContain('forging');
    expect(window.text().toLowerCase()).not.toContain('long-term');
  });

  it('ignores a second press while main works on the first', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const client = mainOf({
      app,
      answers: {
        'account.add': async () => {
          await promise;
          return err({ code: 'connection-timeout' });
        },
      },
      account: accountView,
    });
    window = await openWindow(client);
    await fill();
    await window.submit('Password');
    await window.click('button', 'Finish');
    await window.click('button', 'Finish');
    expect(inputsOf(client, 'account.add')).toHaveLength(1);
    resolve(undefined);
    await window.settle();
    expect(window.text()).toContain('The server did not answer in time.');
  });
});
