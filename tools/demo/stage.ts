// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type RunningApp } from '../driver/launch.ts';
import type { Credentials } from '../driver/sign-in.ts';
import { DEMO_COMPONENT, PrekeyServerProcess } from '../prekey-server/prekey-server.ts';
import { Prosody } from '../prosody/prosody.ts';

/** One of the two people. */
export interface Person {
  readonly name: string;
  readonly credentials: Credentials;
  readonly profile: string;
  /** As it was started last. */
  readonly running: RunningApp;
  readonly isOpen: boolean;
  readonly quit: () => Promise<void>;
  /** Opens it again, on the profile it left. */
  readonly open: () => Promise<void>;
}

/** The server and the two applications, ready to be played on. */
export interface Stage {
  readonly alice: Person;
  readonly bob: Person;
  readonly prosody: Prosody | undefined;
  /** Beside a server of our own. */
  readonly keyServer: { readonly folder: string } | undefined;
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
  return Prosody.start({
    folder: home,
    registration: true,
    record: true,
    component: DEMO_COMPONENT,
  });
}

async function startKeyServer(folder: string, port: number): Promise<PrekeyServerProcess> {
  mkdirSync(folder, { recursive: true });
  return PrekeyServerProcess.start({ ...DEMO_COMPONENT, folder, port });
}

interface Part {
  readonly profile: string;
  readonly credentials: Credentials;
  readonly launch: () => Promise<RunningApp>;
}

class Player implements Person {
  readonly name: string;
  readonly credentials: Credentials;
  readonly profile: string;
  readonly #launch: Part['launch'];
  #running: RunningApp | undefined;

  constructor(name: string, { profile, credentials, launch: start }: Part) {
    this.name = name;
    this.profile = profile;
    this.credentials = credentials;
    this.#launch = start;
  }

  get running(): RunningApp {
    if (this.#running === undefined) throw new TypeError(`${this.name} has quit`);
    return this.#running;
  }

  get isOpen(): boolean {
    return this.#running !== undefined;
  }

  readonly open = async (): Promise<void> => {
    this.#running = await this.#launch();
  };

  readonly quit = async (): Promise<void> => {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  };
}

/** Starts everything; on failure nothing is left behind. */
export async function setStage({ server, headful, say }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-demo-'));
  const players: Player[] = [];
  let prosody: Prosody | undefined;
  const keysFolder = join(folder, 'keys');
  let keyServer: PrekeyServerProcess | undefined;
  const quitApps = async (): Promise<void> => {
    await Promise.all(players.map((player) => player.quit()));
  };
  const clear = async (): Promise<void> => {
    await quitApps().catch(() => undefined);
    await keyServer?.stop();
    await prosody?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    if (server === undefined) {
      prosody = await startServer(folder);
      say(`Prosody answers on ${prosody.host}:${String(prosody.port)}`);
      keyServer = await startKeyServer(keysFolder, prosody.componentPort);
      say('The prekey server runs beside it');
    }
    const extraCa = prosody === undefined ? undefined : join(folder, 'ca.pem');
    if (prosody !== undefined) writeFileSync(join(folder, 'ca.pem'), prosody.certificatePem);
    for (const name of NAMES) {
      const profile = join(folder, name.toLowerCase());
      const person = new Player(name, {
        profile,
        credentials: credentialsFor(name, server, prosody),
        launch: () => launch({ profile, headful, ...(extraCa === undefined ? {} : { extraCa }) }),
      });
      players.push(person);
      await person.open();
      say(`${name}’s application is open`);
    }
    const [alice, bob] = players;
    if (alice === undefined || bob === undefined) throw new TypeError('two people are needed');
    const keys = keyServer === undefined ? undefined : { folder: keysFolder };
    return { alice, bob, prosody, keyServer: keys, extraCa, quitApps, clear };
  } catch (cause) {
    await clear();
    throw cause;
  }
}
