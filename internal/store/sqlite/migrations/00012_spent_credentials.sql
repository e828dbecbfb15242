-- A secret belongs to one holder, whichever pepper it is digested under, and one that
-- was removed never comes back. The fingerprint tells, as it needs no pepper; its index
-- is not unique, as databases from before this rule may hold a secret twice.

-- +goose Up

CREATE INDEX secrets_by_fingerprint ON secrets (fingerprint);

-- The secrets of owners are spent as well.
DROP TRIGGER secrets_spent;
-- +goose StatementBegin
CREATE TRIGGER secrets_spent AFTER DELETE ON secrets BEGIN
	INSERT OR IGNORE INTO spent_secrets (fingerprint) VALUES (old.fingerprint);
END;
-- +goose StatementEnd

-- A rotation without an overlap used to leave the old secret with its end beside it.
DELETE FROM secrets WHERE ends_at <= (SELECT k.secret_created_at FROM apikeys k WHERE k.id = secrets.apikey);

-- Passwords that a key has had. A password has no fingerprint, as people choose it and
-- its digest could be searched; what is kept is the argon2id hash that it had while it
-- worked.
CREATE TABLE spent_passwords (
	apikey         TEXT    NOT NULL REFERENCES apikeys (id) ON DELETE CASCADE,
	hash           TEXT    NOT NULL,
	pepper_version INTEGER NOT NULL,
	PRIMARY KEY (apikey, hash)
) STRICT, WITHOUT ROWID;
