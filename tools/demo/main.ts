// SPDX-License-Identifier: GPL-3.0-or-later

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { signIn } from '../driver/sign-in.ts';
import { findElectron } from '../electron/find-electron.ts';
import { Album } from './album.ts';
import { searchLeaks } from './leak-search.ts';
import { type DemoOptions, readOptions, usage } from './options.ts';
import { play } from './play.ts';
import { ON_THE_RECORD, secrets } from './script.ts';
import { setStage, type Stage } from './stage.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** What the server saw, saved for the reader; undefined with a server that is not ours. */
async function saveWire({ prosody }: Stage, out: string): Promise<string | undefined> {
  if (prosody === undefined) return undefined;
  const file = join(out, 'wire.xml');
  const wire = await prosody.readWire();
  // If the record did not even hold what was said openly, finding nothing else in it means nothing.
  for (const text of Object.values(ON_THE_RECORD)) {
    if (!wire.includes(text)) throw new Error(`the record of the wire lacks “${text}”`);
  }
  writeFileSync(file, wire);
  return file;
}

/** Looks for the secrets wherever a record could be. @returns whether none was found */
async function check(stage: Stage, out: string): Promise<boolean> {
  const wire = await saveWire(stage, out);
  await stage.quitApps();
  const places = [
    ...(wire === undefined ? [] : [wire]),
    ...(stage.prosody === undefined ? [] : [stage.prosody.folder]),
    ...(stage.keyServer === undefined ? [] : [stage.keyServer.folder]),
    stage.alice.profile,
    stage.bob.profile,
  ];
  const leaks = searchLeaks(places, secrets);
  for (const { file, secret, as } of leaks) say(`  LEAK: “${secret}” as ${as} in ${file}`);
  return leaks.length === 0;
}

async function playByItself(stage: Stage, { out }: DemoOptions): Promise<number> {
  const album = new Album(out);
  let act = 0;
  try {
    await play(stage, album, (title) => {
      act += 1;
      say(`${String(act).padStart(2)}  ${title}`);
    });
  } catch (cause) {
    for (const person of [stage.alice, stage.bob]) {
      if (!person.isOpen) continue;
      await album
        .take(person.running.page, `failed-${person.name.toLowerCase()}`)
        .catch(() => undefined);
    }
    throw cause;
  }
  const clean = await check(stage, out);
  say(
    clean
      ? `    None of the ${String(secrets.length)} sentences and answers is on the wire, in the servers’ data or in a profile`
      : '    Something said off the record was found where it must not be',
  );
  say(
    `\n${String(album.size)} screenshots${stage.prosody === undefined ? '' : ' and wire.xml'} in ${out}`,
  );
  return clean ? 0 : 1;
}

const hint = (stage: Stage): string => `
Both are signed in: ${stage.alice.credentials.jid} and ${stage.bob.credentials.jid}.

  1. In Alice’s window: New chat, add ${stage.bob.credentials.jid}. In Bob’s: Accept.
  2. Write something. Then press Ctrl+Shift+O to go off the record.
  3. In Bob’s window: Accept. Then verify each other with Ctrl+Shift+Y.
  4. End with Ctrl+Shift+E and look at what is left.

Ctrl+C ends the demo and removes everything.`;

/** So that neither window lies exactly over the other. */
async function cascade(app: ElectronApplication, index: number): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, offset) => {
      BrowserWindow.getAllWindows()[0]?.setPosition(offset, offset);
    },
    40 + index * 160,
  );
}

async function leaveToUser(stage: Stage, interrupted: Promise<void>): Promise<number> {
  for (const [index, { running, credentials }] of [stage.alice, stage.bob].entries()) {
    await cascade(running.app, index);
    await signIn(running.page, credentials);
  }
  say(hint(stage));
  const closed = [stage.alice, stage.bob].map(
    ({ running }) =>
      new Promise<void>((resolve) => {
        running.app.on('close', () => {
          resolve();
        });
      }),
  );
  await Promise.race([interrupted, Promise.all(closed)]);
  return 0;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted.reject(new Error('interrupted'));
    });
  }
  say(`Sotto demo on ${findElectron(true).words}`);
  const stage = await setStage({ server: options.server, headful: !options.headless, say });
  const stopped = interrupted.promise.catch(() => undefined);
  try {
    return options.headless
      ? await Promise.race([playByItself(stage, options), interrupted.promise])
      : await leaveToUser(stage, stopped);
  } finally {
    await stage.clear();
  }
}

try {
  process.exitCode = await main();
} catch (cause) {
  if (cause instanceof TypeError) process.stderr.write(`${usage}\n`);
  process.stderr.write(
    `sotto: the demo failed: ${cause instanceof Error ? cause.message : 'unknown'}\n`,
  );
  process.exitCode = 1;
}
