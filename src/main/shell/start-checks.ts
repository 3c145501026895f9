// SPDX-License-Identifier: GPL-3.0-or-later

import type { App } from 'electron';

/** Switches that take a protection away or let somebody look in, by the start of their name. */
export const REFUSED_SWITCHES = [
  'allow-running-insecure-content',
  'disable-site-isolation-trials',
  'disable-web-security',
  'host-resolver-rules',
  'host-rules',
  'inspect',
  'js-flags',
  'load-extension',
  'log-net-log',
  'no-sandbox',
  'proxy-',
  'remote-allow-origins',
  'remote-debugging-',
  'ssl-key-log-file',
] as const;

export type Refusal =
  | { readonly why: 'switch'; readonly name: (typeof REFUSED_SWITCHES)[number] }
  | { readonly why: 'root' };

export interface Start {
  readonly argv: readonly string[];
  readonly platform: NodeJS.Platform;
  /** Of the process; undefined on Windows. */
  readonly userId: number | undefined;
  /** A build for developers may be looked into and may run in a container. */
  readonly isPackaged: boolean;
}

/** Why the application will not start like this, if it will not. */
export function findRefusal({ argv, platform, userId, isPackaged }: Start): Refusal | undefined {
  if (!isPackaged) return undefined;
  const names = argv.filter((each) => each.startsWith('--')).map((each) => each.slice(2));
  const name = REFUSED_SWITCHES.find((refused) =>
    names.some((given) => given.toLowerCase().startsWith(refused)),
  );
  if (name !== undefined) return { why: 'switch', name };
  return platform === 'linux' && userId === 0 ? { why: 'root' } : undefined;
}

/** First of all, before `ready`: every renderer in its sandbox, no file of TLS keys. */
export function hardenProcess(app: App, environment: NodeJS.ProcessEnv): void {
  app.enableSandbox();
  delete environment.SSLKEYLOGFILE;
}
