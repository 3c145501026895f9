// SPDX-License-Identifier: GPL-3.0-or-later
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable } from './runtime.ts';

export type PathName = Parameters<Electron.App['getPath']>[0];

/** `app.getPath` and `app.setPath` with the places Electron uses on Linux. */
export class AppPaths {
  readonly #set = new Map<string, string>();
  readonly #userDataSwitch: string | undefined;

  constructor(userDataSwitch: string | undefined) {
    this.#userDataSwitch = userDataSwitch;
  }

  set(name: string, path: string): void {
    this.#set.set(name, path);
  }

  get(name: PathName, appName: string): string {
    const set = this.#set.get(name);
    if (set !== undefined) return set;
    const found = this.#defaults(appName)[name];
    if (found === undefined) throw new Error(`Failed to get '${name}' path`);
    return found;
  }

  #defaults(appName: string): Partial<Record<PathName, string>> {
    const home = homedir();
    const appData = process.env.XDG_CONFIG_HOME ?? join(home, '.config');
    const userData = this.#set.get('userData') ?? this.#userDataSwitch ?? join(appData, appName);
    return {
      home,
      appData,
      userData,
      sessionData: userData,
      temp: tmpdir(),
      exe: executable,
      module: executable,
      logs: join(userData, 'logs'),
      crashDumps: join(userData, 'Crashpad'),
      desktop: join(home, 'Desktop'),
      documents: join(home, 'Documents'),
      downloads: join(home, 'Downloads'),
      music: join(home, 'Music'),
      pictures: join(home, 'Pictures'),
      videos: join(home, 'Videos'),
    };
  }
}
