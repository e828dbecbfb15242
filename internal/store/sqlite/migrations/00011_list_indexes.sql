-- What lists filter by, so that a page costs what it returns, and what is counted, so
-- that a count costs nothing. Triggers keep both in step with the keys: nothing that
-- writes a key can forget it.

-- +goose Up

-- Which keys were given a scope by name, in the order of making; subaccount is empty for
-- a key of the account itself. apikeys.scopes stays what a verification reads.
CREATE TABLE apikey_scopes (
	account    TEXT    NOT NULL,
	scope      TEXT    NOT NULL,
	subaccount TEXT    NOT NULL,
	seq        INTEGER NOT NULL,
	apikey     TEXT    NOT NULL,
	PRIMARY KEY (account, scope, subaccount, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO apikey_scopes SELECT DISTINCT k.account, s.value, coalesce(k.subaccount, ''), k.seq, k.id
	FROM apikeys k, json_each(k.scopes) s ORDER BY 1, 2, 3, 4;

-- The columns behind seq are those of the filters, so that no key is read which does not
-- fit. The three partial indexes are of the keys of a rare status.
DROP INDEX apikeys_in_order;
DROP INDEX apikeys_by_name;
CREATE INDEX apikeys_in_order ON apikeys (account, subaccount, seq, enabled, locked_at, expires_at, name);
CREATE INDEX apikeys_by_name ON apikeys (account, subaccount, name, seq, enabled, locked_at, expires_at);
CREATE INDEX apikeys_inactive ON apikeys (account, subaccount, seq, locked_at, expires_at, name) WHERE enabled = 0;
CREATE INDEX apikeys_locked ON apikeys (account, subaccount, seq, enabled, locked_at, expires_at, name) WHERE locked_at IS NOT NULL;
CREATE INDEX apikeys_expiring ON apikeys (account, subaccount, seq, enabled, locked_at, expires_at, name) WHERE expires_at IS NOT NULL;

DROP INDEX subaccounts_in_order;
CREATE INDEX subaccounts_in_order ON subaccounts (account, seq, status, handle);
CREATE INDEX subaccounts_by_status ON subaccounts (account, status, seq, handle);
CREATE INDEX subaccounts_by_handle_any_case ON subaccounts (account, handle COLLATE NOCASE, seq, status);

-- How many keys an account has in no sub-account, how many sub-accounts it has, and how
-- many keys each of these has.
ALTER TABLE accounts ADD COLUMN apikey_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN subaccount_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subaccounts ADD COLUMN apikey_count INTEGER NOT NULL DEFAULT 0;

UPDATE accounts SET
	apikey_count = (SELECT count(*) FROM apikeys WHERE account = accounts.id AND subaccount IS NULL),
	subaccount_count = (SELECT count(*) FROM subaccounts WHERE account = accounts.id);
UPDATE subaccounts SET apikey_count = (SELECT count(*) FROM apikeys WHERE account = subaccounts.account AND subaccount = subaccounts.id);

-- +goose StatementBegin
CREATE TRIGGER apikeys_inserted AFTER INSERT ON apikeys BEGIN
	UPDATE accounts SET apikey_count = apikey_count + 1 WHERE new.subaccount IS NULL AND id = new.account;
	UPDATE subaccounts SET apikey_count = apikey_count + 1 WHERE id = new.subaccount;
	INSERT INTO apikey_scopes SELECT DISTINCT new.account, value, coalesce(new.subaccount, ''), new.seq, new.id FROM json_each(new.scopes);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER apikeys_rescoped AFTER UPDATE OF scopes ON apikeys WHEN old.scopes <> new.scopes BEGIN
	DELETE FROM apikey_scopes WHERE account = old.account AND subaccount = coalesce(old.subaccount, '') AND seq = old.seq
		AND scope IN (SELECT value FROM json_each(old.scopes));
	INSERT INTO apikey_scopes SELECT DISTINCT new.account, value, coalesce(new.subaccount, ''), new.seq, new.id FROM json_each(new.scopes);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER apikeys_deleted AFTER DELETE ON apikeys BEGIN
	UPDATE accounts SET apikey_count = apikey_count - 1 WHERE old.subaccount IS NULL AND id = old.account;
	UPDATE subaccounts SET apikey_count = apikey_count - 1 WHERE id = old.subaccount;
	DELETE FROM apikey_scopes WHERE account = old.account AND subaccount = coalesce(old.subaccount, '') AND seq = old.seq
		AND scope IN (SELECT value FROM json_each(old.scopes));
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER subaccounts_inserted AFTER INSERT ON subaccounts BEGIN
	UPDATE accounts SET subaccount_count = subaccount_count + 1 WHERE id = new.account;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER subaccounts_deleted AFTER DELETE ON subaccounts BEGIN
	UPDATE accounts SET subaccount_count = subaccount_count - 1 WHERE id = old.account;
END;
-- +goose StatementEnd
