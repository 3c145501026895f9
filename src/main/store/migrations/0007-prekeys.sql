-- What of ours others may begin a conversation with while we are away. All of it is on disk before it leaves.

-- One-time keys, the oldest first. `sent`: it left and nobody said that it arrived; `confirmed`: a server has
-- it; `handed-out`: by the server's count it is no longer there, so its message is under way or never comes.
CREATE TABLE own_prekey (
  id           INTEGER PRIMARY KEY,
  account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  prekey_id    INTEGER NOT NULL CHECK (prekey_id BETWEEN 0 AND 0xffffffff),
  message      BLOB NOT NULL,
  ecdh_secret  BLOB NOT NULL CHECK (length(ecdh_secret) = 57),
  dh_secret    BLOB NOT NULL CHECK (length(dh_secret) = 80),
  state        TEXT NOT NULL CHECK (state IN ('sent', 'confirmed', 'handed-out')),
  kept_until   INTEGER NOT NULL,
  UNIQUE (account_id, prekey_id)
) STRICT;

-- Profiles that were published together, the oldest first, and the secret of the shared prekey.
CREATE TABLE own_publication (
  id              INTEGER PRIMARY KEY,
  account_id      INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  client_profile  BLOB NOT NULL,
  prekey_profile  BLOB NOT NULL,
  shared_seed     BLOB NOT NULL CHECK (length(shared_seed) = 57),
  state           TEXT NOT NULL CHECK (state IN ('sent', 'confirmed')),
  kept_until      INTEGER NOT NULL,
  UNIQUE (account_id, prekey_profile)
) STRICT;

-- Keys of prekey servers, of ours and of those of contacts, from their first use on. `proposed`: another one
-- that the server announces now; nothing is done with it until the user says so. `stopped`: the user said no.
CREATE TABLE prekey_server (
  account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  jid          TEXT NOT NULL,
  domain       TEXT NOT NULL,
  fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 56),
  proposed     BLOB CHECK (length(proposed) = 56),
  stopped      INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
  pinned_at    INTEGER NOT NULL,
  PRIMARY KEY (account_id, jid)
) STRICT, WITHOUT ROWID;

-- How publishing stands. `stored`: what the server said last that it has, or has by what came since then.
-- `published_until`: how long what a server has of ours may be handed out.
CREATE TABLE publishing (
  account_id       INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  server           TEXT,
  checked_at       INTEGER,
  stored           INTEGER CHECK (stored BETWEEN 0 AND 255),
  published_until  INTEGER,
  failures         INTEGER NOT NULL DEFAULT 0,
  failure          TEXT CHECK (failure IN
                     ('no-server', 'unreachable', 'refused', 'invalid-answer', 'wrong-key')),
  failed_at        INTEGER,
  CHECK ((failure IS NULL) = (failures = 0)),
  CHECK ((failure IS NULL) = (failed_at IS NULL))
) STRICT;
