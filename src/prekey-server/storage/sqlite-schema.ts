// SPDX-License-Identifier: GPL-3.0-or-later

/** In order; the index plus one becomes `user_version`. Append only; never edit what was released. */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    owner_tag INTEGER NOT NULL CHECK (owner_tag >= 256),
    public_key BLOB NOT NULL CHECK (length(public_key) = 57),
    client_profile BLOB,
    client_expires_at INTEGER,
    prekey_profile BLOB,
    prekey_expires_at INTEGER,
    -- When the last of its profiles expires or expired; of a device without any, when it published.
    valid_until INTEGER NOT NULL,
    UNIQUE (identity, owner_tag)
  ) STRICT;
  CREATE INDEX device_by_end ON device (valid_until);
  CREATE INDEX device_by_client_end ON device (client_expires_at);
  CREATE INDEX device_by_prekey_end ON device (prekey_expires_at);

  CREATE TABLE prekey (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    prekey_id INTEGER NOT NULL CHECK (prekey_id BETWEEN 0 AND 4294967295),
    body BLOB NOT NULL,
    UNIQUE (device_id, prekey_id)
  ) STRICT;
  CREATE INDEX prekey_by_age ON prekey (device_id, id);

  -- Outlives the device: a prekey that was handed out never comes back.
  CREATE TABLE consumed (
    identity TEXT NOT NULL,
    owner_tag INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    prekey_id INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    PRIMARY KEY (identity, owner_tag, public_key, prekey_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX consumed_by_end ON consumed (forget_at);
  `,
];
