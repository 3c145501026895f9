// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Postgresql } from '../../tools/postgresql/postgresql.ts';

export interface TestPostgresql extends AsyncDisposable {
  readonly postgresql: Postgresql;
}

/** A PostgreSQL of the test's own, in a folder that goes with it. */
export async function startPostgresql(durable = false): Promise<TestPostgresql> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-postgresql-'));
  const postgresql = await Postgresql.start({ folder, durable });
  return {
    postgresql,
    [Symbol.asyncDispose]: async () => {
      await postgresql.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
