// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEMO_COMPONENT,
  type PrekeyServerOptions,
  PrekeyServerProcess,
} from '../../tools/prekey-server/prekey-server.ts';

export { DEMO_COMPONENT };

export interface TestPrekeyServer extends AsyncDisposable {
  readonly server: PrekeyServerProcess;
  /** All that it writes; goes with the server. */
  readonly folder: string;
}

/**
 * The real prekey server beside a Prosody or an ejabberd that was started with
 * `component: DEMO_COMPONENT`. It is up and found by service discovery when this comes back.
 *
 * @param options port is the `componentPort` of the XMPP server
 */
export async function startPrekeyServer(
  options: Pick<PrekeyServerOptions, 'port'> & Partial<Omit<PrekeyServerOptions, 'folder'>>,
): Promise<TestPrekeyServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-prekey-'));
  const server = await PrekeyServerProcess.start({ ...DEMO_COMPONENT, ...options, folder });
  return {
    server,
    folder,
    [Symbol.asyncDispose]: async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
