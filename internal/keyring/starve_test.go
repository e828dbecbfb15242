package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// patience is how long a call may wait before it counts as starved. It is no measure
// of speed: a call that starves never answers.
const patience = 20 * time.Second

// holdLists starts lists that do not end, until no other list gets in. The returned
// function ends them.
func (w *world) holdLists(ctx context.Context) func() {
	w.t.Helper()
	release := make(chan struct{})
	var lists sync.WaitGroup
	for held := 0; ; held++ {
		if held > 1000 {
			w.t.Fatal("the store runs any number of lists at once")
		}
		entered, full := make(chan struct{}), time.After(200*time.Millisecond)
		waiting, giveUp := context.WithCancel(ctx)
		lists.Go(func() {
			defer giveUp()
			err := w.store.View(waiting, func(keyring.Reader) error {
				close(entered)
				<-release
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				w.t.Errorf("holding a list: %v", err)
			}
		})
		select {
		case <-entered:
		case <-full:
			giveUp()
			return func() { close(release); lists.Wait() }
		}
	}
}

func TestFaults_VerificationAnswersWhileListsTakeEveryReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "postern", "dotdigital")...)
	a, people := w.tenant("postern", ""), w.tenant("dotdigital", "")
	k := a.key(newKey("ci", "read"))
	one := a.sub("one")
	for round := range faults.Rounds(t, 1) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		spare := a.key(newKey(fmt.Sprintf("spare %d", round), "read"))
		user, peopleOwner := people.key(apiUser(fmt.Sprintf("person %d", round))), people.asOwner()
		var who keyring.Caller
		release := w.holdLists(ctx)
		for _, call := range []struct {
			what string
			do   func() error
		}{
			{"authenticate", func() (err error) {
				who, err = w.Authenticate(ctx, a.owner, keyring.Origin{})
				return err
			}},
			{"verify", func() error { return valid(w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, []string{"read"})) }},
			{"authenticate and verify", func() error {
				_, v, err := w.VerifyFor(ctx, a.owner, keyring.Origin{}, keyring.Presented{Secret: k.Secret}, []string{"read"})
				return valid(v, err)
			}},
			{"sign in", func() error {
				_, v, err := w.VerifyFor(ctx, people.owner, keyring.Origin{}, keyring.Presented{Username: user.Username, Secret: secret.From(chosen)}, nil)
				return valid(v, err)
			}},
			{"readiness", func() error { return w.Ping(ctx) }},
			{"one key", func() error { return second(w.APIKey(ctx, who, k.ID)) }},
			{"who am I", func() error { return second(w.Account(ctx, who)) }},
			{"one sub-account", func() error { return second(w.Subaccount(ctx, who, one.Handle)) }},
			{"suspend a sub-account", func() error {
				return second(w.UpdateSubaccount(ctx, who, one.Handle, keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)}, nil))
			}},
			{"change a password", func() error {
				changed := keyring.Rotation{Secret: secret.From(fmt.Sprintf("%s-%d", chosen, round))}
				return second(w.RotateAPIKey(ctx, peopleOwner, user.ID, changed, nil, ""))
			}},
			{"rotate", func() error { return second(w.RotateAPIKey(ctx, who, spare.ID, keyring.Rotation{}, nil, "")) }},
			{"disable", func() error {
				return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Enabled: ptr(false)}, nil))
			}},
			{"enable", func() error {
				return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Enabled: ptr(true)}, nil))
			}},
		} {
			if err := call.do(); err != nil {
				t.Errorf("%s while lists take every reader: %v", call.what, err)
			}
		}
		release()
		cancel()
	}
}

func valid(v keyring.Verification, err error) error {
	if err == nil && v.Code != api.VerifyValid {
		err = errors.New("the verdict is " + v.Code)
	}
	return err
}
