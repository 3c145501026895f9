-- All instants are ms since the Unix epoch. JIDs arrive normalised; `peer` and `jid` are bare.

CREATE TABLE account (
  id               INTEGER PRIMARY KEY,
  jid              TEXT NOT NULL UNIQUE,
  server_host      TEXT,
  server_port      INTEGER CHECK (server_port BETWEEN 1 AND 65535),
  server_tls       TEXT CHECK (server_tls IN ('starttls', 'direct')),
  allow_plain      INTEGER NOT NULL CHECK (allow_plain IN (0, 1)),
  mode             TEXT NOT NULL CHECK (mode IN ('compatible', 'standalone', 'interactive-only')),
  created_at       INTEGER NOT NULL,
  resource         TEXT NOT NULL,
  device_label     TEXT NOT NULL,
  instance_tag     INTEGER NOT NULL CHECK (instance_tag BETWEEN 0x100 AND 0xffffffff),
  credentials      BLOB,
  CHECK ((server_host IS NULL) = (server_port IS NULL)),
  CHECK ((server_host IS NULL) = (server_tls IS NULL))
) STRICT;

CREATE TABLE identity (
  account_id                 INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  long_term_seed             BLOB NOT NULL,
  forging_public             BLOB NOT NULL,
  forging_seed               BLOB,
  client_profile             BLOB NOT NULL,
  client_profile_expires_at  INTEGER NOT NULL
) STRICT;

-- A contact and the conversation with them are one row.
CREATE TABLE contact (
  id             INTEGER PRIMARY KEY,
  account_id     INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  jid            TEXT NOT NULL,
  name           TEXT,
  subscription   TEXT NOT NULL DEFAULT 'none'
                 CHECK (subscription IN ('none', 'to', 'from', 'both')),
  asked          INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
  roster_groups  TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(roster_groups)),
  in_roster      INTEGER NOT NULL DEFAULT 0 CHECK (in_roster IN (0, 1)),
  rule_otr       TEXT CHECK (rule_otr IN ('never', 'when-asked', 'whenever', 'always')),
  rule_accept    TEXT CHECK (rule_accept IN ('ask', 'verified', 'contacts')),
  verified_only  INTEGER CHECK (verified_only IN (0, 1)),
  keep           TEXT CHECK (keep IN ('until-end', 'until-quit', 'hour', 'day', 'week')),
  used_otr       INTEGER NOT NULL DEFAULT 0 CHECK (used_otr IN (0, 1)),
  blocked        INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  read_up_to     INTEGER NOT NULL DEFAULT 0,  -- id of the newest message that was read
  UNIQUE (account_id, jid)
) STRICT;

-- Trust belongs to a key; a device is where that key was last seen.
CREATE TABLE peer_key (
  account_id       INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  peer             TEXT NOT NULL,
  fingerprint      BLOB NOT NULL CHECK (length(fingerprint) = 56),
  verified_at      INTEGER,
  verified_method  TEXT CHECK (verified_method IN ('question', 'secret', 'code', 'compare')),
  PRIMARY KEY (account_id, peer, fingerprint),
  CHECK ((verified_at IS NULL) = (verified_method IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE peer_device (
  account_id     INTEGER NOT NULL,
  peer           TEXT NOT NULL,
  instance_tag   INTEGER NOT NULL CHECK (instance_tag BETWEEN 0x100 AND 0xffffffff),
  fingerprint    BLOB NOT NULL,
  label          TEXT,
  first_seen_at  INTEGER NOT NULL,
  last_seen_at   INTEGER NOT NULL,
  PRIMARY KEY (account_id, peer, instance_tag, fingerprint),
  FOREIGN KEY (account_id, peer, fingerprint) REFERENCES peer_key ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE verification_log (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  peer         TEXT NOT NULL,
  fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 56),
  change       TEXT NOT NULL CHECK (change IN ('verified', 'withdrawn')),
  method       TEXT CHECK (method IN ('question', 'secret', 'code', 'compare')),
  at           INTEGER NOT NULL
) STRICT;

CREATE INDEX verification_log_by_peer ON verification_log (account_id, peer, id);

CREATE TRIGGER verification_log_is_append_only BEFORE UPDATE ON verification_log BEGIN
  SELECT RAISE (ABORT, 'verification_log is append-only');
END;

-- AUTOINCREMENT: an id that comes back after a deletion would count as already read.
CREATE TABLE message (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id  INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
  direction        TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  text             TEXT NOT NULL,
  at               INTEGER NOT NULL,
  protection       TEXT NOT NULL CHECK (protection = 'plain'),
  delivery         TEXT NOT NULL CHECK (delivery IN ('sending', 'sent', 'delivered', 'failed')),
  stanza_id        TEXT,
  plain_inside     INTEGER NOT NULL CHECK (plain_inside IN (0, 1)),
  CHECK (direction = 'out' OR delivery = 'delivered')
) STRICT;

CREATE INDEX message_by_conversation ON message (conversation_id, at DESC, id DESC);
CREATE INDEX message_by_stanza_id ON message (conversation_id, stanza_id)
  WHERE stanza_id IS NOT NULL;
CREATE INDEX message_by_arrival ON message (conversation_id, id) WHERE direction = 'in';
CREATE INDEX message_by_sending ON message (id) WHERE delivery = 'sending';

CREATE VIRTUAL TABLE message_text USING fts5 (
  text, content = 'message', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
-- Without this, deleted words stay readable in the index until the next merge.
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER message_is_indexed AFTER INSERT ON message BEGIN
  INSERT INTO message_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_leaves_index AFTER DELETE ON message BEGIN
  INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER message_is_reindexed AFTER UPDATE OF text ON message BEGIN
  INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO message_text (rowid, text) VALUES (new.id, new.text);
END;

CREATE TABLE setting (
  name   TEXT PRIMARY KEY,
  value  TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
