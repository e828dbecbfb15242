package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// testListsAndLookups holds every list that the store runs at once, and more of them
// wait: a look-up and a write still answer. The time limit is no measure of speed: what
// waits for the lists never answers.
func testListsAndLookups(t *testing.T, d *db) {
	const lists = 200
	d.background()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	waiting, giveUp := context.WithCancel(ctx)
	release := make(chan struct{})
	var inside atomic.Int32
	var held sync.WaitGroup
	for range lists {
		held.Go(func() {
			err := d.View(waiting, func(keyring.Reader) error {
				inside.Add(1)
				<-release
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("listing: %v", err)
			}
		})
	}
	for before := int32(0); ; { // until no more of them get in
		time.Sleep(100 * time.Millisecond)
		now := inside.Load()
		if now > 0 && now == before {
			break
		}
		before = now
	}
	if n := inside.Load(); n >= lists {
		t.Errorf("the store runs %d lists at once, so nothing bounds them", n)
	}
	err := d.Lookup(ctx, func(r keyring.Reader) error {
		_, err := r.Subject(ctx, [][]byte{stored("acct_1", "key_1", 1).Digest})
		return err
	})
	if err != nil {
		t.Errorf("looking up: %v", err)
	}
	if err := d.Ping(ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
	if err := d.Update(ctx, "acct_1", func(w keyring.Writer) error { return everything(ctx, w) }); err != nil {
		t.Errorf("updating: %v", err)
	}
	giveUp()
	close(release)
	held.Wait()
}
