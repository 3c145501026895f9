// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import type { OwnDevicesView } from '../../../src/shared/model/account.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { accountView } from '../../renderer-browser/preview/sample.ts';
import type { FakeClient } from '../../support/fake-client.ts';
import { inputsOf, openWindow, type OpenWindow } from '../../support/open-window.ts';

let window: OpenWindow;

async function open(section: string, more: Partial<OwnDevicesView> = {}): Promise<FakeClient> {
  const devices = { ...accountView.devices, ...more };
  const client = mainOf({ account: { ...accountView, devices } });
  window = await openWindow(client, { name: 'settings', params: { section } });
  return client;
}

afterEach(() => {
  window.close();
});

describe('the own devices', () => {
  it('are listed with label and number, and removed after a question', async () => {
    const client = await open('device');
    expect(window.text()).toContain('Phone');
    expect(window.text()).toContain('7c91e4ce');
    expect(window.text()).toContain('device c45b041c');
    await window.click('button', 'Remove “Phone”');
    expect(inputsOf(client, 'account.remove-device')).toEqual([]);
    await window.click('button', 'Remove');
    expect(inputsOf(client, 'account.remove-device')).toEqual([{ instanceTag: '7c91e4ce' }]);
  });

  it('xep:T-65 xep:S-04 a list that is fought over is told, with a way on', async () => {
    const client = await open('device', { standing: 'contested' });
    expect(window.text()).toContain('Another app keeps taking this device off');
    await window.click('button', 'Put this device back');
    expect(inputsOf(client, 'account.announce-device')).toEqual([{}]);
  });

  it('says when this device has put itself back', async () => {
    await open('device', { takenOffAt: 1 });
    expect(window.text()).toContain('has put itself back');
  });
});
