// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConversationView, DeviceView } from '../../../src/shared/model/conversation.ts';
import {
  allowedPhone,
  laptop,
  verifiedLaptop,
  verifiedPhone,
  viewOf,
} from '../../renderer-browser/preview/conversation-sample.ts';
import { settingsView, today } from '../../renderer-browser/preview/sample.ts';
import { type ChatWindow, openChat } from '../../support/chat-window.ts';
import { inputsOf } from '../../support/open-window.ts';

let window: ChatWindow;

async function openPanel(view: ConversationView): Promise<void> {
  window = await openChat(view);
  window.client.emit('app.command', 'toggle-panel');
  await window.settle();
}

afterEach(() => {
  window.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const changed = () => inputsOf(window.client, 'conversation.change-device');
const sent = () => inputsOf(window.client, 'conversation.set-send-to');
const rows = () => window.all('aside .device').map(({ textContent }) => textContent);
const items = () => window.all('[role=menuitem]').map(({ textContent }) => textContent.trim());

/** The menu of the device with this name, closed again by the next choice. */
const openMenu = (label: string): Promise<void> => window.click('button', `More for ${label}`);

const PHONE = '9d20e1b7';
const both = viewOf('verified', { devices: [verifiedLaptop, verifiedPhone] });
const away = (more: Partial<DeviceView>): ConversationView =>
  viewOf('verified', { devices: [verifiedLaptop, { ...verifiedPhone, ...more }] });

describe('ux:2.5.8 the menu of a device', () => {
  it('says its number, and what it calls itself where the user calls it otherwise', async () => {
    const name = { label: 'Pocket', instanceTag: PHONE };
    await openPanel(away({ name, nickname: 'Pocket', announcedAs: 'Phone' }));
    await openMenu('Pocket');
    const facts = window.all('.menu .fact').map(({ textContent }) => textContent.trim());
    expect(facts).toEqual(['Calls itself “Phone”', `Device ID ${PHONE}`]);
  });

  it.each([
    [
      'verified',
      verifiedPhone,
      ['Rename for me…', 'Send only to this device', 'Remove verification…', 'Block this device…'],
      ['Verify…', 'Use without verifying', 'Unblock this device'],
    ],
    [
      'not verified, beside one that is',
      { ...verifiedPhone, live: true, inChat: true, trust: { tag: 'unverified' } },
      ['Verify…', 'Use without verifying', 'Forget…'],
      ['Remove verification…', 'Stop using until verified'],
    ],
    [
      'let in by the user',
      { ...verifiedPhone, allowed: true, trust: { tag: 'unverified' } },
      ['Stop using until verified'],
      ['Use without verifying', 'Verify…'],
    ],
    [
      'blocked',
      { ...verifiedPhone, blocked: true },
      ['Unblock this device', 'Copy security code'],
      ['Send only to this device', 'Block this device…', 'Forget…'],
    ],
  ] as const)('of one that is %s has what can be done', async (_what, phone, there, missing) => {
    await openPanel(viewOf('verified', { devices: [verifiedLaptop, phone] }));
    await openMenu('Phone');
    expect(items()).toEqual(expect.arrayContaining([...there]));
    expect(items().filter((one) => missing.some((other) => other === one))).toEqual([]);
  });

  it('asks nothing about letting one in where nothing is verified', async () => {
    await openPanel(
      viewOf('unverified', { devices: [laptop, { ...allowedPhone, allowed: false }] }),
    );
    await openMenu('Phone');
    expect(items()).not.toContain('Use without verifying');
  });

  it('renames for the user alone', async () => {
    await openPanel(both);
    await openMenu('Phone');
    await window.click('menuitem', 'Rename for me…');
    await window.type('Name', 'Pocket');
    await window.submit('Name');
    expect(changed()).toEqual([
      { id: 1, instanceTag: PHONE, change: { act: 'rename', nickname: 'Pocket' } },
    ]);
    expect(window.has('dialog', 'Rename “Phone” for me')).toBe(false);
  });

  it.each([
    ['Use without verifying', 'allow', { allowed: false }],
    ['Stop using until verified', 'disallow', { allowed: true }],
    ['Unblock this device', 'unblock', { allowed: false, blocked: true }],
  ] as const)('%s is done at once', async (label, act, more) => {
    await openPanel(away({ ...more, trust: { tag: 'unverified' } }));
    await openMenu('Phone');
    await window.click('menuitem', label);
    expect(changed()).toEqual([{ id: 1, instanceTag: PHONE, change: { act } }]);
  });

  it.each([
    ['Block this device…', 'Block', 'block'],
    ['Forget…', 'Forget', 'forget'],
  ] as const)('%s asks first, and the safe choice has the focus', async (label, confirm, act) => {
    await openPanel(both);
    await openMenu('Phone');
    await window.click('menuitem', label);
    expect(changed()).toEqual([]);
    expect(document.activeElement?.textContent.trim()).toBe('Cancel');
    expect(window.one('[role=alertdialog]').textContent).not.toContain('not encrypted');
    await window.click('button', confirm);
    expect(changed()).toEqual([{ id: 1, instanceTag: PHONE, change: { act, endsChat: false } }]);
  });

  it('ux:I-3 says that the chat ends with its only device, and what that means', async () => {
    await openPanel(viewOf('verified', { devices: [verifiedLaptop, verifiedPhone] }));
    await openMenu('Laptop');
    await window.click('menuitem', 'Block this device…');
    const text = window.one('[role=alertdialog]').textContent;
    expect(text).toContain('It is the only device in this chat');
    expect(text).toContain('new messages are not encrypted');
    await window.click('button', 'Block and end');
    expect(changed()).toEqual([
      { id: 1, instanceTag: 'c45b041c', change: { act: 'block', endsChat: true } },
    ]);
  });

  it('promises nothing in clear where nothing ever goes in clear', async () => {
    const rules = { ...settingsView.rules, otr: 'always' } as const;
    await openPanel(viewOf('verified', { rules }));
    await openMenu('Laptop');
    await window.click('menuitem', 'Forget…');
    expect(window.one('[role=alertdialog]').textContent).not.toContain('not encrypted');
  });
});

describe('ux:2.5.8 what a row says', () => {
  it('of a device that is there, is not, is listed no more, or is blocked', async () => {
    await openPanel(
      viewOf('verified', {
        devices: [
          verifiedLaptop,
          verifiedPhone,
          { ...verifiedPhone, unlisted: true },
          { ...verifiedPhone, blocked: true, unlisted: true },
        ],
      }),
    );
    const [here, away, unlisted, blocked] = rows();
    expect(here).toContain('live now');
    expect(here).toContain('first seen today');
    expect(away).toContain('cannot receive now');
    expect(unlisted).toContain('not in Bob Lindqvist’s list any more');
    expect(blocked).toContain('blocked by you');
    expect(window.all('aside .faint')).toHaveLength(2);
  });

  it('ux:S5 of one that gets what is written when it is back', async () => {
    await openPanel(viewOf('offline-verified', { presence: 'offline' }));
    expect(rows()[0]).toContain('reads it when it is back');
  });

  it('of one that is only listed can be named and blocked, not more', async () => {
    const listed = {
      name: { label: 'Kiosk', instanceTag: '55556666' },
      firstSeenAt: today(9, 0),
      blocked: false,
      nickname: undefined,
      announcedAs: undefined,
    };
    await openPanel(viewOf('verified', { announced: [listed] }));
    await openMenu('Kiosk');
    expect(items()).toEqual(['Rename for me…', 'Block this device…']);
  });
});

describe('ux:2.5.8 send to', () => {
  it('is asked only where there is a choice', async () => {
    await openPanel(viewOf('verified'));
    expect(window.all('aside [role=radio]')).toHaveLength(0);
  });

  it('one device: the one in the chat first, then any other', async () => {
    await openPanel(both);
    await window.click('radio', 'Only the device I choose');
    expect(sent()).toEqual([{ id: 1, rule: 'chosen', instanceTag: 'c45b041c' }]);
    await window.become({ ...both, sendTo: { rule: 'chosen', device: verifiedLaptop.name } });
    const select = window.find('field', 'Device') as HTMLSelectElement;
    select.value = PHONE;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await window.settle();
    expect(sent().at(-1)).toEqual({ id: 1, rule: 'chosen', instanceTag: PHONE });
  });

  it('the last active one, or all verified ones', async () => {
    await openPanel(both);
    await window.click('radio', 'The last active device');
    await window.become({ ...both, sendTo: { rule: 'last-active' } });
    await window.click('radio', 'All verified devices');
    expect(sent()).toEqual([
      { id: 1, rule: 'last-active' },
      { id: 1, rule: 'verified' },
    ]);
  });

  it('from the menu of a device, and says that the text waits where it is not in the chat', async () => {
    await openPanel(both);
    await openMenu('Phone');
    await window.click('menuitem', 'Send only to this device');
    expect(sent()).toEqual([{ id: 1, rule: 'chosen', instanceTag: PHONE }]);
    const sendTo = { rule: 'chosen', device: verifiedPhone.name } as const;
    await window.become(viewOf('waiting', { devices: both.devices, sendTo }));
    expect(window.one('aside .headline').textContent).toContain('only for “Phone”');
    await openMenu('Phone');
    expect(items()).not.toContain('Send only to this device');
  });
});

describe('ux:S4p', () => {
  it('says of how many devices the user is sure, and offers to verify the other', async () => {
    await openPanel(viewOf('mixed'));
    expect(window.one('header .chip').textContent).toContain(
      'Off the record · 1 of 2 devices verified',
    );
    expect(window.composer().placeholder).toBe('Off the record to 2 devices');
    expect(window.one('aside .headline').textContent).toContain('You let “Phone” have them');
    await window.click('button', 'Verify Bob Lindqvist');
    await window.click('button', 'Show a code');
    expect(inputsOf(window.client, 'verification.ask-code')).toEqual([
      { id: 1, instanceTag: '7c91e4ce' },
    ]);
  });

  const tablet = { ...allowedPhone, name: { label: 'Tablet', instanceTag: '11223344' } };
  const unverified = [allowedPhone.name, tablet.name];
  const headline = () => window.one('aside .headline').textContent;

  it.each([
    [
      '1 of 3 devices verified',
      viewOf('mixed'),
      1,
      '2 devices of Bob Lindqvist are not verified: “Phone” and “Tablet”. You let them have',
    ],
    [
      'not verified',
      viewOf('unverified'),
      0,
      'Only you and these 2 devices can read the messages: “Phone” and “Tablet”. It is not confirmed that they',
    ],
  ] as const)(
    'names all that are not verified, and leads to each: %s',
    async (chip, view, verified, words) => {
      await openPanel({
        ...view,
        devices: [...(verified === 1 ? [verifiedLaptop] : []), allowedPhone, tablet],
        audience: { devices: 2 + verified, verified, unverified },
      });
      expect(window.one('header .chip').textContent).toContain(chip);
      expect(headline()).toContain(words);
      expect(
        window.all('aside .headline button').map(({ textContent }) => textContent.trim()),
      ).toEqual(['Verify “Phone”', 'Verify “Tablet”']);
      await window.click('button', 'Verify “Tablet”');
      await window.click('button', 'Show a code');
      expect(inputsOf(window.client, 'verification.ask-code')).toEqual([
        { id: 1, instanceTag: '11223344' },
      ]);
    },
  );

  it('leads to comparing the codes where one of them is not there', async () => {
    const away = { ...tablet, live: false };
    const audience = { devices: 3, verified: 1, unverified };
    await openPanel(viewOf('mixed', { devices: [verifiedLaptop, allowedPhone, away], audience }));
    await window.click('button', 'Verify “Tablet”');
    await window.click('button', 'They match');
    expect(inputsOf(window.client, 'verification.compared')).toEqual([
      { id: 1, instanceTag: '11223344', result: 'match' },
    ]);
  });

  it('says it of one, whatever else was allowed that is not in the chat', async () => {
    const gone = { ...tablet, live: false, inChat: false };
    await openPanel(viewOf('mixed', { devices: [gone, verifiedLaptop, allowedPhone] }));
    expect(headline()).toContain(
      'You let “Phone” have them although it is not confirmed that it is',
    );
    expect(headline()).not.toContain('Tablet');
  });
});
