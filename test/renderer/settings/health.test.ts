// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import type { PrekeysView } from '../../../src/shared/model/prekeys.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { accountView, keyServer, prekeysView } from '../../renderer-browser/preview/sample.ts';
import type { FakeClient } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow } from '../../support/open-window.ts';

let window: OpenWindow;

async function open(prekeys: PrekeysView, section = 'health'): Promise<FakeClient> {
  const client = mainOf({ prekeys });
  window = await openWindow(client, { name: 'settings', params: { section } });
  return client;
}

afterEach(() => {
  window.close();
});

const changed = { ...keyServer, newCode: 'AB'.repeat(56) };

describe('off-the-record health', () => {
  it('shows code, list, clock, keys left, server and its code, and repairs', async () => {
    const client = await open(prekeysView);
    for (const words of ['window', '83 of 100', keyServer.jid, keyServer.code.slice(0, 8)]) {
      expect(window.text()).toContain(words);
    }
    expect(window.text()).toContain('All is well.');
    await window.click('button', 'Repair');
    expect(inputsOf(client, 'prekeys.repair')).toEqual([{}]);
  });

  it('pks:T-51 asks what to do about a key server that changed its identity, and does that', async () => {
    const client = await open({ ...prekeysView, stage: 'server-changed', changed: [changed] });
    expect(window.text()).toContain('The key server of example.org changed its identity.');
    expect(window.text()).toContain('ABABABAB');
    await window.click('button', 'Stop');
    await window.click('button', 'Continue');
    expect(inputsOf(client, 'prekeys.stop-server')).toEqual([{ jid: keyServer.jid }]);
    expect(inputsOf(client, 'prekeys.accept-server')).toEqual([{ jid: keyServer.jid }]);
    client.emit('prekeys.changed', prekeysView);
    await window.settle();
    expect(window.text()).not.toContain('changed its identity');
  });

  it('pks:T-51 has a badge for it, on the page and on the way there', async () => {
    const client = await open(prekeysView, 'account');
    const badge = '[aria-label="A key server changed its identity"]';
    expect(document.querySelector(badge)).toBeNull();
    client.emit('prekeys.changed', { ...prekeysView, changed: [changed] });
    await window.settle();
    expect(document.querySelector(badge)).not.toBeNull();
    await window.router.push({ name: 'chats' });
    await window.settle();
    expect(window.has('button', 'Settings. A key server changed its identity')).toBe(true);
  });

  it('pks:T-56 says in plain words why it does not work', async () => {
    await open({
      ...prekeysView,
      stage: 'failing',
      trouble: { why: 'unreachable', at: 1_700_000_000_000 },
    });
    expect(window.text()).toContain('Publishing did not work. It is tried again by itself.');
    expect(window.text()).toContain('The key server did not answer.');
  });

  it('uses a server again that was stopped', async () => {
    const client = await open({ ...prekeysView, stage: 'stopped' });
    await window.click('button', 'Use it again');
    expect(inputsOf(client, 'prekeys.accept-server')).toEqual([{ jid: keyServer.jid }]);
  });

  it('ux:2.5.12 leaves keys or not, as the user wants', async () => {
    const client = await open(prekeysView);
    await window.click('switch', 'Publish so that others can write to you while you are offline');
    expect(inputsOf(client, 'prekeys.leave')).toEqual([{ leaves: false }]);
    client.emit('prekeys.changed', { ...prekeysView, stage: 'off' });
    await window.settle();
    expect(window.text()).toContain('You leave no keys.');
    expect(window.has('button', 'Repair')).toBe(false);
    expect(window.text()).not.toContain(keyServer.jid);
    await window.click('switch', 'Publish so that others can write to you while you are offline');
    expect(inputsOf(client, 'prekeys.leave').at(-1)).toEqual({ leaves: true });
  });

  it('mode:I-02 mode:I-08 mode:I-12 explains why none of it exists in interactive-only mode', async () => {
    await open({ tag: 'not-used', publishedUntil: 1_800_000_000_000 });
    expect(window.text()).toContain('only while both sides are online');
    expect(window.text()).toContain('may still be handed out until January 15, 2027');
    expect(window.has('button', 'Repair')).toBe(false);
  });

  it('mode:I-12 tells before the change what it cannot take back', async () => {
    await open({ ...prekeysView, publishedUntil: 1_800_000_000_000 }, 'off-the-record');
    await window.click('radio', 'Interactive only');
    const asked = document.querySelector('[role=alertdialog], [role=dialog]')?.textContent ?? '';
    expect(asked).toContain('may still hand them out until January 15, 2027');
    expect(accountView.mode).toBe('compatible');
  });
});
