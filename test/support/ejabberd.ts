// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ejabberd, type EjabberdOptions } from '../../tools/ejabberd/ejabberd.ts';

export interface TestEjabberd extends AsyncDisposable {
  readonly ejabberd: Ejabberd;
}

/** An ejabberd of the test's own, in a folder that goes with it. */
export async function startEjabberd(
  options: Omit<EjabberdOptions, 'folder'> = {},
): Promise<TestEjabberd> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-ejabberd-'));
  const ejabberd = await Ejabberd.start({ ...options, folder });
  return {
    ejabberd,
    [Symbol.asyncDispose]: async () => {
      await ejabberd.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
