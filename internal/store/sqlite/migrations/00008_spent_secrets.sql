-- Secrets that a key has had and that were removed: who chooses a secret must not be
-- able to bring a revoked one back to life. A fingerprint needs no pepper, so it
-- is found however often the pepper changes.

-- +goose Up

CREATE TABLE spent_secrets (
	fingerprint BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER secrets_spent AFTER DELETE ON secrets WHEN old.apikey IS NOT NULL BEGIN
	INSERT OR IGNORE INTO spent_secrets (fingerprint) VALUES (old.fingerprint);
END;
-- +goose StatementEnd
