// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppErrorCode } from '#shared/errors/app-error.ts';
import { finishKeys, waitUntilOnline } from '../../tools/driver/sign-in.ts';
import { findFreePorts } from '../../tools/prosody/free-ports.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import { formatMechanisms, login, offer, startTls } from '../support/rogue-scripts.ts';
import { type RogueScript, RogueServer } from '../support/rogue-server.ts';
import { House } from './support/house.ts';
import { openInSystem } from './support/open-in-system.ts';
import { alerts, eventually, saidBeside, sentenceOf } from './support/screen.ts';

const PASSWORD = 'correct horse';
/** The password as a careless client would send it. */
const spellings = [PASSWORD, Buffer.from(`\0alice\0${PASSWORD}`).toString('base64')];

let house: House;
let prosody: Prosody;
/** Offers nothing but PLAIN, and lets no application create accounts. */
let oldServer: Prosody;
let authority: TestAuthority;
let page: Page;

interface Typed {
  readonly jid: string;
  readonly password: string;
  readonly create: boolean;
  readonly host: string;
  readonly port: string;
  readonly allowPlain: boolean;
}

const field = (label: string) => page.getByLabel(label, { exact: true });
const plainSwitch = () => page.getByRole('switch', { name: 'Allow sending the password itself' });

/** Fills in the whole first screen, whatever is in it. */
async function fill(wanted: Partial<Typed>): Promise<Typed> {
  const typed: Typed = {
    jid: 'alice@localhost',
    password: PASSWORD,
    create: false,
    host: prosody.host,
    port: String(prosody.port),
    allowPlain: false,
    ...wanted,
  };
  await field('Address').fill(typed.jid);
  await field('Password').fill(typed.password);
  const other = page.getByRole('button', {
    name: typed.create ? 'Create an account' : 'I have an account',
  });
  if (await other.isVisible()) await other.click();
  if (!(await field('Server').isVisible())) {
    await page.getByRole('button', { name: 'Server settings' }).click();
  }
  await field('Server').fill(typed.host);
  await field('Port').fill(typed.port);
  if ((await plainSwitch().getAttribute('aria-checked')) !== String(typed.allowPlain)) {
    await plainSwitch().click();
  }
  return typed;
}

const submit = () => page.getByRole('button', { name: /^(?:Sign in|Create account)$/ });

/** From the filled-in form to what the server, or Sotto, has to say about it. */
async function tryIt(): Promise<void> {
  await submit().click();
  await finishKeys(page);
  await submit().waitFor();
}

async function expectKept(typed: Typed): Promise<void> {
  expect(await field('Address').inputValue()).toBe(typed.jid);
  expect(await field('Password').inputValue()).toBe(typed.password);
  expect(await field('Server').inputValue()).toBe(typed.host);
  expect(await field('Port').inputValue()).toBe(typed.port);
  expect(await plainSwitch().getAttribute('aria-checked')).toBe(String(typed.allowPlain));
}

/** A refusal: one plain sentence, where it belongs, with everything typed still there and a way on. */
async function expectRefused(typed: Typed, code: AppErrorCode, beside?: string): Promise<void> {
  await eventually(() => alerts(page)).toEqual([sentenceOf(code)]);
  if (beside !== undefined) {
    expect(await saidBeside(field(beside))).toContain(sentenceOf(code));
    expect(await field(beside).getAttribute('aria-invalid')).toBe('true');
  }
  await expectKept(typed);
  expect(await submit().isEnabled()).toBe(true);
}

async function withRogue<T>(
  keys: KeyPair,
  script: RogueScript,
  use: (rogue: RogueServer) => Promise<T>,
): Promise<T> {
  await using rogue = await RogueServer.start(keys, script);
  return await use(rogue);
}

const at = (place: { readonly host: string; readonly port: number }) => ({
  host: place.host,
  port: String(place.port),
});

const expectNoPassword = (heard: string): void => {
  for (const spelling of spellings) expect(heard).not.toContain(spelling);
};

beforeAll(async () => {
  house = new House();
  authority = await TestAuthority.create();
  house.trust(authority.certificate);
  prosody = await house.server();
  oldServer = await house.server('old', {
    registration: false,
    extra:
      'disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "DIGEST-MD5", "OAUTHBEARER" }',
  });
  await prosody.addAccount('taken', PASSWORD);
  await oldServer.addAccount('alice', PASSWORD);
  ({ page } = await house.launch('alice'));
});

beforeEach(async () => {
  await submit().waitFor();
});

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await authority[Symbol.asyncDispose]();
});

describe('an address or a password that cannot be right', () => {
  it.each(['alice', 'alice@', '@localhost', 'two words@localhost', 'alice@localhost@localhost'])(
    'ux:1 says beside the field that “%s” is not an address, before anything is sent',
    async (jid) => {
      const typed = await fill({ jid });
      await submit().click();
      await expectRefused(typed, 'address-invalid', 'Address');
    },
  );

  it.each(['al&ice@localhost', 'alice@local_host<', `${'a'.repeat(1100)}@localhost`])(
    'ux:1 says it also where only the rules of addresses forbid it (%#)',
    async (jid) => {
      const typed = await fill({ jid });
      await tryIt();
      await expectRefused(typed, 'address-invalid', 'Address');
    },
  );

  it('ux:1 asks for a password where there is none, and for a port where there is none', async () => {
    await fill({ password: '' });
    await submit().click();
    await eventually(() => saidBeside(field('Password'))).toContain('Enter your password.');
    const typed = await fill({ port: '70000' });
    await submit().click();
    await eventually(() => saidBeside(field('Port'))).toContain(
      'A port is a number from 1 to 65535.',
    );
    await expectKept(typed);
  });

  it('ux:1 says beside the password that it is wrong, and keeps what was typed', async () => {
    const typed = await fill({ jid: 'taken@localhost', password: 'wrong horse' });
    await tryIt();
    await expectRefused(typed, 'auth-failed', 'Password');
  });
});

describe('a server that cannot be reached', () => {
  it('ux:1 says beside the server’s name that nobody knows it', async () => {
    const typed = await fill({ host: 'nobody.invalid' });
    await tryIt();
    await expectRefused(typed, 'host-unknown', 'Server');
  });

  it('ux:1 says beside the server’s name that nothing answers on its port', async () => {
    const [port = 0] = await findFreePorts(1);
    const typed = await fill({ port: String(port) });
    await tryIt();
    await expectRefused(typed, 'connection-refused', 'Server');
  });

  it('ux:1 says that what answers there does not speak XMPP', async () => {
    const keys = await authority.issue({ names: ['DNS:localhost'] });
    const http: RogueScript = async (peer) => {
      await peer.expect(/<stream:stream [^>]*>/);
      peer.send('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      peer.end();
    };
    await withRogue(keys, http, async (rogue) => {
      const typed = await fill(at(rogue));
      await tryIt();
      await expectRefused(typed, 'not-xmpp', 'Server');
    });
  });
});

describe('a server that may be somebody else', () => {
  it.each([
    { certificate: 'has expired', code: 'certificate-expired', names: ['DNS:localhost'], days: -1 },
    { certificate: 'names another', code: 'certificate-name', names: ['DNS:other.example'] },
  ] as const)(
    'sec:T-X-CERT does not go on where the certificate $certificate',
    async ({ code, ...leaf }) => {
      await withRogue(await authority.issue(leaf), startTls, async (rogue) => {
        const typed = await fill(at(rogue));
        await tryIt();
        await expectRefused(typed, code);
        expect(rogue.heard).not.toContain('<auth');
      });
    },
  );

  it('sec:T-X-CERT does not go on where nobody vouches for the certificate', async () => {
    await using stranger = await TestAuthority.create();
    const keys = await stranger.issue({ names: ['DNS:localhost'] });
    await withRogue(keys, startTls, async (rogue) => {
      const typed = await fill(at(rogue));
      await tryIt();
      await expectRefused(typed, 'certificate-untrusted');
      expect(rogue.heard).not.toContain('<auth');
    });
  });

  it.each([
    { way: 'says yes without a challenge', flaws: { skipChallenge: true } },
    { way: 'proves another password', flaws: { password: 'anything goes' } },
    { way: 'proves nothing at the end', flaws: { spoilFinal: () => '' } },
  ])('sec:T-X-SASL signs in to no server that $way', async ({ flaws }) => {
    const keys = await authority.issue({ names: ['DNS:localhost'] });
    const script: RogueScript = async (peer) => {
      await startTls(peer);
      await login(peer, flaws);
    };
    await withRogue(keys, script, async (rogue) => {
      const typed = await fill(at(rogue));
      await tryIt();
      await expectRefused(typed, 'server-not-proved');
      expectNoPassword(rogue.heard);
    });
  });

  it('sec:T-X-TLS says nothing to a server without TLS', async () => {
    const keys = await authority.issue({ names: ['DNS:localhost'] });
    const script: RogueScript = (peer) => offer(peer, formatMechanisms(['SCRAM-SHA-256', 'PLAIN']));
    await withRogue(keys, script, async (rogue) => {
      const typed = await fill({ ...at(rogue), allowPlain: true });
      await tryIt();
      await expectRefused(typed, 'server-no-tls');
      expect(rogue.heard).not.toContain('<auth');
      expectNoPassword(rogue.heard);
    });
  });

  it('sec:T-X-SASL does not send the password itself unless that was allowed', async () => {
    const keys = await authority.issue({ names: ['DNS:localhost'] });
    const script: RogueScript = async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['PLAIN']));
    };
    await withRogue(keys, script, async (rogue) => {
      const typed = await fill(at(rogue));
      await tryIt();
      await expectRefused(typed, 'server-no-mechanism');
      expect(rogue.heard).not.toContain('<auth');
      expectNoPassword(rogue.heard);
    });
  });
});

describe('an account that cannot be created', () => {
  it('ux:1 says beside the address that it is taken', async () => {
    const typed = await fill({ jid: 'taken@localhost', create: true });
    await tryIt();
    await expectRefused(typed, 'register-conflict', 'Address');
  });

  it('ux:1 says where to go when the server creates no accounts', async () => {
    const typed = await fill({ ...at(oldServer), jid: 'new@localhost', create: true });
    await tryIt();
    await expectRefused(typed, 'register-not-allowed');
  });
});

describe('a link that invites', () => {
  it('ux:3 shows the server, makes the account there on a click, and offers who invited as the first contact', async () => {
    const inviting = await house.server('inviting', {
      modules: ['invites', 'invites_register'],
      extra: 'registration_invite_only = true',
    });
    const token = /preauth=([^;&]+)/.exec(await inviting.invite())?.[1] ?? '';
    const { page: invited } = await house.launch('invited');
    const [first] = [page];
    page = invited;
    try {
      await submit().waitFor();
      await openInSystem(
        house.profile('invited'),
        `xmpp:taken@localhost?roster;preauth=${token};ibr=y`,
      );
      await page.getByText('You were invited to localhost.', { exact: false }).waitFor();
      expect(await field('Address').inputValue()).toBe('@localhost');
      expect(await inviting.readWire().catch(() => '')).not.toContain('jabber:iq:register');
      await fill({ ...at(inviting), jid: 'newcomer@localhost', create: true });
      await submit().click();
      await finishKeys(page);
      const offer = page.getByRole('dialog', { name: 'Add this contact?' });
      await offer.getByText('taken@localhost', { exact: true }).waitFor();
      const wire = await inviting.readWire();
      expect(wire).toContain('newcomer@localhost');
      expect(wire).not.toMatch(/<presence[^>]* type='subscribe'/);
      await offer.getByRole('button', { name: 'Send request' }).click();
      await waitUntilOnline(page);
      await eventually(async () =>
        /<presence[^>]*type='subscribe'/.test(await inviting.readWire()),
      ).toBe(true);
    } finally {
      page = first;
    }
  });
});

describe('a sign-in that works', () => {
  it('sec:T-X-SASL sends the password itself, inside TLS, where that was allowed', async () => {
    const { page: second } = await house.launch('old-timer');
    const first = page;
    page = second;
    try {
      await submit().waitFor();
      await fill({ ...at(oldServer), allowPlain: true });
      await submit().click();
      await finishKeys(page);
      await waitUntilOnline(page);
      expect(await alerts(page)).toEqual([]);
    } finally {
      page = first;
    }
  });

  it('ux:1 ux:2 leads over two screens to the list of chats, with keys of one’s own', async () => {
    const screens: (string | null)[] = [];
    const look = async (): Promise<void> => {
      screens.push(await page.getByRole('heading', { level: 1 }).textContent());
    };
    await fill({ create: true });
    await look();
    await submit().click();
    await page.getByRole('button', { name: 'Finish' }).waitFor();
    await look();
    await finishKeys(page);
    await page.getByRole('button', { name: 'New chat' }).first().waitFor();
    expect(screens).toHaveLength(2);
    await waitUntilOnline(page);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'This device' }).click();
    const words = page.getByLabel('Your security code as twelve words');
    await eventually(async () => (await words.innerText()).match(/[a-z]+/g)?.length).toBe(12);
    const code = await page.getByLabel('Your security code in full').innerText();
    expect(code.replace(/\s/g, '')).toMatch(/^[0-9A-F]{112}$/i);
    expect(await prosody.readWire()).not.toContain(PASSWORD);
  });
});
