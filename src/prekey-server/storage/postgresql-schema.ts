// SPDX-License-Identifier: GPL-3.0-or-later

/** In order; the index plus one is the version that it leads to. Append only; never edit what was released. */
export const POSTGRESQL_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE device (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity text NOT NULL,
    owner_tag bigint NOT NULL CHECK (owner_tag BETWEEN 256 AND 4294967295),
    public_key bytea NOT NULL CHECK (length(public_key) = 57),
    client_profile bytea,
    client_expires_at bigint,
    prekey_profile bytea,
    prekey_expires_at bigint,
    -- When the last of its profiles expires or expired; of a device without any, when it published.
    valid_until bigint NOT NULL,
    UNIQUE (identity, owner_tag)
  );
  CREATE INDEX device_by_end ON device (valid_until);
  CREATE INDEX device_by_client_end ON device (client_expires_at);
  CREATE INDEX device_by_prekey_end ON device (prekey_expires_at);

  CREATE TABLE prekey (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id bigint NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    prekey_id bigint NOT NULL CHECK (prekey_id BETWEEN 0 AND 4294967295),
    body bytea NOT NULL,
    UNIQUE (device_id, prekey_id)
  );
  CREATE INDEX prekey_by_age ON prekey (device_id, id);

  -- Outlives the device: a prekey that was handed out never comes back.
  CREATE TABLE consumed (
    identity text NOT NULL,
    owner_tag bigint NOT NULL,
    public_key bytea NOT NULL,
    prekey_id bigint NOT NULL,
    forget_at bigint NOT NULL,
    PRIMARY KEY (identity, owner_tag, public_key, prekey_id)
  );
  CREATE INDEX consumed_by_end ON consumed (forget_at);
  `,
];
