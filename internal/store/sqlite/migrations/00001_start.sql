-- Times are microseconds since 1970 in UTC: whole numbers compare and index
-- exactly, and no text format of a time can drift. Everything compares byte by
-- byte (BINARY), so ids and names that differ in case alone are different.

-- +goose Up

-- "Pstn": marks the file as ours, so that no other program's database is taken
-- for a new one.
PRAGMA application_id = 0x5073746e;

CREATE TABLE accounts (
	id         TEXT    NOT NULL PRIMARY KEY,
	name       TEXT    NOT NULL,
	platform   TEXT    NOT NULL,
	plan       TEXT    NOT NULL,
	standing   TEXT    NOT NULL,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
	id          TEXT    NOT NULL PRIMARY KEY,
	account     TEXT    NOT NULL REFERENCES accounts (id),
	secret_hint TEXT    NOT NULL,
	created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The scopes of a key are one JSON array: they are written and read as a whole,
-- with their key, on the path of every verification, where a child table would
-- cost a second lookup. The one question asked of a single scope, which keys
-- were given it, is a rare list that json_each answers.
CREATE TABLE apikeys (
	id                      TEXT    NOT NULL PRIMARY KEY,
	account                 TEXT    NOT NULL REFERENCES accounts (id),
	name                    TEXT    NOT NULL,
	description             TEXT    NOT NULL,
	scopes                  TEXT    NOT NULL CHECK (json_type(scopes) = 'array'),
	enabled                 INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	expires_at              INTEGER,
	secret_hint             TEXT    NOT NULL,
	secret_version          INTEGER NOT NULL,
	secret_created_at       INTEGER NOT NULL,
	previous_secret_ends_at INTEGER,
	created_at              INTEGER NOT NULL,
	updated_at              INTEGER NOT NULL,
	revision                INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX apikeys_in_order ON apikeys (account, created_at, id);
CREATE INDEX apikeys_by_name ON apikeys (account, name, created_at, id);

-- A secret belongs to one API key or to one owner, and goes with it. Its account
-- is its holder's: a second copy of that could only ever be wrong.
CREATE TABLE secrets (
	digest         BLOB    NOT NULL PRIMARY KEY,
	pepper_version INTEGER NOT NULL,
	fingerprint    BLOB    NOT NULL,
	apikey         TEXT    REFERENCES apikeys (id) ON DELETE CASCADE,
	owner          TEXT    REFERENCES owners (id) ON DELETE CASCADE,
	version        INTEGER NOT NULL,
	created_at     INTEGER NOT NULL,
	ends_at        INTEGER,
	CHECK ((apikey IS NULL) <> (owner IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX secrets_of_apikey ON secrets (apikey, version) WHERE apikey IS NOT NULL;
CREATE UNIQUE INDEX secrets_of_owner ON secrets (owner, version) WHERE owner IS NOT NULL;
-- A start asks which peppers are in use; without this it would read every secret.
CREATE INDEX secrets_by_pepper ON secrets (pepper_version);

CREATE TABLE idempotency_records (
	account    TEXT    NOT NULL REFERENCES accounts (id),
	id         BLOB    NOT NULL,
	request    BLOB    NOT NULL,
	answer     BLOB    NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_records_by_age ON idempotency_records (account, created_at);

-- detail is a BLOB because the chain's hash covers every byte of it; prev_hash is
-- NULL in the first record, which has none before it.
CREATE TABLE audit_events (
	account    TEXT    NOT NULL REFERENCES accounts (id),
	seq        INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	actor_kind TEXT    NOT NULL,
	actor      TEXT    NOT NULL,
	request_id TEXT    NOT NULL,
	address    TEXT    NOT NULL,
	action     TEXT    NOT NULL,
	target     TEXT    NOT NULL,
	outcome    TEXT    NOT NULL,
	code       TEXT    NOT NULL,
	detail     BLOB    NOT NULL,
	prev_hash  BLOB,
	hash       BLOB    NOT NULL,
	PRIMARY KEY (account, seq)
) STRICT, WITHOUT ROWID;
