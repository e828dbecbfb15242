package sqlite_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

const (
	starveKeys   = 100_000
	starveLists  = 16 // callers that list without a pause
	starveRounds = 5
	starveRound  = 300 * time.Millisecond
)

// BenchmarkLookupBesideLists measures the look-up of a verification alone and beside
// callers that list 100,000 keys with one filter, in turns in one run: of-alone is the
// ratio of the medians. The filters are those that find few keys, or none, in the most
// of them. page-ms is what one such page takes by itself.
//
//	go test -run '^$' -bench BesideLists -benchtime 1x ./internal/store/sqlite
func BenchmarkLookupBesideLists(b *testing.B) {
	s, _ := filled(b, starveKeys)
	for _, tc := range []struct {
		name string
		q    keyring.APIKeyQuery
	}{
		{"none", keyring.APIKeyQuery{}},
		{"active", keyring.APIKeyQuery{Status: api.StatusActive}},
		{"inactive", keyring.APIKeyQuery{Status: api.StatusInactive}},
		{"expired", keyring.APIKeyQuery{Status: api.StatusExpired}},
		{"locked", keyring.APIKeyQuery{Status: api.StatusLocked}},
		{"scope of all", keyring.APIKeyQuery{Scope: "write"}},
		{"scope of none", keyring.APIKeyQuery{Scope: "none"}},
		{"prefix of all", keyring.APIKeyQuery{NamePrefix: "ci-"}},
		{"prefix of few", keyring.APIKeyQuery{NamePrefix: "ci-key_0000000000000009999"}},
		{"prefix of none", keyring.APIKeyQuery{NamePrefix: "zz"}},
		{"prefix, scope, active of none", keyring.APIKeyQuery{NamePrefix: "ci-", Scope: "write", Status: api.StatusActive, Name: "none"}},
		{"prefix of all, scope of all, active", keyring.APIKeyQuery{NamePrefix: "ci-", Scope: "write", Status: api.StatusActive}},
	} {
		tc.q.Account, tc.q.Now, tc.q.Limit = "acct_1", time.Now(), 500
		b.Run(tc.name, func(b *testing.B) { besideLists(b, s, tc.q) })
	}
	// What a change of a custom scope counts, with all keys given these scopes.
	for name, scopes := range map[string][]string{"given one": {"write"}, "given two": {"write", "apikeys:read"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := s.View(b.Context(), func(r keyring.Reader) error {
					_, n, err := r.APIKeysGiven(b.Context(), "acct_1", scopes, 5)
					least := starveKeys
					if len(scopes) > 1 { // then no more entries than this are looked at
						least = 50_000
					}
					if n < least {
						b.Errorf("%d keys were given %v", n, scopes)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func besideLists(b *testing.B, s *sqlite.Store, q keyring.APIKeyQuery) {
	b.Helper()
	var alone, beside []float64
	slowest, pages, took := time.Duration(0), 0, time.Duration(0)
	for b.Loop() {
		for range starveRounds {
			rate, _ := lookups(b, s)
			alone = append(alone, rate)
			began := time.Now()
			list(b.Context(), b, s, q)
			pages, took = pages+1, took+time.Since(began)
			stop := listWithoutPause(b, s, q)
			rate, slow := lookups(b, s)
			stop()
			beside, slowest = append(beside, rate), max(slowest, slow)
		}
	}
	slices.Sort(alone)
	slices.Sort(beside)
	a, l := alone[len(alone)/2], beside[len(beside)/2]
	b.ReportMetric(a, "alone/s")
	b.ReportMetric(l, "beside/s")
	b.ReportMetric(l/a, "of-alone")
	b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
	b.ReportMetric(float64(took.Microseconds())/1000/float64(pages), "page-ms")
	b.ReportMetric(0, "ns/op")
}

// lookups runs look-ups one after another, and returns how many a second there were and
// how long the slowest took.
func lookups(b *testing.B, s *sqlite.Store) (perSecond float64, slowest time.Duration) {
	b.Helper()
	n, began := 0, time.Now()
	for at := began; at.Sub(began) < starveRound; n++ {
		err := s.Lookup(b.Context(), func(r keyring.Reader) error {
			_, err := r.Subject(b.Context(), [][]byte{benchDigest(n * 7919 % starveKeys)})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		now := time.Now()
		slowest, at = max(slowest, now.Sub(at)), now
	}
	return float64(n) / time.Since(began).Seconds(), slowest
}

func list(ctx context.Context, b *testing.B, s *sqlite.Store, q keyring.APIKeyQuery) {
	b.Helper()
	err := s.View(ctx, func(r keyring.Reader) error {
		_, _, err := r.APIKeys(ctx, q)
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.Error(err)
	}
}

func listWithoutPause(b *testing.B, s *sqlite.Store, q keyring.APIKeyQuery) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var lists sync.WaitGroup
	var begun atomic.Int32
	for range starveLists {
		lists.Go(func() {
			for ctx.Err() == nil {
				list(ctx, b, s, q)
				begun.Add(1)
			}
		})
	}
	for begun.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	return func() { cancel(); lists.Wait() }
}
