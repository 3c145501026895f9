// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import { findElectron, type Runtime } from '../electron/find-electron.ts';

const root = resolve(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 60_000;
/** How long something a person waits for may take to show, on a busy machine. */
const SHOW_TIMEOUT_MS = 15_000;

export interface LaunchOptions {
  /** Where this person's profile lives; made if it is not there. */
  readonly profile: string;
  /** PEM file of a certificate authority to trust beside those of the system. */
  readonly extraCa?: string;
  /** Show real windows (needs a display). */
  readonly headful?: boolean;
  /** Further environment, such as which key store the double pretends to have. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running Sotto, driven from outside as a person would. */
export interface RunningApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Quits as the menu would; resolves when the process is gone. */
  readonly close: () => Promise<void>;
}

function environment(options: LaunchOptions, runtime: Runtime): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  return {
    ...inherited,
    ...runtime.env,
    ...(options.extraCa === undefined ? {} : { SOTTO_EXTRA_CA: options.extraCa }),
    ...(options.headful === true ? { ELECTRON_DOUBLE_HEADFUL: '1' } : {}),
    ...options.env,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Playwright ends the whole process by itself upon a signal, before anybody can clean up. What it
 * started still ends with us.
 */
async function keepSignals<T>(work: () => Promise<T>): Promise<T> {
  const ours = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const);
  const result = await work();
  for (const [signal, listeners] of ours) {
    for (const listener of process.listeners(signal)) {
      if (!listeners.includes(listener)) process.off(signal, listener);
    }
  }
  return result;
}

/** Starts the built application on its own profile and waits for its window. */
export async function launch(options: LaunchOptions): Promise<RunningApp> {
  mkdirSync(options.profile, { recursive: true, mode: 0o700 });
  const runtime = findElectron(false);
  const app = await keepSignals(() =>
    _electron.launch({
      args: [root, `--user-data-dir=${options.profile}`],
      env: environment(options, runtime),
      timeout: START_TIMEOUT_MS,
      executablePath: runtime.executable,
      // Playwright would set both by itself: a clock that looks the same everywhere, and our own theme.
      locale: 'en-GB',
      colorScheme: null,
    }),
  );
  const page = await app.firstWindow({ timeout: START_TIMEOUT_MS });
  page.setDefaultTimeout(SHOW_TIMEOUT_MS);
  return {
    app,
    page,
    close: async () => {
      // Yes to whatever is asked on the way out, as somebody who wants to quit would say.
      await app.evaluate(({ dialog }) => {
        dialog.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false });
      });
      await app.close();
    },
  };
}
