-- +goose Up

-- What a reviewer asks of a long trail: what did this credential do, what
-- happened to this key, what happened since.
CREATE INDEX audit_events_by_actor ON audit_events (account, actor, seq);
CREATE INDEX audit_events_by_target ON audit_events (account, target, seq);
CREATE INDEX audit_events_by_time ON audit_events (account, at);

-- Where an account's trail begins after its oldest records were removed: the
-- place of the last of them in the chain, and which record says so.
CREATE TABLE audit_anchors (
	account    TEXT    NOT NULL PRIMARY KEY REFERENCES accounts (id),
	seq        INTEGER NOT NULL,
	hash       BLOB    NOT NULL,
	removed    INTEGER NOT NULL,
	older_than INTEGER NOT NULL,
	record     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
