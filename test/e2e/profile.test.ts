// SPDX-License-Identifier: GPL-3.0-or-later

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppErrorCode } from '#shared/errors/app-error.ts';
import { bubble, write } from '../../tools/driver/chat.ts';
import { addContact, openChat } from '../../tools/driver/contacts.ts';
import type { RunningApp } from '../../tools/driver/launch.ts';
import { type Credentials, signIn, waitUntilOnline } from '../../tools/driver/sign-in.ts';
import { findElectron } from '../../tools/electron/find-electron.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { portrait } from '../store/fixture.ts';
import { House } from './support/house.ts';
import { makeLaterProfile } from './support/later-profile.ts';
import { alerts, eventually, saidBeside, sentenceOf } from './support/screen.ts';

const root = resolve(import.meta.dirname, '../..');
const PASSPHRASE = 'six quiet words from nowhere near';
const SAID = 'The minutes of the meeting are in the usual place.';

let house: House;
let prosody: Prosody;
let credentials: Credentials;
let copies = 0;

const title = (page: Page, text: string) => page.getByRole('heading', { name: text, exact: true });

async function unlock(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** Runs an application on a profile, and quits it whatever happens. */
async function withApp<T>(
  name: string,
  use: (running: RunningApp) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const running = await house.launch(name, env);
  try {
    return await use(running);
  } finally {
    await house.quit(running);
  }
}

/** Alice’s profile again, as it was when she quit. */
function copyOfAlice(): { readonly name: string; readonly folder: string } {
  copies += 1;
  const name = `alice-${String(copies)}`;
  cpSync(house.profile('alice'), house.profile(name), { recursive: true });
  return { name, folder: join(house.profile(name), 'profile') };
}

beforeAll(async () => {
  house = new House();
  prosody = await house.server();
  const { domain, host, port } = prosody;
  credentials = {
    jid: `alice@${domain}`,
    password: 'password of alice',
    create: true,
    server: { host, port },
  };
  await withApp('alice', async ({ page }) => {
    await signIn(page, credentials);
    await waitUntilOnline(page);
    await addContact(page, `bob@${domain}`, 'Bob');
    await openChat(page, 'Bob');
    await write(page, SAID);
    await bubble(page, SAID).waitFor();
  });
});

afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

describe('a profile that is opened again', () => {
  it('ux:2 keeps the account, the contacts and the plain messages', async () => {
    await withApp(copyOfAlice().name, async ({ page }) => {
      await openChat(page, 'Bob');
      await bubble(page, SAID).waitFor();
      await waitUntilOnline(page);
      expect(await alerts(page)).toEqual([]);
    });
  });

  it('is opened once: a second start shows the window of the first and ends', async () => {
    const { name } = copyOfAlice();
    await withApp(name, async ({ app, page }) => {
      await openChat(page, 'Bob');
      await app.evaluate(({ BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]?.minimize();
      });
      const { executable, env } = findElectron(false);
      const second = spawn(executable, [root, `--user-data-dir=${house.profile(name)}`], {
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      const [code] = (await once(second, 'exit')) as [number | null];
      expect(code).toBe(0);
      await eventually(() =>
        app.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows().map((each) => [each.isMinimized(), each.isVisible()]),
        ),
      ).toEqual([[false, true]]);
      await bubble(page, SAID).waitFor();
    });
  });
});

describe('a computer without a key store', () => {
  it.each(['none', 'basic_text'])(
    'ux:1 asks for a passphrase before anything is stored (%s)',
    async (backend) => {
      const name = `sealed-${backend}`;
      await withApp(
        name,
        async ({ page }) => {
          await title(page, 'A passphrase for Sotto').waitFor();
          expect(await page.getByRole('button', { name: /without a passphrase/ }).count()).toBe(0);
          const seal = page.getByRole('button', { name: 'Seal with this passphrase' });
          const [first, second] = ['Passphrase', 'The same passphrase again'].map((label) =>
            page.getByLabel(label, { exact: true }),
          );
          if (first === undefined || second === undefined) throw new TypeError('two fields');
          await first.fill('short');
          await seal.click();
          await eventually(() => saidBeside(first)).toMatch(/^Use at least 8 characters\./);
          await first.fill(PASSPHRASE);
          await second.fill(`${PASSPHRASE}, or not`);
          await seal.click();
          await eventually(() => saidBeside(second)).toBe('The two are not the same.');
          expect(await first.inputValue()).toBe(PASSPHRASE);
          await second.fill(PASSPHRASE);
          await seal.click();
          await title(page, 'Sotto').waitFor();
        },
        { ELECTRON_DOUBLE_SAFE_STORAGE: backend },
      );
      const stored = readFileSync(join(house.profile(name), 'profile', 'keyfile.json'), 'utf8');
      expect(stored).toContain('argon2id');
      expect(stored).not.toContain('keyring');
    },
  );

  it('ux:2 opens with that passphrase only, and is locked by ending', async () => {
    const name = 'sealed-none';
    const env = { ELECTRON_DOUBLE_SAFE_STORAGE: 'none', ELECTRON_DOUBLE_RELAUNCH: 'off' };
    await withApp(
      name,
      async ({ app, page }) => {
        await title(page, 'Locked').waitFor();
        const field = page.getByLabel('Passphrase', { exact: true });
        await unlock(page, 'six loud words');
        await eventually(() => saidBeside(field)).toContain(sentenceOf('vault-passphrase-wrong'));
        expect(await field.inputValue()).toBe('six loud words');
        await unlock(page, PASSPHRASE);
        await signIn(page, { ...credentials, create: false });
        const ended = once(app.process(), 'exit');
        await page.getByRole('button', { name: 'Lock Sotto' }).click();
        await ended;
      },
      env,
    );
    await withApp(
      name,
      async ({ page }) => {
        await title(page, 'Locked').waitFor();
        expect(await page.getByText(credentials.jid).count()).toBe(0);
        await unlock(page, PASSPHRASE);
        await waitUntilOnline(page);
      },
      env,
    );
  });
});

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

const PAGE = 4096;

interface Damage {
  readonly what: string;
  readonly code: AppErrorCode;
  readonly harm: (folder: string) => void;
}

const damages: readonly Damage[] = [
  {
    what: 'a bit of its first page has turned over',
    code: 'store-damaged',
    harm: (folder) => {
      flip(join(folder, 'store.db'), 1000);
    },
  },
  {
    what: 'everything behind its first page is noise',
    code: 'store-damaged',
    harm: (folder) => {
      const path = join(folder, 'store.db');
      const bytes = readFileSync(path);
      writeFileSync(
        path,
        Buffer.concat([bytes.subarray(0, PAGE), randomBytes(bytes.length - PAGE)]),
      );
    },
  },
  {
    what: 'it was cut after 1000 bytes',
    code: 'store-damaged',
    harm: (folder) => {
      truncateSync(join(folder, 'store.db'), 1000);
    },
  },
  {
    what: 'it was cut after its first page',
    code: 'store-damaged',
    harm: (folder) => {
      truncateSync(join(folder, 'store.db'), PAGE);
    },
  },
  {
    what: 'it is gone',
    code: 'store-missing',
    harm: (folder) => {
      rmSync(join(folder, 'store.db'));
    },
  },
  {
    what: 'its key file is gone',
    code: 'vault-damaged',
    harm: (folder) => {
      rmSync(join(folder, 'keyfile.json'));
    },
  },
  {
    what: 'a bit of its key file has turned over',
    code: 'vault-damaged',
    harm: (folder) => {
      flip(join(folder, 'keyfile.json'), 8);
    },
  },
  {
    what: 'its key file is of a later version',
    code: 'store-newer',
    harm: (folder) => {
      const path = join(folder, 'keyfile.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"v":\s*1/, '"v":2'));
    },
  },
];

async function expectBroken(page: Page, code: AppErrorCode): Promise<void> {
  await title(page, 'Sotto cannot open').waitFor();
  await page.getByText('Nothing was changed and nothing was deleted.').waitFor();
  await eventually(() => alerts(page)).toEqual([sentenceOf(code)]);
}

describe('a store that cannot be opened', () => {
  it.each(damages)(
    'sec:A13 is left byte for byte as it is, and the reason said, where $what',
    async ({ code, harm }) => {
      const { name, folder } = copyOfAlice();
      harm(folder);
      const before = portrait(folder);
      await withApp(name, async ({ page }) => {
        await expectBroken(page, code);
        await page.getByRole('button', { name: 'Try again' }).click();
        await expectBroken(page, code);
      });
      expect(portrait(folder)).toEqual(before);
    },
  );

  it('sec:A13 is left as it is where a later Sotto has written it', async () => {
    await makeLaterProfile(house.profile('later'), PASSPHRASE);
    const folder = join(house.profile('later'), 'profile');
    const before = portrait(folder);
    await withApp('later', async ({ page }) => {
      await title(page, 'Locked').waitFor();
      await unlock(page, PASSPHRASE);
      await expectBroken(page, 'store-newer');
    });
    expect(portrait(folder)).toEqual(before);
  });

  it('is opened as soon as what was missing is back', async () => {
    const { name, folder } = copyOfAlice();
    const [store, aside] = [join(folder, 'store.db'), join(folder, '..', 'aside.db')];
    renameSync(store, aside);
    await withApp(name, async ({ page }) => {
      await expectBroken(page, 'store-missing');
      renameSync(aside, store);
      await page.getByRole('button', { name: 'Try again' }).click();
      await openChat(page, 'Bob');
      await bubble(page, SAID).waitFor();
    });
  });
});

describe('a key store that is not what it was', () => {
  it.each([
    { backend: 'locked', code: 'vault-keyring-unavailable' },
    { backend: 'kwallet6', code: 'vault-backend-changed' },
  ] as const)(
    'sec:A12 is named, and the profile opens once it is back ($backend)',
    async ({ backend, code }) => {
      const { name, folder } = copyOfAlice();
      const before = portrait(folder);
      await withApp(
        name,
        async ({ app, page }) => {
          await expectBroken(page, code);
          expect(portrait(folder)).toEqual(before);
          await app.evaluate(() => {
            process.env['ELECTRON_DOUBLE_SAFE_STORAGE'] = 'gnome_libsecret';
          });
          await page.getByRole('button', { name: 'Try again' }).click();
          await openChat(page, 'Bob');
          await bubble(page, SAID).waitFor();
        },
        { ELECTRON_DOUBLE_SAFE_STORAGE: backend },
      );
    },
  );
});
