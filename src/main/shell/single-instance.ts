// SPDX-License-Identifier: GPL-3.0-or-later

import type { App } from 'electron';

export interface SingleInstanceOptions {
  /** Somebody started the application again: show the window. */
  readonly onSecondStart: () => void;
  /** An `xmpp:` link came with it, unread and untrusted. */
  readonly onLink: (link: string) => void;
}

/** In UTF-16 units. More than one argument of a program can hold on most systems. */
const MAX_LINK_LENGTH = 400_000;

const isLink = (argument: string): boolean =>
  /^xmpp:/i.test(argument) && argument.length <= MAX_LINK_LENGTH;

/** The first argument that looks like a link to us. What it says is not looked at here. */
export const findLink = (argv: readonly string[]): string | undefined => argv.find(isLink);

/** How to start again without opening the same link again. */
export const withoutLinks = (argv: readonly string[]): string[] =>
  argv.filter((argument) => !/^xmpp:/i.test(argument));

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
