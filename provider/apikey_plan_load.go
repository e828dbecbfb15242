package provider

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// apiKeyLoad asks for what the plan of a key goes by, and says what could not be asked for.
type apiKeyLoad struct {
	*apiKeyResource
	in    plan.APIKeyInput
	diags *diag.Diagnostics
}

// account asks for the account and the rules for keys of the place. It reports whether the
// credential is of the account that the state is about.
func (l *apiKeyLoad) account(ctx context.Context, state placedKey, memory apiKeyMemory) bool {
	l.in.Policy = l.policy
	l.in.Place.OfSubaccount = l.ofSubaccount
	if l.ofSubaccount {
		l.in.Place.Default = toText(l.subaccount)
		l.in.Place.Replaced = l.coming.isReplaced(state.Subaccount.ValueString())
		l.in.Place.Coming = l.coming.has(plan.SubaccountOr(l.in.Config.Subaccount, l.in.Place.Default).Zero())
	}
	if l.backend == nil {
		return true
	}
	account, err := l.backend.Account(ctx)
	if err != nil {
		unchecked(l.diags, "account", err)
		return true
	}
	account.Rules = account.KeyRules(l.ofSubaccount)
	l.in.Account = &account
	return l.in.Create || l.checkOwner(account, state, memory, l.diags)
}

// catalogue asks for the scopes, where those of the key are known.
func (l *apiKeyLoad) catalogue(ctx context.Context) {
	_, known := l.in.Proposed.Scopes.Names()
	fixed := l.in.Account != nil && l.in.Account.Rules.FixedScopes != nil && l.in.Config.Scopes.IsNull()
	if l.backend == nil || !known && !fixed {
		return
	}
	catalogue, err := readCatalogue(ctx, l.backend)
	if err != nil {
		unchecked(l.diags, "scope catalogue", err)
		return
	}
	l.in.Catalogue = catalogue.forPlan()
}

// more asks for what a first plan wants. It reports whether there is more to go by.
func (l *apiKeyLoad) more(ctx context.Context, first plan.APIKeyPlan) bool {
	if l.backend == nil || first.Wants == (plan.Wants{}) {
		return false
	}
	handle := first.Planned.Subaccount.Zero()
	if first.Wants.Subaccount {
		l.lookUp(ctx, handle)
	}
	if first.Wants.Clock {
		now, err := l.backend.Now(ctx)
		if err == nil {
			l.in.Now = &now
		} else if l.in.Account != nil {
			unchecked(l.diags, "clock", err)
		}
	}
	if first.Wants.Names && !l.diags.HasError() {
		// It is a hint only, and who may make keys need not see them.
		if ids, err := l.named.of(ctx, l.backend, handle); err == nil {
			l.in.Names = &plan.Names{IDs: ids}
		}
	}
	if first.Wants.Count {
		l.in.Creates = l.creates.count(handle, first.Action)
	}
	return true
}

// lookUp looks at the sub-account that the key belongs to.
func (l *apiKeyLoad) lookUp(ctx context.Context, handle string) {
	place := &l.in.Place
	found, err := l.backend.Subaccounts().Get(ctx, handle)
	switch {
	case err == nil:
		place.Lookup, place.Subaccount = plan.Found, found
	case errors.Is(err, backend.ErrNotFound):
		place.Lookup = plan.Missing
	case errors.Is(err, backend.ErrUnconfirmed):
		place.Lookup, place.Problem = plan.Unconfirmed, err.Error()
	case errors.Is(err, backend.ErrForbidden): // whoever may manage keys need not see sub-accounts
	default:
		unchecked(l.diags, nounSubaccount, err)
	}
}

// creates counts the keys that a plan makes. A plan is one run of a configured
// provider, and asks about each key alone.
type creates struct {
	mu      sync.Mutex
	planned map[string]int64 // by the handle of the sub-account
}

// count returns how many keys the run makes in a place, with the one of that action. Terraform
// plans a replacement once more, as a create, which is counted then; but it shows no
// warnings of that.
func (c *creates) count(place string, action plan.Action) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if action == plan.Replace {
		return c.planned[place] + 1
	}
	if c.planned == nil {
		c.planned = map[string]int64{}
	}
	c.planned[place]++
	return c.planned[place]
}
