package sqlite

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (r *reader) UsageOf(ctx context.Context, account, apikey string, since time.Time) ([]keyring.UsageCount, error) {
	counts := []keyring.UsageCount{}
	const query = `SELECT u.apikey, u.day, u.scope, u.uses, u.last_used_at FROM apikeys k JOIN usage u ON u.apikey = k.id
		WHERE k.id = ? AND k.account = ? AND u.day >= ? ORDER BY u.day, u.scope`
	err := r.each(ctx, query, []any{apikey, account, micros(since)}, func(scan func(...any) error) error {
		var u keyring.UsageCount
		var day, last int64
		err := scan(&u.APIKey, &day, &u.Scope, &u.Uses, &last)
		u.Day, u.LastUsedAt = utc(day), utc(last)
		counts = append(counts, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// addUsage takes the key from its table: one that has gone, or is another account's,
// is not there and nothing is counted for it.
const addUsage = `INSERT INTO usage (apikey, day, scope, uses, last_used_at)
	SELECT id, ?, ?, ?, ? FROM apikeys WHERE id = ? AND account = ?
	ON CONFLICT (apikey, day, scope) DO UPDATE SET uses = uses + excluded.uses, last_used_at = max(last_used_at, excluded.last_used_at)`

func (w *writer) AddUsage(ctx context.Context, account string, counts []keyring.UsageCount) error {
	for _, u := range counts {
		if _, err := w.change(ctx, addUsage, micros(u.Day), u.Scope, u.Uses, micros(u.LastUsedAt), u.APIKey, account); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) Requests(ctx context.Context, account string, since time.Time) (int64, error) {
	var n int64
	err := r.one(ctx, `SELECT coalesce(sum(n), 0) FROM requests WHERE account = ? AND hour >= ?`, account, micros(since))(&n)
	return n, err
}

func (w *writer) AddRequests(ctx context.Context, account string, hour time.Time, n int64) error {
	return w.must(ctx, `INSERT INTO requests (account, hour, n) VALUES (?, ?, ?) ON CONFLICT (account, hour) DO UPDATE SET n = n + excluded.n`,
		account, micros(hour), n)
}

const (
	// usageBefore goes through the account's keys, as a count has no account of its own.
	usageBefore    = `DELETE FROM usage WHERE apikey IN (SELECT id FROM apikeys WHERE account = ?) AND day < ?`
	requestsBefore = `DELETE FROM requests WHERE account = ? AND hour < ?`
)

func (w *writer) DeleteUsageBefore(ctx context.Context, account string, day time.Time) error {
	if _, err := w.change(ctx, usageBefore, account, micros(day)); err != nil {
		return err
	}
	_, err := w.change(ctx, requestsBefore, account, micros(day))
	return err
}
