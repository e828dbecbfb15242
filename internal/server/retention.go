package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// trimEvery is how often a server looks for records that are older than its
// retention.
const trimEvery = 24 * time.Hour

// minRetention keeps a slip of a unit, such as 365m for a year, from emptying the
// trail. As trims come once a day, a shorter one would mean nothing.
const minRetention = 24 * time.Hour

func (c Config) checkRetention() error {
	if c.AuditRetention != 0 && c.AuditRetention < minRetention {
		return fmt.Errorf("an audit retention of %s is too short; keep records for at least %s, such as 8760h for a year, or 0 to keep all", c.AuditRetention, minRetention)
	}
	return nil
}

// retention trims the audit trails of all accounts. What fails is logged, and
// tried again the next time.
type retention struct {
	keyring *keyring.Keyring
	keep    time.Duration // 0 to keep all
	every   time.Duration
	log     *slog.Logger
}

// run trims at once, and again each time that every has passed, until ctx ends.
func (r retention) run(ctx context.Context) {
	if r.keep == 0 {
		return
	}
	again := time.NewTicker(r.every)
	defer again.Stop()
	for {
		r.trim(ctx)
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (r retention) trim(ctx context.Context) {
	if r.keyring.ClockDoubted() {
		r.log.Warn("audit trails not trimmed, as this machine's clock is far ahead and not believed yet")
		return
	}
	accounts, err := r.keyring.Accounts(ctx)
	if err != nil {
		r.failed(ctx, "", err)
		return
	}
	olderThan := r.keyring.Now().Add(-r.keep)
	for _, a := range accounts {
		removed, err := r.trimAccount(ctx, a.ID, olderThan)
		if err != nil {
			r.failed(ctx, a.ID, err)
		}
		if removed > 0 {
			r.log.Info("audit trail trimmed", "account", a.ID, "removed", removed, "older_than", olderThan.Format(time.RFC3339))
		}
	}
}

// trimAccount removes all that is too old in steps, so that requests that write
// get their turn between them.
func (r retention) trimAccount(ctx context.Context, account string, olderThan time.Time) (removed int64, err error) {
	for more := true; more && err == nil; {
		var n int64
		n, more, err = r.keyring.TrimAudit(ctx, account, olderThan)
		removed += n
	}
	return removed, err
}

func (r retention) failed(ctx context.Context, account string, err error) {
	if ctx.Err() != nil {
		return // the server stops; the next start goes on
	}
	r.log.Error("audit trail not trimmed", "account", account, "cause", err.Error())
}
