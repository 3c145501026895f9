// SPDX-License-Identifier: GPL-3.0-or-later
import initial from './0001-initial.sql?raw';
import ways from './0002-ways.sql?raw';
import deviceLists from './0003-device-lists.sql?raw';
import deviceChoices from './0004-device-choices.sql?raw';
import archive from './0005-archive.sql?raw';
import unconfirmed from './0006-unconfirmed.sql?raw';
import prekeys from './0007-prekeys.sql?raw';
import sealedSessions from './0008-sealed-sessions.sql?raw';
import leavingKeys from './0009-leaving-keys.sql?raw';
import type { Migration } from './migration.ts';

/** The ordered list, as it goes into the bundle. Append only; never edit what was released. */
export const migrations: readonly Migration[] = [
  { version: 1, sql: initial },
  { version: 2, sql: ways },
  { version: 3, sql: deviceLists },
  { version: 4, sql: deviceChoices },
  { version: 5, sql: archive },
  { version: 6, sql: unconfirmed },
  { version: 7, sql: prekeys },
  { version: 8, sql: sealedSessions },
  { version: 9, sql: leavingKeys },
];
