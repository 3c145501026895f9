// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prosody, type ProsodyOptions } from '../../tools/prosody/prosody.ts';

export interface TestProsody extends AsyncDisposable {
  readonly prosody: Prosody;
}

/** A Prosody of the test's own, in a folder that goes with it. */
export async function startProsody(
  options: Omit<ProsodyOptions, 'folder'> = {},
): Promise<TestProsody> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-prosody-'));
  const prosody = await Prosody.start({ ...options, folder });
  return {
    prosody,
    [Symbol.asyncDispose]: async () => {
      await prosody.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
