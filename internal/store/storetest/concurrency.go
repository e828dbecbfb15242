package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	writers = 8
	rounds  = 20
)

// bump reads the key and the head of the trail and writes one more of each: an
// update that is lost, or overlaps another, leaves a gap or fails.
func (d *db) bump(s keyring.Store, account, key string, inside *atomic.Int32) error {
	ctx := d.t.Context()
	return s.Update(ctx, account, func(w keyring.Writer) error {
		if n := inside.Add(1); n != 1 {
			d.t.Errorf("%d updates of account %s at once", n, account)
		}
		defer inside.Add(-1)
		k, err := w.APIKey(ctx, account, key)
		if err != nil {
			return err
		}
		head, err := w.AuditHead(ctx, account)
		if err != nil {
			return err
		}
		k.Revision++
		k.Description = fmt.Sprint(k.Revision)
		return errors.Join(w.UpdateAPIKey(ctx, k), w.AppendAudit(ctx, event(account, head.Seq+1)))
	})
}

// bumped checks that every one of n bumps is there.
func (d *db) bumped(account, key string, n int64) {
	d.t.Helper()
	if k := d.apikey(account, key); k.Revision != n+1 || k.Description != fmt.Sprint(n+1) {
		d.t.Errorf("account %s: revision %d, description %s after %d updates", account, k.Revision, k.Description, n)
	}
	if head := d.head(account); head.Seq != n {
		d.t.Errorf("account %s: the trail has %d events after %d updates", account, head.Seq, n)
	}
}

// stores are two of one database, as two processes have them.
func (d *db) stores() []keyring.Store { return []keyring.Store{d.Store, d.open(d.t)} }

func testWritersOfOneAccount(t *testing.T, d *db) {
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1))
	var inside atomic.Int32
	var wg sync.WaitGroup
	stores := d.stores()
	for i := range writers {
		wg.Go(func() {
			for range rounds {
				if err := d.bump(stores[i%len(stores)], "acct_1", "key_1", &inside); err != nil {
					t.Errorf("updating: %v", err)
				}
			}
		})
	}
	wg.Wait()
	d.bumped("acct_1", "key_1", writers*rounds)
}

func testWritersOfTwoAccounts(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_2", "key_2", 1))
	var inside [2]atomic.Int32
	var wg sync.WaitGroup
	stores := d.stores()
	for i := range writers {
		n := i % 2
		account, key := fmt.Sprintf("acct_%d", n+1), fmt.Sprintf("key_%d", n+1)
		wg.Go(func() {
			for range rounds {
				if err := d.bump(stores[i/2%len(stores)], account, key, &inside[n]); err != nil {
					t.Errorf("updating: %v", err)
				}
			}
		})
	}
	wg.Wait()
	d.bumped("acct_1", "key_1", writers/2*rounds)
	d.bumped("acct_2", "key_2", writers/2*rounds)
}

// testFirstWriters makes the first account from many sides, under the empty name
// that they agree on: there is no record yet that could be locked.
func testFirstWriters(t *testing.T, d *db) {
	ctx := t.Context()
	var made atomic.Int32
	var wg sync.WaitGroup
	stores := d.stores()
	late := errors.New("there is an account already")
	for i := range writers {
		wg.Go(func() {
			err := stores[i%len(stores)].Update(ctx, "", func(w keyring.Writer) error {
				all, err := w.Accounts(ctx)
				if err != nil {
					return err
				}
				if len(all) > 0 {
					return late
				}
				return w.InsertAccount(ctx, account(fmt.Sprintf("acct_%d", i)))
			})
			switch {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, late):
				t.Errorf("making the account: %v", err)
			}
		})
	}
	wg.Wait()
	if n := len(read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) })); n != 1 || made.Load() != 1 {
		t.Errorf("%d accounts are there and %d were acknowledged, want one", n, made.Load())
	}
}

// testReadersAndWriters keeps two keys equal in every transaction. A reader that
// ever sees them differ has seen half of one.
func testReadersAndWriters(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	stores := d.stores()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := stores[i%len(stores)].View(ctx, func(r keyring.Reader) error {
					one, err := r.APIKey(ctx, "acct_1", "key_1")
					if err != nil {
						return err
					}
					two, err := r.APIKey(ctx, "acct_1", "key_2")
					if err == nil && one.Revision != two.Revision {
						t.Errorf("read the revisions %d and %d in one snapshot", one.Revision, two.Revision)
					}
					return err
				})
				if err != nil {
					t.Errorf("reading: %v", err)
				}
			}
		})
	}
	for revision := int64(2); revision < 2+rounds; revision++ {
		d.update("acct_1", func(w keyring.Writer) error {
			for _, id := range []string{"key_1", "key_2"} {
				k := apikey("acct_1", id, 1)
				k.Revision = revision
				if err := w.UpdateAPIKey(ctx, k); err != nil {
					return err
				}
			}
			return nil
		})
	}
	close(stop)
	readers.Wait()
}
