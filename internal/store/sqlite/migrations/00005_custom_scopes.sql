-- The scopes that an account has defined. Its scopes_revision says whether what was
-- read of them is still what holds: it comes with every lookup of a secret.

-- +goose Up

ALTER TABLE accounts ADD COLUMN scopes_revision INTEGER NOT NULL DEFAULT 0;

CREATE TABLE custom_scopes (
	account     TEXT    NOT NULL REFERENCES accounts (id),
	name        TEXT    NOT NULL,
	description TEXT    NOT NULL,
	scope_group TEXT    NOT NULL,
	class       TEXT    NOT NULL,
	implies     TEXT    NOT NULL CHECK (json_type(implies) = 'array'),
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL,
	revision    INTEGER NOT NULL,
	PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
