-- Sessions that began while one side was away. Each is sealed once more, under a key that is used for
-- nothing else; it says nothing without the account's long-term key either.
CREATE TABLE session_key (
  account_id    INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  key           BLOB NOT NULL CHECK (length(key) = 32),
  -- The user has been told once what beginning while the other side is away means.
  told          INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
) STRICT;

CREATE TABLE sealed_session (
  account_id    INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  peer          TEXT NOT NULL,
  instance_tag  INTEGER NOT NULL CHECK (instance_tag BETWEEN 0x100 AND 0xffffffff),
  sealed        BLOB NOT NULL,
  PRIMARY KEY (account_id, peer, instance_tag)
) STRICT, WITHOUT ROWID;

-- With whom no session is begun while they are away; NULL: as for everybody.
ALTER TABLE contact ADD COLUMN live_only INTEGER CHECK (live_only IN (0, 1));
