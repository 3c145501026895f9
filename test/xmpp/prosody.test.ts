// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { XmppConfig } from '#main/xmpp/client.ts';
import { registerAccount } from '#main/xmpp/register-account.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { configure, deps, jid, Party } from './parties.ts';

let started: TestProsody;
let prosody: Prosody;
const parties: Party[] = [];
let round = 0;

/** The address of one of this test's people. */
const address = (name: string): string => `${name}${String(round)}@localhost`;

function party(name: string, more: Partial<XmppConfig> = {}, password?: string): Party {
  const created = new Party(configure(prosody, address(name), password, more));
  parties.push(created);
  return created;
}

beforeAll(async () => {
  started = await startProsody({ record: true });
  ({ prosody } = started);
});
beforeEach(async () => {
  // New people for each test, so that none inherits friends or messages from another.
  round += 1;
  for (const name of ['alice', 'bob']) {
    await prosody.addAccount(`${name}${String(round)}`, 'correct horse');
  }
});
afterEach(async () => {
  await Promise.all(parties.splice(0).map(({ client }) => client.disconnect()));
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

describe('an account at a real server', () => {
  test('is registered in-band, and only once', async () => {
    const config = configure(prosody, address('nina'));
    const password = new TextEncoder().encode('a new password');

    expect(await registerAccount(config, password, deps)).toEqual({ tag: 'registered' });
    expect(await registerAccount(config, password, deps)).toEqual({ tag: 'conflict' });

    const nina = await party('nina', {}, 'a new password').online();
    expect(nina.client.state()).toMatchObject({ tag: 'online' });
    expect(await prosody.readWire()).not.toContain('a new password');
  });

  test('is not registered where the server does not allow it', async () => {
    await using closed = await startProsody({ registration: false });
    const config = configure(closed.prosody, 'nina@localhost');
    const outcome = await registerAccount(config, new TextEncoder().encode('secret'), deps);
    expect(outcome).toEqual({ tag: 'not-allowed' });
  });

  test('logs in with SCRAM over STARTTLS and over direct TLS', async () => {
    const notes: unknown[] = [];
    const note = (event: string, fields: unknown): void => void notes.push([event, fields]);
    const alice = new Party(configure(prosody, address('alice')), { note });
    parties.push(alice);
    await alice.online();
    const direct = party('alice', {
      endpoint: { tag: 'fixed', host: prosody.host, port: prosody.directTlsPort, tls: 'direct' },
    });
    await direct.online();

    expect(notes).toContainEqual(['xmpp.login', { mechanism: 'SCRAM-SHA-256' }]);
    expect(alice.all('session')).toMatchObject([{ resumed: false, acknowledges: true }]);
  });

  test('is refused with a wrong password, and says so', async () => {
    expect(await party('alice', {}, 'wrong').refusal()).toBe('auth-failed');
    expect(await party('nobody').refusal()).toBe('auth-failed');
  });

  test('sec:F-DEV-2 that somebody signs in to with a copy of its profile says so, and does not fight', async () => {
    const original = await party('alice', { resource: 'desk' }).online();
    const copy = await party('alice', { resource: 'desk' }).online();
    const { state } = await original.see('connection', (event) => event.state.tag === 'failed');
    expect(state).toEqual({ tag: 'failed', reason: 'conflict' });
    await copy.client.fetchDevices(copy.jid);
    expect([original.client.state().tag, copy.client.state().tag]).toEqual(['failed', 'online']);
    expect(original.all('session')).toHaveLength(1);
  });

  test('is told when the server does not serve its domain', async () => {
    expect(await party('alice', { jid: jid('alice@elsewhere.example') }).refusal()).toBe(
      'unknown-domain',
    );
  });
});

/** Both see each other's presence afterwards. */
async function befriend(one: Party, other: Party): Promise<void> {
  const [oneJid, otherJid] = [one.jid, other.jid];
  await one.client.addContact({ jid: otherJid, name: undefined, groups: [] });
  one.client.requestSubscription(otherJid);
  await other.see('subscription', ({ from, step }) => from === oneJid && step === 'requested');
  other.client.approveSubscription(oneJid);
  other.client.requestSubscription(oneJid);
  await one.see('subscription', ({ from, step }) => from === otherJid && step === 'requested');
  one.client.approveSubscription(otherJid);
  const both = (jid: string) => (event: { item: { jid: string; subscription: string } }) =>
    event.item.jid === jid && event.item.subscription === 'both';
  await one.see('roster-changed', both(otherJid));
  await other.see('roster-changed', both(oneJid));
}

describe('contacts', () => {
  test('are asked, accepted, seen, renamed and removed', async () => {
    const alice = await party('alice').online();
    const bob = await party('bob').online();
    await befriend(alice, bob);

    const { from } = await alice.see(
      'presence',
      ({ available, from: { bare } }) => available && bare === bob.jid,
    );
    expect(from.full).toBe(bob.full());
    bob.client.setPresence({ show: 'away', status: 'at lunch\u0001' });
    const away = await alice.see('presence', ({ show }) => show === 'away');
    expect(away).toMatchObject({ available: true, status: 'at lunch\ufffd', priority: 0 });

    expect(await alice.client.renameContact(bob.jid, 'Bobby')).toEqual({ tag: 'done' });
    await alice.see('roster-changed', ({ item }) => item.name === 'Bobby');
    expect(alice.client.roster()).toEqual([
      { jid: bob.jid, name: 'Bobby', subscription: 'both', pending: false, groups: [] },
    ]);

    const device = bob.full();
    await bob.client.disconnect();
    await alice.see('presence', ({ available, from: { full } }) => !available && full === device);

    expect(await alice.client.removeContact(bob.jid)).toEqual({ tag: 'done' });
    await alice.see('roster-removed', ({ jid }) => jid === bob.jid);
    expect(alice.client.roster()).toEqual([]);
  });

  test('are known again after a new login', async () => {
    const carol = await party('alice').online();
    await carol.client.addContact({ jid: jid(address('bob')), name: 'Dora', groups: ['Work'] });
    await carol.client.disconnect();
    const again = await party('alice').online();
    expect(again.all('roster')).toMatchObject([
      { items: [{ jid: address('bob'), name: 'Dora', groups: ['Work'], subscription: 'none' }] },
    ]);
  });

  test('sec:T-X-LEAK-1 a stranger learns nothing: no answer differs from that of an absent device', async () => {
    const eve = await party('alice').online();
    const frank = await party('bob').online();
    frank.client.sendChat({
      to: eve.full(),
      body: 'are you there?',
      id: 'probe-1',
      requestReceipt: true,
    });
    await eve.see('message', ({ id }) => id === 'probe-1');
    expect(eve.client.sendReceipt(frank.full(), 'probe-1')).toBe('not-allowed');

    const wire = await prosody.readWire();
    const fromEve = wire.split('\n').filter((line) => line.includes(`to='${frank.jid}`));
    expect(fromEve.filter((line) => line.includes('urn:xmpp:receipts'))).toEqual([]);
  });
});

describe('messages', () => {
  test('arrive once with their id, are acknowledged and receipted', async () => {
    const alice = await party('alice').online();
    const bob = await party('bob').online();
    await befriend(alice, bob);

    const body = 'Hello Bob, \ud83d\udc4b \u0001 <b>&amp;</b>\nsecond line';
    expect(alice.client.sendChat({ to: bob.jid, body, id: 'm-1', requestReceipt: true })).toBe(
      'sent',
    );
    const message = await bob.see('message');
    expect(message).toMatchObject({
      id: 'm-1',
      originId: 'm-1',
      from: { bare: alice.jid, full: alice.full() },
      to: { bare: bob.jid },
      body: body.replace('\u0001', '\ufffd'),
      carbon: 'none',
      own: false,
      delayedAt: undefined,
      receiptRequested: true,
    });
    await alice.see('acknowledged', ({ id }) => id === 'm-1');

    expect(bob.client.sendReceipt(alice.full(), 'm-1')).toBe('sent');
    const receipt = await alice.see('receipt');
    expect(receipt).toMatchObject({ forId: 'm-1', from: { full: bob.full() } });
    expect(bob.all('message')).toHaveLength(1);
  });

  test('chat states reach the device they are for, and no stranger', async () => {
    const alice = await party('alice').online();
    const bob = await party('bob').online();
    expect(alice.client.sendChatState(bob.full(), 'composing')).toBe('not-allowed');
    await befriend(alice, bob);
    const phone = await party('bob').online();
    expect(alice.client.sendChatState(bob.full(), 'composing')).toBe('sent');
    const event = await bob.see('chat-state');
    expect(event).toEqual({ tag: 'chat-state', from: alice.full(), state: 'composing' });
    const body = 'done';
    alice.client.sendChat({
      to: bob.full(),
      body,
      id: 'cs-1',
      requestReceipt: false,
      chatState: 'active',
    });
    await phone.see('message', ({ id }) => id === 'cs-1');
    await bob.see('chat-state', ({ state }) => state === 'active');
    expect(phone.all('chat-state')).toEqual([]);
    expect(bob.all('message')).toHaveLength(1);
  });

  test('that are too long are refused before they can end the stream', async () => {
    const alice = await party('alice').online();
    const body = 'x'.repeat(1024 * 1024);
    expect(
      alice.client.sendChat({ to: jid(address('bob')), body, id: 'big', requestReceipt: false }),
    ).toBe('too-long');
    alice.client.sendChat({
      to: alice.jid,
      body: 'still here',
      id: 'small',
      requestReceipt: false,
    });
    await alice.see('acknowledged', ({ id }) => id === 'small');
    expect(alice.all('acknowledged')).toHaveLength(1);
  });

  test('sent while away wait at the server, with its time stamp', async () => {
    const alice = await party('alice').online();
    alice.client.sendChat({
      to: jid(address('bob')),
      body: 'later',
      id: 'off-1',
      requestReceipt: false,
    });
    await alice.see('acknowledged', ({ id }) => id === 'off-1');
    const dora = await party('bob').online();
    const { delayedAt } = await dora.see('message', ({ id }) => id === 'off-1');
    expect(Math.abs((delayedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('to an account that does not exist come back as a bounce without text', async () => {
    const alice = await party('alice').online();
    alice.client.sendChat({
      to: jid('ghost@localhost'),
      body: 'anyone?',
      id: 'b-1',
      requestReceipt: false,
    });
    const bounce = await alice.see('bounced');
    expect(bounce).toMatchObject({ forId: 'b-1', condition: 'service-unavailable' });
    expect(alice.all('message')).toEqual([]);
  });
});

describe('several devices of one account', () => {
  test('get copies of plain messages in both directions, marked as copies', async () => {
    const alice = await party('alice').online();
    const desk = await party('bob').online();
    const phone = await party('bob').online();

    alice.client.sendChat({
      to: desk.full(),
      body: 'to the desk',
      id: 'c-1',
      requestReceipt: true,
    });
    expect((await desk.see('message', ({ id }) => id === 'c-1')).carbon).toBe('none');
    const copy = await phone.see('message', ({ id }) => id === 'c-1');
    expect(copy).toMatchObject({ carbon: 'received', own: false, from: { full: alice.full() } });

    desk.client.sendChat({
      to: alice.full(),
      body: 'from the desk',
      id: 'c-2',
      requestReceipt: false,
    });
    const sent = await phone.see('message', ({ id }) => id === 'c-2');
    expect(sent).toMatchObject({ carbon: 'sent', own: true, to: { full: alice.full() } });
  });

  test('xep:T-73 xep:X-45 xep:X-47 get no copies of OTR messages', async () => {
    const alice = await party('alice').online();
    const desk = await party('bob').online();
    const phone = await party('bob').online();

    const to = desk.full();
    for (const kind of ['query', 'encoded', 'error'] as const) {
      alice.client.sendOtr({ to, body: `?OTR ${kind}`, id: `o-${kind}`, kind });
    }
    alice.client.sendChat({ to, body: 'plain', id: 'o-plain', requestReceipt: false });
    await phone.see('message', ({ id }) => id === 'o-plain');
    await desk.see('message', ({ id }) => id === 'o-plain');

    expect(desk.all('message').map(({ id }) => id)).toEqual([
      'o-query',
      'o-encoded',
      'o-error',
      'o-plain',
    ]);
    expect(phone.all('message').map(({ id }) => id)).toEqual(['o-plain']);
  });

  test('xep:T-72 xep:X-46 an OTR message carries its label and hints on the wire', async () => {
    const alice = await party('alice').online();
    const bob = await party('bob').online();
    alice.client.sendOtr({ to: bob.full(), body: '?OTR:AAQ1.', id: 'eme-1', kind: 'encoded' });
    expect(await bob.see('message', ({ id }) => id === 'eme-1')).toMatchObject({
      encryption: 'urn:xmpp:otr:0',
      hints: { noCopy: true, noPermanentStore: true, noStore: false },
    });
    alice.client.sendOtr({ to: bob.full(), body: '?OTRv34?', id: 'eme-2', kind: 'query' });
    const query = await bob.see('message', ({ id }) => id === 'eme-2');
    expect(query).toMatchObject({ encryption: undefined, hints: { noCopy: true } });

    const wire = await prosody.readWire();
    const line = wire.split('\n').find((entry) => entry.includes('eme-1')) ?? '';
    expect(line).toContain("<private xmlns='urn:xmpp:carbons:2'/>");
    expect(line).toContain(`to='${bob.full()}'`);
    expect(line).not.toContain('urn:xmpp:receipts');
  });
});
