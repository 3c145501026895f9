// SPDX-License-Identifier: GPL-3.0-or-later

import type { App } from 'electron';

export interface SingleInstanceOptions {
  /** Somebody started the application again: show the window. */
  readonly onSecondStart: () => void;
  /** An `xmpp:` link came with it, unread and untrusted. */
  readonly onLink: (link: string) => void;
}

const MAX_LINK_LENGTH = 2_048;

/** The first argument that looks like a link to us. What it says is not looked at here. */
export function findLink(argv: readonly string[]): string | undefined {
  return argv.find((each) => /^xmpp:/i.test(each) && each.length <= MAX_LINK_LENGTH);
}

/**
 * One process for each profile: two would work on one store and one set of keys.
 * @returns false when another instance runs; the caller must end at once
 */
export function takeSingleInstance(app: App, options: SingleInstanceOptions): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, argv) => {
    options.onSecondStart();
    const link = findLink(argv);
    if (link !== undefined) options.onLink(link);
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const link = findLink([url]);
    if (link !== undefined) options.onLink(link);
  });
  return true;
}
