// SPDX-License-Identifier: GPL-3.0-or-later
// A Prosody, the server as a program beside it, and a second component that plays all users.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { openStorage } from '#prekey-server/storage/open-storage.ts';
import type { PrekeyStorage } from '#prekey-server/storage/storage.ts';
import { keyedDevice } from '../../prekey-server/keyed-device.ts';
import { packPrekeyServer } from '../../prekey-server/packing.ts';
import { DEMO_COMPONENT, PrekeyServerProcess } from '../../prekey-server/prekey-server.ts';
import { USERS, usersComponent, Users } from '../../prekey-server/users.ts';
import { Prosody } from '../../prosody/prosody.ts';
import type { Place } from './takes.ts';

export interface Beside {
  readonly server: PrekeyServerProcess;
  readonly users: Users;
  /** The data of the server, opened a second time. */
  readonly storage: PrekeyStorage;
}

/** @param chosen where the data are; a SQLite file of its own if undefined */
export async function besideProsody<T>(
  chosen: Place | undefined,
  work: (beside: Beside) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-prekey-'));
  const prosody = await Prosody.start({ folder, component: DEMO_COMPONENT, after: usersComponent });
  const place = chosen ?? { kind: 'sqlite', path: join(folder, 'bench.sqlite') };
  const storage = await openStorage(place, undefined);
  const server = await PrekeyServerProcess.start({
    ...DEMO_COMPONENT,
    folder,
    // As it is installed: Node takes more memory for sources in TypeScript.
    program: await packPrekeyServer(join(folder, 'program')),
    port: prosody.componentPort,
    database: place.kind === 'sqlite' ? place.path : place.url,
    environment: {
      SOTTO_PREKEY_PUBLISHER_DOMAINS: `localhost,${USERS}`,
      SOTTO_PREKEY_QUERIES_PER_DOMAIN_HOUR: '1000000000',
    },
  });
  const users = await Users.join(prosody.componentPort);
  try {
    return await work({ server, users, storage });
  } finally {
    users.leave();
    await server.kill();
    await prosody.kill();
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const ASKER = keyedDevice(`x@${USERS}`, { jid: 'x', fingerprint: 'AB'.repeat(56) });

/** Any keys of version 4 of this account, as it goes into a message. */
export const queryFor = (identity: string): string =>
  formatPrekeyArmor(
    encodeEnsembleQuery({
      senderTag: ASKER.context.own.profile.ownerTag,
      identity: new TextEncoder().encode(identity),
      versions: new TextEncoder().encode('4'),
    }),
  );

/** What the server says of itself. @param name without what all of them begin with */
export async function gaugeOf({ watchUrl }: PrekeyServerProcess, name: string): Promise<number> {
  const metrics = await (await fetch(`${watchUrl}/metrics`)).text();
  return Number(new RegExp(`^sotto_prekey_${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
}
