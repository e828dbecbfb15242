-- The passwords of the keys that people sign in with. Each belongs to one key, and
-- goes with it.

-- +goose Up

CREATE TABLE passwords (
	apikey         TEXT    NOT NULL PRIMARY KEY REFERENCES apikeys (id) ON DELETE CASCADE,
	hash           TEXT    NOT NULL,
	pepper_version INTEGER NOT NULL,
	created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A start asks which peppers are in use.
CREATE INDEX passwords_by_pepper ON passwords (pepper_version);
