-- Who may ask. A token that is revoked stays, so that one can see that it was.
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('read', 'ingest', 'admin')),
    -- SHA-256 of what its owner has.
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- Ticks of 100 ns since the year 1.
    made INTEGER NOT NULL,
    revoked INTEGER
) STRICT;
CREATE UNIQUE INDEX token_by_name ON token (name) WHERE revoked IS NULL;
