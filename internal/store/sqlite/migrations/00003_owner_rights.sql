-- What people call a credential of the account, and the rights that a limited
-- one has. NULL means all rights; an empty list can never be read as that.

-- +goose Up

ALTER TABLE owners ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE owners ADD COLUMN rights TEXT CHECK (rights IS NULL OR json_type(rights) = 'array' AND json_array_length(rights) > 0);

CREATE INDEX owners_in_order ON owners (account, created_at, id);
