// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classify } from '#otr';
import { bubble, chip, closePanel, composer, invitation, write } from '../../tools/driver/chat.ts';
import { addContact, openChat } from '../../tools/driver/contacts.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { jid } from '../xmpp/parties.ts';
import { House } from './support/house.ts';
import { ask, oversleep } from './support/main.ts';
import { OTHER_RESOURCE, OtherClient } from './support/other-client.ts';
import { inviteFrom, Mallory } from './support/mallory.ts';
import { CHIP, invite, Person, seesOnline } from './support/pair.ts';
import { RoguePeer } from './support/rogue-peer.ts';
import { line, messages, openPanel, panel, row, setRule } from './support/room.ts';
import { eventually, sentenceOf } from './support/screen.ts';

/** One answer to an error, one refusal and one heartbeat: whatever is sent, no more than that. */
const MOST_REPLIES = 3;
const MINUTE_MS = 60_000;
const WHITESPACE_TAG = ' \t  \t\t\t\t \t \t \t    \t\t \t  ';

let house: House;
let prosody: Prosody;
let alice: Person;
let mallory: Mallory;
let rogue: RoguePeer;
let rounds = 0;

/** Alice has read what Mallory said last, and so all that came before; what she answered is there. */
async function settle(): Promise<void> {
  rounds += 1;
  const [call, echo] = [`round ${String(rounds)}`, `echo ${String(rounds)}`];
  mallory.say(call);
  await bubble(alice.page, call).waitFor();
  await write(alice.page, echo);
  await mallory.hears(echo);
}

/** Bodies that look like OTR and are none, made from a sound Identity message. */
function spoil(identity: string): readonly string[] {
  const bytes = Buffer.from(identity.slice(5, -1), 'base64');
  const armour = (content: Uint8Array): string =>
    `?OTR:${Buffer.from(content).toString('base64')}.`;
  const changed = (at: number, octet: number): string => {
    const copy = Buffer.from(bytes);
    copy[at] = octet;
    return armour(copy);
  };
  return [
    '?OTR:',
    '?OTR:.',
    '?OTR:AAQ=.',
    '?OTR:====.',
    '?OTR:!"§$%&.',
    `?OTR:${'A'.repeat(60_000)}.`,
    identity.slice(0, -1),
    armour(bytes.subarray(0, 11)),
    armour(bytes.subarray(0, 200)),
    armour(Buffer.concat([bytes, Buffer.alloc(1000)])),
    changed(1, 3),
    changed(2, 0x99),
    changed(2, 0x36),
    changed(2, 0x37),
    changed(2, 0x03),
    // From nobody, for another device, with a key that is none.
    changed(6, 0),
    changed(7, 0x77),
    changed(60, 0xff),
    '?OTR|1|2|3,1,2,abc,',
    '?OTR|00000000|00001000|00001001,2,1,abc,',
    '?OTR|00000000|00001000|00001001,1,65535,abc,',
    '?OTR,1,2,abc,',
  ];
}

beforeAll(async () => {
  house = new House();
  prosody = await house.server();
  alice = new Person('alice', house, prosody);
  mallory = await Mallory.online(prosody, 'mallory', alice.jid);
  rogue = await RoguePeer.online(prosody, 'rogue', alice.jid);
  await alice.arrive();
  await addContact(alice.page, rogue.party.jid, 'Rogue');
  await addContact(alice.page, mallory.party.jid, 'Mallory');
  await openChat(alice.page, 'Mallory');
  await seesOnline(alice.page);
});

afterAll(async () => {
  await Promise.all([mallory.party.client.disconnect(), rogue.leave()]);
  await house[Symbol.asyncDispose]();
});

/** Types what no keyboard can, as a paste would bring it. */
async function paste(text: string): Promise<void> {
  await composer(alice.page).evaluate(
    (field: HTMLTextAreaElement, codes) => {
      field.value = String.fromCharCode(...codes);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
  );
}

describe('what is typed', () => {
  it('ux:4 sends nothing where there is nothing to send', async () => {
    const before = mallory.heard.length;
    for (const nothing of ['', ' ', '\n \t\n', '\u00a0']) {
      await paste(nothing);
      await composer(alice.page).press('Enter');
    }
    await settle();
    expect(mallory.heard.slice(before)).toEqual([`echo ${String(rounds)}`]);
  });

  it('ux:4 says that a megabyte is too long, and keeps it', async () => {
    const { page } = alice;
    const text = 'long '.repeat(200_000);
    await composer(page).fill(text);
    await composer(page).press('Enter');
    await page.getByText(`Not sent. ${sentenceOf('message-too-long')}`).waitFor();
    expect((await composer(page).inputValue()).length).toBe(text.length);
    await composer(page).fill('');
    await settle();
    expect(mallory.heard.filter((body) => body.includes('long long'))).toEqual([]);
  });

  it('sec:T-X-XML cleans what XML cannot carry, and the connection lives', async () => {
    await paste('be\u0000tw\u0007ee\u001bn \ud800 lines\ufffe');
    await composer(alice.page).press('Enter');
    await mallory.hears('between \ufffd lines');
    await settle();
    expect(await alice.page.getByText(/^The connection to your server is gone/).count()).toBe(0);
  });

  it('ux:I-8 sec:T-U-TXT keeps a text that turns the direction to itself', async () => {
    const { page } = alice;
    const turned = 'invoice \u202efdp.exe';
    mallory.say(turned);
    const shown = bubble(page, turned);
    await shown.waitFor();
    const isolation = await shown.evaluate((element) => getComputedStyle(element).unicodeBidi);
    expect(isolation).toMatch(/^(?:isolate|plaintext)/);
  });

  it.each([
    '?OTRv4?',
    '?OTR?v4?',
    'Look: ?OTRv34? is how they ask.',
    '?OTR:AAQ1AAAA.',
    '?OTR Error: ERROR_1: nothing',
    `A tag${WHITESPACE_TAG}in the middle`,
  ])('ux:A8 sends text that looks like OTR as text (%j)', async (text) => {
    const before = mallory.heard.length;
    await write(alice.page, text);
    await eventually(() => mallory.heard.length).toBe(before + 1);
    const body = mallory.heard.at(-1) ?? '';
    expect(classify(body).kind).toBe('plaintext');
    expect(body.replaceAll('\u2060', '').length).toBe(text.length);
  });

  it('ux:A8 is started by no query in the middle of a text', async () => {
    const { page } = alice;
    const before = mallory.heard.length;
    const quoted = 'In the manual it says ?OTRv4? on page 3.';
    mallory.say(quoted);
    await bubble(page, quoted).waitFor();
    await settle();
    expect(mallory.heard.slice(before)).toEqual([`echo ${String(rounds)}`]);
    expect(await invitation(page).count()).toBe(0);
  });
});

describe('a contact without off the record', () => {
  const contacts = async () =>
    (await ask(alice.page, 'contact.list', {})) as readonly { readonly id: unknown }[];

  it('ux:S11 gets nothing where everything is to be encrypted, and that is said', async () => {
    const { page } = alice;
    const text = 'for a device that can read it';
    await setRule(page, 'Off the record', 'Always');
    await write(page, text);
    await chip(page, CHIP.starting).waitFor();
    await oversleep(alice, 11 * MINUTE_MS);
    for (const { id } of await contacts()) await ask(page, 'conversation.mark-read', { id });
    await chip(page, 'Cannot send: Mallory’s app has no off the record').waitFor();
    expect(await composer(page).getAttribute('readonly')).not.toBeNull();
    expect(await page.getByRole('button', { name: /unencrypted/i }).count()).toBe(0);
    await setRule(page, 'Off the record', 'When I ask');
    await row(page, text).getByRole('button', { name: 'Discard' }).click();
    await chip(page, CHIP.plain).waitFor();
    await settle();
    expect(mallory.heard).not.toContain(text);
  });
});

describe('lists of devices', () => {
  const raw = Array.from({ length: 500 }, (_, at) => ({
    id: (0x1000 + (at % 450)).toString(16),
    label: at % 50 === 1 ? 'x'.repeat(5000) : at % 50 === 2 ? '' : `Device ${String(at)}`,
  }));

  it('ux:A6 ux:S1 of a contact: 500 are 50 rows and more on request, with short names', async () => {
    const { page } = alice;
    await openPanel(page);
    await using other = await OtherClient.online(prosody, mallory.party.jid, 'password of mallory');
    await other.publishDevices(raw);
    await chip(page, `${CHIP.plain} · off the record available`).waitFor();
    const rows = panel(page).locator('.announced li');
    await eventually(() => rows.count()).toBe(50);
    await panel(page).getByRole('button', { name: '14 more' }).click();
    await eventually(() => rows.count()).toBe(64);
    for (const words of await rows.locator('bdi').allTextContents()) {
      expect(Array.from(words).length).toBeLessThanOrEqual(53);
    }
    await other.publishDevices([]);
    await eventually(() => rows.count()).toBe(0);
    await closePanel(page);
  });

  it('ux:A6 of our own without us: we put ourselves back, once', async () => {
    const before = (await publications()).length;
    await using other = await OtherClient.online(prosody, alice.jid, alice.credentials.password);
    await other.publishDevices([{ id: '00004444', label: 'Other' }]);
    await eventually(ownDevices).toBe(2);
    await settle();
    expect(await publications()).toHaveLength(before + 1);
  });

  /** How many devices Alice has, as anybody sees it. */
  async function ownDevices(): Promise<number> {
    const list = await mallory.party.client.fetchDevices(jid(alice.jid));
    return list.tag === 'list' ? list.devices.length : 0;
  }

  /** What Alice's own application has written. */
  async function publications(): Promise<readonly string[]> {
    const wire = (await prosody.readWire()).split('\n');
    return wire.filter(
      (entry) =>
        entry.includes("direction='from-client'") &&
        entry.includes("<publish node='urn:xmpp:otr:1:devices'") &&
        entry.includes(`client='${alice.jid}/`) &&
        !entry.includes(OTHER_RESOURCE),
    );
  }
});

describe('what a contact sends', () => {
  it('ux:A5 guide:R-15 shows no word of an error message', async () => {
    const { page } = alice;
    const before = mallory.heard.length;
    mallory.sayTo(await mallory.victimDevice(), '?OTR Error: ERROR_1: click https://evil.example');
    mallory.say('?OTR Error: your keys are gone, call +1 555 0100');
    await settle();
    expect(await page.getByText(/evil\.example|555 0100/).count()).toBe(0);
    expect(mallory.heard.slice(before)).toEqual([`echo ${String(rounds)}`]);
  });

  it('sec:T-O-PARSE changes nothing by broken messages in a chat in clear', async () => {
    const { page } = alice;
    const device = await mallory.victimDevice();
    const before = mallory.heard.length;
    for (const body of spoil(inviteFrom('rogue@localhost', alice.jid))) mallory.sayTo(device, body);
    await settle();
    expect(mallory.heard.length - before - 1).toBeLessThanOrEqual(MOST_REPLIES);
    await chip(page, CHIP.plain).waitFor();
    expect(await messages(page).getByText('?OTR:', { exact: false }).count()).toBeLessThanOrEqual(
      1,
    );
    const damaged = line(page, /^A damaged message from Mallory was ignored/);
    expect(await damaged.count()).toBeLessThanOrEqual(1);
  });

  it('sec:T-O-PARSE changes nothing by broken messages while a chat starts', async () => {
    const { page } = alice;
    const device = await mallory.victimDevice();
    await invite(page);
    await eventually(() => mallory.heard.at(-1)).toMatch(/^\?OTR:/);
    const before = mallory.heard.length;
    for (const body of spoil(inviteFrom('rogue@localhost', alice.jid))) mallory.sayTo(device, body);
    const last = 'Still nothing?';
    mallory.say(last);
    await bubble(page, last).waitFor();
    await chip(page, CHIP.starting).waitFor();
    expect(mallory.heard.length - before).toBeLessThanOrEqual(MOST_REPLIES);
    const damaged = line(page, /^A damaged message from Mallory was ignored/);
    expect(await damaged.count()).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
    await chip(page, CHIP.plain).waitFor();
    await settle();
  });

  it('ux:A4 sec:T-O-PARSE sec:T-O-REPLAY changes nothing by broken and repeated messages in a live chat', async () => {
    const { page } = alice;
    await openChat(page, 'Rogue');
    await seesOnline(page);
    const identity = inviteFrom('rogue@localhost', alice.jid);
    await invite(page);
    await chip(page, CHIP.unverified).waitFor();
    const said: string[] = [];
    const say = async (text: string): Promise<void> => {
      const effects = rogue.do({ tag: 'send', ref: text, text });
      for (const effect of effects) if (effect.tag === 'transmit') said.push(...effect.bodies);
      await bubble(page, text).waitFor();
    };
    await say('first words');
    await say('second words');
    const replies = (): number => rogue.party.all('message').length;
    const before = replies();
    for (const body of [...said, ...said, ...spoil(identity)]) rogue.sendOtr(body);
    await say('last words');
    await write(page, 'heard you');
    await eventually(replies).toBeGreaterThan(before);
    await bubble(page, 'heard you').waitFor();
    expect(replies() - before - 1).toBeLessThanOrEqual(MOST_REPLIES);
    for (const text of ['first words', 'second words', 'last words']) {
      expect(await bubble(page, text).count()).toBe(1);
    }
    const noted = line(page, /could not be read|was ignored/);
    expect(await noted.count()).toBeLessThanOrEqual(2);
    await openChat(page, 'Mallory');
  });

  it('sec:T-O-FLOOD goes on working while five hundred messages come', async () => {
    const { page } = alice;
    await openChat(page, 'Mallory');
    for (let at = 1; at <= 500; at += 1) mallory.say(`flood ${String(at)}`);
    await write(page, 'in the middle of it');
    await mallory.hears('in the middle of it');
    await bubble(page, 'flood 500').waitFor();
    await settle();
  });
});

describe('what a stranger sends', () => {
  it('ux:A1 sec:T-X-LEAK gets no answer to a query, an invitation or broken messages', async () => {
    const device = await mallory.victimDevice();
    const stranger = await Mallory.online(prosody, 'stranger', alice.jid);
    const identity = inviteFrom('rogue@localhost', alice.jid);
    for (const body of ['?OTRv4?', identity, ...spoil(identity)]) {
      stranger.sayTo(device, body);
      stranger.say(body);
    }
    stranger.say('Hello, do you remember me?');
    const requests = alice.page.getByRole('region', { name: 'Requests' });
    await requests.getByText('stranger@localhost').waitFor();
    await settle();
    expect(stranger.heard).toEqual([]);
    expect(await prosody.readWire()).not.toMatch(
      /direction='from-client'[^\n]*<(?:message|presence)[^>]* to='stranger@/,
    );
    expect(await requests.getByText('?OTR').count()).toBe(0);
    await stranger.party.client.disconnect();
  });
});
