package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// clause collects the conditions of a list. Each filter is a fixed text with its
// values apart, so there are few different statements, and no value is ever
// part of one.
type clause struct {
	conditions []string
	args       []any
}

func (c *clause) add(condition string, args ...any) {
	c.conditions = append(c.conditions, condition)
	c.args = append(c.args, args...)
}

func (r *reader) APIKeys(ctx context.Context, q keyring.APIKeyQuery) ([]keyring.APIKey, int64, error) {
	var c clause
	c.add("account = ?", q.Account)
	c.add("subaccount IS ?", textOrNull(q.Subaccount))
	if len(q.IDs) > 0 {
		ids, err := json.Marshal(q.IDs)
		if err != nil {
			return nil, 0, fmt.Errorf("encoding the ids of a query: %w", err)
		}
		c.add("id IN (SELECT value FROM json_each(?))", string(ids))
	}
	if q.Name != "" {
		c.add("name = ?", q.Name)
	}
	if q.NamePrefix != "" {
		// Not LIKE: it has special characters and takes "A" for "a".
		c.add("substr(name, 1, length(?)) = ?", q.NamePrefix, q.NamePrefix)
	}
	if err := c.status(q); err != nil {
		return nil, 0, err
	}
	if q.Scope != "" {
		c.add("EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = ?)", q.Scope)
	}
	c.add("seq > ?", q.After)
	query := `SELECT ` + apikeyColumns + ` FROM apikeys WHERE ` + strings.Join(c.conditions, " AND ") + ` ORDER BY seq LIMIT ?`
	var all []apikeyRow
	err := r.each(ctx, query, append(c.args, q.Limit+1), func(scan func(...any) error) error {
		var row apikeyRow
		err := scan(row.into(nil)...)
		all = append(all, row)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	all, next := cut(all, q.Limit, func(row apikeyRow) int64 { return row.seq })
	page := make([]keyring.APIKey, len(all))
	for i := range all {
		if page[i], err = all[i].apikey(); err != nil {
			return nil, 0, err
		}
	}
	return page, next, nil
}

// cut cuts what was found to the limit. One more than that shows that there is a next
// page, which begins after the last of this one.
func cut[T any](found []T, limit int, seq func(T) int64) ([]T, int64) {
	if len(found) <= limit {
		return found, 0
	}
	return found[:limit], seq(found[limit-1])
}

func (r *reader) APIKeysGiven(ctx context.Context, account string, scopes []string, limit int) ([]keyring.APIKey, int, error) {
	const given = ` FROM apikeys WHERE account = ? AND EXISTS (
		SELECT 1 FROM json_each(scopes) WHERE value IN (SELECT value FROM json_each(?)))`
	names, err := encodeScopes(scopes)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	if err := r.one(ctx, `SELECT count(*)`+given, account, names)(&n); err != nil {
		return nil, 0, err
	}
	keys := []keyring.APIKey{}
	err = r.each(ctx, `SELECT `+apikeyColumns+given+` ORDER BY seq LIMIT ?`, []any{account, names, limit}, func(scan func(...any) error) error {
		k, err := scanAPIKey(scan)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return keys, n, nil
}

// status is APIKey.Status in SQL.
func (c *clause) status(q keyring.APIKeyQuery) error {
	const inTime = "(expires_at IS NULL OR expires_at > ?)"
	now := micros(q.Now)
	switch q.Status {
	case "":
	case api.StatusActive:
		c.add("enabled AND locked_at IS NULL AND "+inTime, now)
	case api.StatusLocked:
		c.add("enabled AND locked_at IS NOT NULL AND "+inTime, now)
	case api.StatusInactive:
		c.add("NOT enabled AND "+inTime, now)
	case api.StatusExpired:
		c.add("expires_at <= ?", now)
	default:
		return fmt.Errorf("status %q is not known", q.Status)
	}
	return nil
}
