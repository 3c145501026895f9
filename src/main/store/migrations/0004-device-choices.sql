-- What the user decided about single devices of a contact. `use`: what a device may get that is not
-- verified, where another one is. `resource`: the part of its address under which it was last met.
CREATE TABLE device_choice (
  account_id    INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  peer          TEXT NOT NULL,
  instance_tag  INTEGER NOT NULL CHECK (instance_tag BETWEEN 0x100 AND 0xffffffff),
  nickname      TEXT,
  blocked       INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  use           TEXT CHECK (use IN ('allowed', 'ignored')),
  resource      TEXT,
  PRIMARY KEY (account_id, peer, instance_tag)
) STRICT, WITHOUT ROWID;

-- Which devices of the contact get messages; NULL: the verified ones, else the one last active.
ALTER TABLE contact ADD COLUMN send_to TEXT CHECK (send_to IN ('verified', 'chosen', 'last-active'));
ALTER TABLE contact ADD COLUMN send_to_device INTEGER
  CHECK ((send_to_device IS NULL) = (send_to IS NOT 'chosen'));
