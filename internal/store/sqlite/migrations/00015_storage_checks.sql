-- +goose Up

-- One row that readiness writes, so that a disk which takes no writes is noticed
-- before a caller meets it.
CREATE TABLE write_probe (
	id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	at INTEGER NOT NULL
) STRICT;

-- A digest of a known text under each pepper that this database was used with. It
-- tells a pepper of another folder from the right one, and tells nothing about the
-- pepper itself.
CREATE TABLE pepper_checks (
	version INTEGER NOT NULL PRIMARY KEY,
	digest  BLOB    NOT NULL
) STRICT;
