-- A server may be set as a WebSocket, by its URL alone. What worked last is kept to be tried first.

ALTER TABLE account ADD COLUMN server_url TEXT
  CHECK (server_url IS NULL OR server_host IS NULL);
ALTER TABLE account ADD COLUMN way TEXT;
ALTER TABLE account ADD COLUMN way_found_at INTEGER
  CHECK ((way_found_at IS NULL) = (way IS NULL));
