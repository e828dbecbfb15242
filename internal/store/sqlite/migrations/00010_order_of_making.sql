-- The order in which the keys, the sub-accounts and the owners of an account were made:
-- a number that goes up, behind the second that is shown. accounts.made is the last
-- number that was given; none is given twice, also not after a removal, so that a list
-- which is being paged passes over nothing.

-- +goose Up

ALTER TABLE accounts ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE owners ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subaccounts ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apikeys ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

DROP INDEX owners_in_order;
DROP INDEX subaccounts_in_order;
DROP INDEX apikeys_in_order;
DROP INDEX apikeys_by_name;

-- What is there keeps the order that its lists had.
UPDATE owners SET seq = n.seq FROM
	(SELECT id, row_number() OVER (PARTITION BY account ORDER BY created_at, id) AS seq FROM owners) AS n WHERE n.id = owners.id;
UPDATE subaccounts SET seq = n.seq FROM
	(SELECT id, row_number() OVER (PARTITION BY account ORDER BY created_at, id) AS seq FROM subaccounts) AS n WHERE n.id = subaccounts.id;
UPDATE apikeys SET seq = n.seq FROM
	(SELECT id, row_number() OVER (PARTITION BY account ORDER BY created_at, id) AS seq FROM apikeys) AS n WHERE n.id = apikeys.id;

CREATE UNIQUE INDEX owners_in_order ON owners (account, seq);
CREATE UNIQUE INDEX subaccounts_in_order ON subaccounts (account, seq);
CREATE INDEX apikeys_in_order ON apikeys (account, subaccount, seq);
CREATE INDEX apikeys_by_name ON apikeys (account, subaccount, name, seq);

UPDATE accounts SET made = max(
	(SELECT coalesce(max(seq), 0) FROM owners WHERE account = accounts.id),
	(SELECT coalesce(max(seq), 0) FROM subaccounts WHERE account = accounts.id),
	(SELECT coalesce(max(seq), 0) FROM apikeys WHERE account = accounts.id));
