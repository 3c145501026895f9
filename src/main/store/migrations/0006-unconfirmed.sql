-- The server never confirmed the message, so nobody knows whether it arrived. It counts as failed as well,
-- for the set of `delivery` cannot grow without copying the whole history.

ALTER TABLE message ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0
  CHECK (unconfirmed = 0 OR (unconfirmed = 1 AND delivery = 'failed'));
