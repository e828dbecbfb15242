package keyring_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// timedStore measures how long the write lock is held, apart from the commit.
type timedStore struct {
	keyring.Store
	held atomic.Int64
}

func (s *timedStore) Update(ctx context.Context, account string, fn func(keyring.Writer) error) error {
	return s.Store.Update(ctx, account, func(w keyring.Writer) error {
		began := time.Now()
		defer func() { s.held.Add(int64(time.Since(began))) }()
		return fn(w)
	})
}

// BenchmarkWriteLock shows how much longer the largest requests hold the write lock than
// the smallest one does: see the metric x-small.
func BenchmarkWriteLock(b *testing.B) {
	ctx := b.Context()
	p, err := platform.Builtin("postern")
	if err != nil {
		b.Fatal(err)
	}
	db, err := sqlite.Open(ctx, b.TempDir()+"/postern.db")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	store := &timedStore{Store: db}
	k, err := keyring.New(ctx, keyring.Config{Store: store, Peppers: secret.Peppers{secret.NewPepper(1)}, Platforms: map[string]*platform.Platform{"postern": p}})
	if err != nil {
		b.Fatal(err)
	}
	account, owner, err := k.CreateAccount(ctx, keyring.NewAccount{Name: "Acme", Platform: "postern"})
	if err != nil {
		b.Fatal(err)
	}
	as := func() keyring.Caller {
		who, err := k.Authenticate(ctx, owner, origin)
		if err != nil {
			b.Fatal(account.ID, err)
		}
		return who
	}
	var names []string
	for i := range 400 {
		name := fmt.Sprintf("some.scope.of.a.long.name.that.somebody.has.defined:%03d", i)
		if _, err := k.CreateScope(ctx, as(), keyring.NewScope{Name: name, Implies: names[max(0, len(names)-20):]}); err != nil {
			b.Fatal(err)
		}
		names = append(names, name)
	}
	who, n, changes := as(), 0, 0
	small := func() error { n++; return second(k.CreateAPIKey(ctx, who, newKey(fmt.Sprint("k", n), "read"), "")) }
	for what, call := range map[string]func() error{
		"small": small,
		"large": func() error {
			n++
			return second(k.CreateAPIKey(ctx, who, newKey(fmt.Sprint("k", n), names...), fmt.Sprintf("an-idempotency-key-%020d", n)))
		},
		"refused": func() error { _ = second(k.CreateAPIKey(ctx, who, newKey("x", misspelt()...), "")); return nil },
		"scope": func() error {
			changes++
			implies := names[:100+changes%2]
			return second(k.UpdateScope(ctx, as(), names[399], keyring.CustomScopeChange{Implies: &implies}, nil))
		},
	} {
		b.Run(what, func(b *testing.B) {
			held := func(call func() error) int64 {
				before := store.held.Load()
				if err := call(); err != nil {
					b.Fatal(err)
				}
				return store.held.Load() - before
			}
			var these, smallest int64
			for range b.N {
				smallest += held(small)
				these += held(call)
			}
			b.ReportMetric(float64(these)/float64(smallest), "x-small")
		})
	}
}
