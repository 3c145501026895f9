-- How far the account has been filled up from its server's archive (XEP-0313), and what each message is
-- called there, so that it is known again when it comes another time.

ALTER TABLE account ADD COLUMN archive_id TEXT;
ALTER TABLE account ADD COLUMN archive_at INTEGER
  CHECK ((archive_at IS NULL) = (archive_id IS NULL));

ALTER TABLE message ADD COLUMN archive_id TEXT;
CREATE INDEX message_by_archive_id ON message (conversation_id, archive_id)
  WHERE archive_id IS NOT NULL;
