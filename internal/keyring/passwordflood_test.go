package keyring_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// The platform has API users and blocks no address: nothing but the bound on what waits
// stands between a guesser and the processors.
func TestFaults_AFloodOfWrongPasswordsIsTurnedAwayAndStarvesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	flooded, other := w.tenant("dotdigital", ""), w.tenant("dotdigital", "")
	user := other.key(apiUser("ci"))
	gateway := flooded.asOwner()
	guesses := faults.Rounds(t, 150)
	verdicts := make(chan keyring.Verification, guesses)
	var done sync.WaitGroup
	for i := range guesses {
		done.Go(func() {
			in := keyring.Presented{Username: fmt.Sprintf("apiuser-%012d@apiconnector.com", i), Secret: secret.From("wrong-1")}
			if i%2 == 0 {
				in.Address = "192.0.2.1"
			}
			v, err := w.Verify(t.Context(), gateway, in, nil)
			if err != nil {
				t.Errorf("a guess: %v", err)
			}
			verdicts <- v
		})
	}
	first := <-verdicts
	other.signs("meanwhile", user.Username, chosen, api.VerifyValid)
	done.Wait()
	close(verdicts)
	count := map[string]int{first.Code: 1}
	for v := range verdicts {
		count[v.Code]++
		if v.Code == api.VerifyRateLimited && v.RetryAfter != time.Second {
			t.Errorf("to be repeated after %s", v.RetryAfter)
		}
	}
	if count[api.VerifyRateLimited] == 0 || count[api.VerifyInvalid] == 0 || len(count) != 2 {
		t.Errorf("the guesses were answered %v", count)
	}
	flooded.signs("after it", "apiuser-000000000000@apiconnector.com", "wrong-1", api.VerifyInvalid)
}
