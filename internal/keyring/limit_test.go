package keyring_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestRule4_ThePlanLimitsHowManyKeysThereAre(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for plan, limit := range map[string]int{"free": 2, "pro": 10, "": 10} {
		a, other := w.tenant("benchmark", plan), w.tenant("benchmark", plan)
		other.key(newKey("other", "reports:read")) // counts for its own account
		var ids []string
		for i := range limit {
			ids = append(ids, a.key(newKey(fmt.Sprint("key ", i), "reports:read")).ID)
		}
		for range 2 {
			_, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("one more", "reports:read"), "")
			refusedAs(t, plan, err, api.CodeLimitReached)
			contains(t, err, fmt.Sprintf("has %d API keys", limit), fmt.Sprintf("is %d", limit), a.Plan)
		}
		v, err := w.Account(ctx, a.asOwner())
		if err != nil || v.APIKeys != limit || v.Limit == nil || *v.Limit != limit {
			t.Errorf("%s: the account shows %d keys of %v, %v", plan, v.APIKeys, v.Limit, err)
		}
		a.rotate(ids[0], keyring.Rotation{}) // takes no place
		a.change(ids[0], keyring.APIKeyChange{Name: ptr("renamed")})
		a.delete(ids[1])
		a.key(newKey("in the freed place", "reports:read"))
		_, err = w.CreateAPIKey(ctx, a.asOwner(), newKey("one more", "reports:read"), "")
		refusedAs(t, plan, err, api.CodeLimitReached)
	}
}

func TestRule4_AKeyThatDoesNotWorkTakesItsPlaceAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("benchmark", "free")
	off, late := newKey("off", "reports:read"), newKey("late", "reports:read")
	off.Enabled, late.ExpiresAt = false, in(time.Hour)
	a.key(off)
	a.key(late)
	w.clock.advance(2 * time.Hour)
	_, err := w.CreateAPIKey(t.Context(), a.asOwner(), newKey("one more", "reports:read"), "")
	refusedAs(t, "create", err, api.CodeLimitReached)
}

func TestRule4_APlanWithoutLimitHasNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("benchmark", "enterprise")
	for i := range 15 {
		a.key(newKey(fmt.Sprint("key ", i), "reports:read"))
	}
	if v, err := w.Account(t.Context(), a.asOwner()); err != nil || v.Limit != nil || v.APIKeys != 15 {
		t.Errorf("the account shows %d keys of %v, %v", v.APIKeys, v.Limit, err)
	}
}

func TestRule4_ManyAtOnceGetNoFurther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("benchmark", "pro")
	who := a.asOwner()
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if _, err := w.CreateAPIKey(t.Context(), who, newKey(fmt.Sprint("key ", i), "reports:read"), ""); err == nil {
				made.Add(1)
			} else {
				refusedAs(t, "create", err, api.CodeLimitReached)
			}
		})
	}
	wg.Wait()
	if made.Load() != 10 || len(a.keys()) != 10 {
		t.Errorf("%d were acknowledged and %d are there, want 10", made.Load(), len(a.keys()))
	}
}
