-- How many messages a sub-account may send a period, where its platform has such a
-- limit. Nothing here sends: it is kept for whoever asks.

-- +goose Up

ALTER TABLE subaccounts ADD COLUMN send_limit INTEGER;
