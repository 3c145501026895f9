// SPDX-License-Identifier: GPL-3.0-or-later

import { Client } from 'pg';

/** The tables as they are made, with nothing in them. */
export async function emptyTables(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('TRUNCATE device, prekey, consumed');
  await client.end();
}
