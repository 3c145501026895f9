// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type RunningApp } from '../driver/launch.ts';
import type { Credentials } from '../driver/sign-in.ts';
import { Prosody } from '../prosody/prosody.ts';

/** One of the two people. */
export interface Person {
  readonly name: string;
  readonly credentials: Credentials;
  readonly profile: string;
  readonly running: RunningApp;
}

/** The server and the two applications, ready to be played on. */
export interface Stage {
  readonly alice: Person;
  readonly bob: Person;
  readonly prosody: Prosody | undefined;
  /** PEM file that vouches for our own server. */
  readonly extraCa: string | undefined;
  /** Quits both applications; the profiles and the server stay for the checks. */
  readonly quitApps: () => Promise<void>;
  /** Ends what still runs and removes every file. */
  readonly clear: () => Promise<void>;
}

export interface StageOptions {
  readonly server: string | undefined;
  readonly headful: boolean;
  /** Told as each part comes up. */
  readonly say: (text: string) => void;
}

const NAMES = ['Alice', 'Bob'] as const;

/** A random end keeps the names free on a server that others use too. */
function credentialsFor(name: string, server: string | undefined, prosody: Prosody | undefined) {
  const local = name.toLowerCase();
  const password = randomBytes(12).toString('base64url');
  if (prosody === undefined) {
    const suffix = randomBytes(3).toString('hex');
    return { jid: `${local}-${suffix}@${server ?? ''}`, password, create: true };
  }
  return {
    jid: `${local}@${prosody.domain}`,
    password,
    create: true,
    server: { host: prosody.host, port: prosody.port },
  };
}

async function startServer(folder: string): Promise<Prosody> {
  const home = join(folder, 'server');
  mkdirSync(home, { recursive: true });
  return Prosody.start({ folder: home, registration: true, record: true });
}

/** Starts everything; on failure nothing is left behind. */
export async function setStage({ server, headful, say }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-demo-'));
  const running: RunningApp[] = [];
  let prosody: Prosody | undefined;
  const quitApps = async (): Promise<void> => {
    await Promise.all(running.splice(0).map(({ close }) => close()));
  };
  const clear = async (): Promise<void> => {
    await quitApps().catch(() => undefined);
    await prosody?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    if (server === undefined) {
      prosody = await startServer(folder);
      say(`Prosody answers on ${prosody.host}:${String(prosody.port)}`);
    }
    const extraCa = prosody === undefined ? undefined : join(folder, 'ca.pem');
    if (prosody !== undefined) writeFileSync(join(folder, 'ca.pem'), prosody.certificatePem);
    const people: Person[] = [];
    for (const name of NAMES) {
      const profile = join(folder, name.toLowerCase());
      const app = await launch({ profile, headful, ...(extraCa === undefined ? {} : { extraCa }) });
      running.push(app);
      people.push({
        name,
        profile,
        running: app,
        credentials: credentialsFor(name, server, prosody),
      });
      say(`${name}’s application is open`);
    }
    const [alice, bob] = people;
    if (alice === undefined || bob === undefined) throw new TypeError('two people are needed');
    return { alice, bob, prosody, extraCa, quitApps, clear };
  } catch (cause) {
    await clear();
    throw cause;
  }
}
