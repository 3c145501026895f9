// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegisterOutcome } from '#main/xmpp/client.ts';
import { registerAccount } from '#main/xmpp/register-account.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import { formatMechanisms, offer, startTls } from '../support/rogue-scripts.ts';
import { type RoguePeer, RogueServer, type RogueScript } from '../support/rogue-server.ts';
import { configure, deps } from './parties.ts';

const PASSWORD = 'correct horse';
let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create();
  keys = await authority.issue({ names: ['DNS:localhost'] });
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

async function register(
  script: RogueScript,
  token?: string,
): Promise<{ readonly outcome: RegisterOutcome; readonly heard: string }> {
  await using rogue = await RogueServer.start(keys, script);
  const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
  const password = new TextEncoder().encode(PASSWORD);
  const outcome = await registerAccount(configure(place, 'nina@localhost'), password, deps, token);
  return { outcome, heard: rogue.heard };
}

/** Answers the next request, as result or as error. */
async function reply(peer: RoguePeer, payload: string, type = 'result'): Promise<void> {
  const [request] = await peer.expect(/<iq .*?<\/iq>/s);
  const id = /id=["']([^"']*)["']/.exec(request)?.[1] ?? '';
  peer.send(`<iq type='${type}' id='${id}' from='localhost'>${payload}</iq>`);
}

const asking =
  (form: string, answer?: string): RogueScript =>
  async (peer) => {
    await startTls(peer);
    await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
    await reply(peer, `<query xmlns='jabber:iq:register'>${form}</query>`);
    if (answer === undefined) await reply(peer, '');
    else await reply(peer, `<error type='x'>${answer}</error>`, 'error');
  };

const condition = (name: string): string =>
  `<${name} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>`;
const PLAIN = '<instructions>Choose</instructions><username/><password/>';
const link = (url: string): string => `<x xmlns='jabber:x:oob'><url>${url}</url></x>`;

describe('a server that wants more than a name and a password', () => {
  test.each([
    ['another field', `${PLAIN}<email/>`, undefined],
    [
      'a required field in a form',
      `${PLAIN}<x xmlns='jabber:x:data' type='form'><field var='captcha' type='text-single'><required/></field></x>`,
      undefined,
    ],
    ['a visit', link('https://localhost/register'), 'https://localhost/register'],
    ['a visit without encryption', link('http://localhost/register'), undefined],
    ['a visit to a script', link('javascript:alert(1)'), undefined],
    ['no password', '<username/>', undefined],
  ])('is told apart, and gets no password: %s', async (_what, form, url) => {
    const { outcome, heard } = await register(asking(form));
    expect(outcome).toEqual({ tag: 'needs-form', url });
    expect(heard).not.toContain(PASSWORD);
  });

  test('but no more than those in a form as well is plain', async () => {
    const form =
      "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>jabber:iq:register</value></field>" +
      "<field var='username' type='text-single'><required/></field><field var='password' type='text-private'><required/></field></x>";
    expect((await register(asking(PLAIN + form))).outcome).toEqual({ tag: 'registered' });
  });
});

test.each<[string, RegisterOutcome]>([
  ['conflict', { tag: 'conflict' }],
  ['not-acceptable', { tag: 'not-acceptable' }],
  ['policy-violation', { tag: 'not-acceptable' }],
  ['forbidden', { tag: 'not-allowed' }],
  ['resource-constraint', { tag: 'failed', reason: 'server-busy' }],
])('a refusal for %s is told as such', async (name, outcome) => {
  expect((await register(asking(PLAIN, condition(name)))).outcome).toEqual(outcome);
});

describe('an invitation', () => {
  const asked =
    (answer: string, type: string): RogueScript =>
    async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
      await reply(peer, answer, type);
      await reply(peer, `<query xmlns='jabber:iq:register'>${PLAIN}</query>`);
      await reply(peer, '');
    };

  test('ux:3 is shown to the server before anything is asked for', async () => {
    const { outcome, heard } = await register(asked('', 'result'), 'T0ken<&');
    expect(outcome).toEqual({ tag: 'registered' });
    const shown = heard.indexOf('<preauth xmlns="urn:xmpp:pars:0" token="T0ken&lt;&amp;"/>');
    expect(shown).toBeGreaterThan(0);
    expect(heard.indexOf('jabber:iq:register')).toBeGreaterThan(shown);
  });

  test('ux:3 that the server does not know ends it there, without the password', async () => {
    const error = `<error type='cancel'>${condition('forbidden')}</error>`;
    const { outcome, heard } = await register(asked(error, 'error'), 'T');
    expect(outcome).toEqual({ tag: 'invitation-refused' });
    expect(heard).not.toContain(PASSWORD);
  });

  test('ux:3 to a server that knows nothing of invitations changes nothing', async () => {
    const error = `<error type='cancel'>${condition('service-unavailable')}</error>`;
    const { outcome } = await register(asked(error, 'error'), 'T');
    expect(outcome).toEqual({ tag: 'registered' });
  });
});

test('nothing of the account is said without TLS', async () => {
  const { outcome, heard } = await register(async (peer) => {
    await offer(peer, "<register xmlns='http://jabber.org/features/iq-register'/>");
  });
  expect(outcome).toEqual({ tag: 'failed', reason: 'no-tls' });
  expect(heard).not.toContain('nina');
});
