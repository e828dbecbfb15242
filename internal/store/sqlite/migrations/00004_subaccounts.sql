-- Sub-accounts, the keys in them, and the keys that people sign in with.

-- +goose Up

CREATE TABLE subaccounts (
	id           TEXT    NOT NULL PRIMARY KEY,
	account      TEXT    NOT NULL REFERENCES accounts (id),
	handle       TEXT    NOT NULL,
	name         TEXT    NOT NULL,
	status       TEXT    NOT NULL,
	apikey_limit INTEGER,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,
	revision     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX subaccounts_by_handle ON subaccounts (account, handle);
CREATE INDEX subaccounts_in_order ON subaccounts (account, created_at, id);

-- NULL is a key of the account itself. That the sub-account is one of the key's
-- own account is seen to where a key is inserted: it never moves, and SQLite adds
-- no foreign key of two columns to a table that is there.
ALTER TABLE apikeys ADD COLUMN subaccount TEXT REFERENCES subaccounts (id) ON DELETE CASCADE;
ALTER TABLE apikeys ADD COLUMN username TEXT CHECK (username <> '');
ALTER TABLE apikeys ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apikeys ADD COLUMN locked_at INTEGER;

-- A key is listed, counted and named within its sub-account, or among those that
-- are in none.
DROP INDEX apikeys_in_order;
DROP INDEX apikeys_by_name;
CREATE INDEX apikeys_in_order ON apikeys (account, subaccount, created_at, id);
CREATE INDEX apikeys_by_name ON apikeys (account, subaccount, name, created_at, id);
-- Without this the end of a sub-account would read every key of every account.
CREATE INDEX apikeys_of_subaccount ON apikeys (subaccount) WHERE subaccount IS NOT NULL;
CREATE UNIQUE INDEX apikeys_by_username ON apikeys (username) WHERE username IS NOT NULL;

ALTER TABLE audit_events ADD COLUMN subaccount TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_events_by_subaccount ON audit_events (account, subaccount, seq) WHERE subaccount <> '';
