package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (r *reader) APIKeys(ctx context.Context, q keyring.APIKeyQuery) ([]keyring.APIKey, int64, error) {
	ways, err := apikeyWays(q)
	if err != nil {
		return nil, 0, err
	}
	s, err := r.choose(ctx, ways...)
	if err != nil {
		return nil, 0, err
	}
	id, c := "id", s.conditions()
	if s.from == scopeEntries {
		id = "apikey"
	}
	// The inner SELECT runs on the index alone, and the outer one reads the keys that fit.
	query := `SELECT ` + apikeyColumns + ` FROM (SELECT ` + id + ` AS found, seq AS place FROM ` + s.from + c.where() + ` ORDER BY seq LIMIT ?)
		CROSS JOIN apikeys ON id = found ORDER BY place`
	var all []apikeyRow
	err = r.each(ctx, query, append(c.args, q.Limit+1), func(scan func(...any) error) error {
		var row apikeyRow
		err := scan(row.into(nil)...)
		all = append(all, row)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	all, next := cut(all, q.Limit, s, func(row apikeyRow) int64 { return row.seq })
	page := make([]keyring.APIKey, len(all))
	for i := range all {
		if page[i], err = all[i].apikey(); err != nil {
			return nil, 0, err
		}
	}
	return page, next, nil
}

// scopeEntries is the table of the scopes that keys were given.
const scopeEntries = "apikey_scopes"

// apikeyWays are the ways to the keys of a query, the narrower ones first.
func apikeyWays(q keyring.APIKeyQuery) ([]way, error) {
	var place, inScope, key clause // all of one place, of a scope in it, and what is asked of the key itself
	place.add("account = ?", q.Account)
	place.add("subaccount IS ?", textOrNull(q.Subaccount))
	place.add("seq > ?", q.After)
	inScope.add("account = ? AND scope = ? AND subaccount = ? AND seq > ?", q.Account, q.Scope, q.Subaccount, q.After)
	if err := key.status(q); err != nil {
		return nil, err
	}
	if q.Name != "" {
		key.add("name = ?", q.Name)
	}
	if q.NamePrefix != "" {
		key.addPrefix("name", q.NamePrefix)
	}
	rest := key
	if q.Scope != "" {
		var given clause
		given.add("EXISTS (SELECT 1 FROM apikey_scopes s WHERE s.account = ? AND s.scope = ? AND s.subaccount = ? AND s.seq = apikeys.seq)", q.Account, q.Scope, q.Subaccount)
		rest = key.with(given)
	}
	if len(q.IDs) > 0 {
		w, err := byIDs(q, rest)
		return []way{w}, err
	}
	along := func(index string, unsorted bool, own ...clause) way {
		w := way{from: "apikeys INDEXED BY " + index, on: place, rest: rest, unsorted: unsorted}
		for _, c := range own {
			w.on = w.on.with(c)
		}
		return w
	}
	var ways []way
	var name, prefix clause
	if q.Name != "" {
		name.add("name = ?", q.Name)
		ways = append(ways, along("apikeys_by_name", false, name))
	}
	if q.Scope != "" {
		w := way{from: scopeEntries, on: inScope}
		if len(key.conditions) > 0 {
			w.rest.add("EXISTS (SELECT 1 FROM apikeys k WHERE k.id = apikey AND "+strings.Join(key.conditions, " AND ")+")", key.args...)
		}
		ways = append(ways, w)
	}
	if index, partial := statusIndex(q.Status); index != "" {
		ways = append(ways, along(index, false, partial))
	}
	if q.NamePrefix != "" {
		prefix.addPrefix("name", q.NamePrefix)
		ways = append(ways, along("apikeys_by_name", true, prefix))
	}
	if len(ways) == 0 || len(ways) == 1 && ways[0].unsorted {
		ways = append(ways, along("apikeys_in_order", false))
	}
	return ways, nil
}

// byIDs looks each of the ids up. The plus signs keep SQLite from going along an index of
// the whole account instead.
func byIDs(q keyring.APIKeyQuery, rest clause) (way, error) {
	ids, err := json.Marshal(q.IDs)
	if err != nil {
		return way{}, fmt.Errorf("encoding the ids of a query: %w", err)
	}
	w := way{from: "apikeys"}
	w.on.add("id IN (SELECT value FROM json_each(?))", string(ids))
	w.on.add("+account = ? AND +subaccount IS ? AND +seq > ?", q.Account, textOrNull(q.Subaccount), q.After)
	w.on = w.on.with(rest)
	return w, nil
}

// statusIndex is the index of the keys that may have a rare status.
func statusIndex(status string) (index string, partial clause) {
	switch status {
	case api.StatusLocked:
		index = "apikeys_locked"
		partial.add("locked_at IS NOT NULL")
	case api.StatusInactive:
		index = "apikeys_inactive"
		partial.add("enabled = 0")
	case api.StatusExpired:
		index = "apikeys_expiring"
		partial.add("expires_at IS NOT NULL")
	}
	return index, partial
}

// status is APIKey.Status in SQL.
func (c *clause) status(q keyring.APIKeyQuery) error {
	const inTime = "(expires_at IS NULL OR expires_at > ?)"
	now := micros(q.Now)
	switch q.Status {
	case "":
	case api.StatusActive:
		c.add("enabled = 1 AND locked_at IS NULL AND "+inTime, now)
	case api.StatusLocked:
		c.add("enabled = 1 AND locked_at IS NOT NULL AND "+inTime, now)
	case api.StatusInactive:
		c.add("enabled = 0 AND "+inTime, now)
	case api.StatusExpired:
		c.add("expires_at <= ?", now)
	default:
		return fmt.Errorf("status %q is not known", q.Status)
	}
	return nil
}
