-- The newest time that a server on this database has known: a clock that is set back
-- brings nothing to life. One row; 0 is before the first time.

-- +goose Up

CREATE TABLE recorded_time (
	id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	newest INTEGER NOT NULL
) STRICT;

INSERT INTO recorded_time (id, newest) VALUES (1, 0);

-- The secrets whose overlap is over are found without a look at all others.
CREATE INDEX secrets_by_end ON secrets (ends_at) WHERE ends_at IS NOT NULL;
