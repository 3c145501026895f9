-- The newest list of devices of each account: of contacts, and of the own account under its address.
-- `place` is where the device stands in that list; NULL: it was listed before and no longer is.
-- `noted`: the user has been told of it, or need not be.
CREATE TABLE listed_device (
  account_id      INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  peer            TEXT NOT NULL,
  instance_tag    INTEGER NOT NULL CHECK (instance_tag BETWEEN 0x100 AND 0xffffffff),
  label           TEXT,
  first_seen_at   INTEGER NOT NULL,
  last_listed_at  INTEGER NOT NULL,
  place           INTEGER,
  noted           INTEGER NOT NULL CHECK (noted IN (0, 1)),
  PRIMARY KEY (account_id, peer, instance_tag)
) STRICT, WITHOUT ROWID;
