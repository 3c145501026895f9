// SPDX-License-Identifier: GPL-3.0-or-later

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Play by itself instead of leaving the windows to the user. */
  readonly headless: boolean;
  readonly out: string;
  /** A server of the user's, which allows registration; otherwise our own Prosody. */
  readonly server: string | undefined;
}

export const usage = `npm run demo -- [--headless] [--out DIR] [--server HOST]

  --headless     play the whole conversation through the windows, without showing them
  --out DIR      where screenshots and wire.xml go (default out/demo)
  --server HOST  use your own XMPP server, which must allow registration
`;

const canShowWindows = (): boolean =>
  process.platform !== 'linux' ||
  process.env['DISPLAY'] !== undefined ||
  process.env['WAYLAND_DISPLAY'] !== undefined;

/** @throws TypeError when an option is not known */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      headless: { type: 'boolean', default: false },
      out: { type: 'string', default: 'out/demo' },
      server: { type: 'string' },
    },
  });
  return {
    headless: values.headless || !canShowWindows(),
    out: resolve(values.out),
    server: values.server,
  };
}
