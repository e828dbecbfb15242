package plan_test

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// A value that the plan shows must come back from the apply, whoever makes that: so it is known
// only where no credential of the same account could change it.
func TestAccountID_IsKnownWhereNoOtherCredentialChangesIt(t *testing.T) {
	t.Parallel()
	told, rightless := &backend.Account{ID: "acct_1"}, &backend.Account{IDNeedsRight: true}
	numbered := &backend.Account{ID: "4711", IDNeedsRight: true}
	none, state := plan.Null[string](), plan.Known("acct_0")
	for name, tc := range map[string]struct {
		account *backend.Account
		state   plan.Text
		create  bool
		want    plan.Text
	}{
		"told, for a new one":                   {told, none, true, plan.Known("acct_1")},
		"told, for one of an old state":         {told, none, false, plan.Known("acct_1")},
		"the state's stays":                     {told, state, false, state},
		"not asked for":                         {nil, none, true, plan.Unknown[string]()},
		"a service that tells nobody":           {&backend.Account{}, none, true, none},
		"told to some, not to this one":         {rightless, none, true, plan.Unknown[string]()},
		"told to some, to this one":             {numbered, none, true, plan.Known("4711")},
		"told to some, in an old state":         {numbered, none, false, none},
		"told to some, in an old state, not us": {rightless, none, false, none},
	} {
		if got := plan.AccountID(tc.account, tc.state, tc.create); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
