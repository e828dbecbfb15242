package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// place looks at the sub-account that the key belongs to, and makes the account's count
// and limit of keys those of the sub-account.
func (p *apiKeyPlan) place(ctx context.Context) {
	at, handle := path.Root("subaccount"), p.plan.Subaccount.ValueString()
	p.account.Keys, p.account.KeyLimit = 0, nil
	switch own, rules := p.account.Subaccount, p.account.Subaccounts; {
	case p.plan.Subaccount.IsUnknown():
		return
	case own != "" && own != handle:
		p.diags.AddAttributeError(at, "The credential sees no other sub-account", fmt.Sprintf("It belongs to sub-account %q. Give the provider a credential of the account.", own))
		return
	case own == "" && rules == nil:
		noSubaccounts(*p.account, p.diags)
		return
	case !p.touched:
		return
	}
	sub, err := p.backend.Subaccounts().Get(ctx, handle)
	switch {
	case errors.Is(err, backend.ErrNotFound):
		switch rules := p.account.Subaccounts; {
		case !p.create || p.coming.has(handle):
		case rules != nil && !rules.Handle.MatchString(handle): // nor can it come
			p.diags.AddAttributeError(at, "Invalid handle", fmt.Sprintf("There is no sub-account %q, and none can be made: a handle of platform %s must be %s.", handle, p.account.Platform, rules.HandleWords))
		default:
			p.diags.AddAttributeWarning(at, "The sub-account is not there",
				fmt.Sprintf("There is no sub-account %q, and this run has not planned one before this key. Refer to the handle of a postern_subaccount so that it is made first, or correct the handle.", handle))
		}
		return
	case errors.Is(err, backend.ErrUnconfirmed):
		if p.create && !p.coming.has(handle) {
			p.diags.AddAttributeWarning(at, "Whether the sub-account is there is not known", err.Error())
		}
		return
	case errors.Is(err, backend.ErrForbidden):
		return // whoever may manage keys need not see sub-accounts
	case err != nil:
		unchecked(p.diags, nounSubaccount, err)
		return
	}
	p.account.Keys, p.account.KeyLimit = sub.Keys, sub.KeyLimit
	if sub.Status == backend.SubaccountSuspended {
		p.diags.AddAttributeWarning(at, "The sub-account is suspended", fmt.Sprintf("Sub-account %q is suspended: none of its keys works until it is active.", handle))
	}
}

// holder is who the keys are counted for.
func (p *apiKeyPlan) holder() string {
	if p.ofSubaccount {
		return nounSubaccount
	}
	return "account"
}
