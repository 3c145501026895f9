-- Whether one-time keys are left on a prekey server, for contacts who write while no device is online.
ALTER TABLE account ADD COLUMN leaves_keys INTEGER NOT NULL DEFAULT 1 CHECK (leaves_keys IN (0, 1));
