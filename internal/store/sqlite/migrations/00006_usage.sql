-- How often each key was let in, by day and scope, and how many requests each
-- account made, by hour. A key's counts go with it, its account's stay.

-- +goose Up

CREATE TABLE usage (
	apikey       TEXT    NOT NULL REFERENCES apikeys (id) ON DELETE CASCADE,
	day          INTEGER NOT NULL,
	scope        TEXT    NOT NULL,
	uses         INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	PRIMARY KEY (apikey, day, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
	account TEXT    NOT NULL REFERENCES accounts (id),
	hour    INTEGER NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (account, hour)
) STRICT, WITHOUT ROWID;
