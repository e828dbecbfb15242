package plan

import (
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// checkSubaccountNamed refuses a key of a sub-account that nobody names.
func checkSubaccountNamed(d *decidedAPIKey) []Finding {
	if !d.Place.OfSubaccount || !d.planned.Subaccount.IsNull() {
		return nil
	}
	return d.fault(CodeMissingSubaccount, Attr("subaccount"), "Missing sub-account",
		"Set subaccount to the handle of the sub-account that the key belongs to. For all that leave it out, set subaccount of the provider, or the environment variable POSTERN_SUBACCOUNT.")
}

// checkSubaccountSeen refuses a sub-account that the credential cannot see.
func checkSubaccountSeen(d *decidedAPIKey) []Finding {
	handle, known := d.planned.Subaccount.Get()
	if d.Account == nil || !d.Place.OfSubaccount || !known {
		return nil
	}
	switch own := d.Account.Subaccount; {
	case own != "" && own != handle:
		return d.fault(CodeOtherSubaccount, Attr("subaccount"), "The credential sees no other sub-account",
			fmt.Sprintf("It belongs to sub-account %q. Give the provider a credential of the account.", own))
	case own == "" && d.Account.Subaccounts == nil:
		return []Finding{NoSubaccounts(*d.Account, d.subject())}
	}
	return nil
}

// NoSubaccounts says why an account has no sub-accounts to manage.
func NoSubaccounts(account backend.Account, subject Subject) Finding {
	f := Finding{Grade: Error, Code: CodeNoSubaccounts, Subject: subject, Summary: "The platform has no sub-accounts",
		Detail: "An account of platform " + account.Platform + " has no sub-accounts. Remove this resource."}
	if account.Subaccount != "" {
		f.Summary = "The credential manages no sub-accounts"
		f.Detail = "It belongs to a sub-account itself. Give the provider a credential of the account."
	}
	return f
}

// checkManaged refuses a key that can only be made elsewhere.
func checkManaged(d *decidedAPIKey) []Finding {
	if why := d.rules().Unmanaged; why != "" && d.Create {
		return d.fault(CodeUnmanaged, Path{}, "No API key can be made here", why)
	}
	return nil
}

// looksAtSubaccount reports whether the plan depends on what the sub-account is now.
func (d *decidedAPIKey) looksAtSubaccount() bool {
	handle, known := d.planned.Subaccount.Get()
	if d.Account == nil || !d.Place.OfSubaccount || !known || !d.touched {
		return false
	}
	own := d.Account.Subaccount
	return own == handle || own == "" && d.Account.Subaccounts != nil
}

// checkSubaccount says what is wrong with the sub-account that the key belongs to.
func checkSubaccount(d *decidedAPIKey) []Finding {
	if !d.looksAtSubaccount() {
		return nil
	}
	at, handle := Attr("subaccount"), d.planned.Subaccount.Zero()
	comes := !d.Create || d.Place.Coming
	switch rules := d.Account.Subaccounts; {
	case d.Place.Lookup == Missing && !comes && rules != nil && !rules.Handle.MatchString(handle): // nor can it come
		return d.fault(CodeInvalidHandle, at, "Invalid handle",
			fmt.Sprintf("There is no sub-account %q, and none can be made: a handle of platform %s must be %s.", handle, d.platform(), rules.HandleWords))
	case d.Place.Lookup == Missing && !comes:
		return d.warning(CodeSubaccountMissing, at, "belongs to a sub-account that is not there",
			fmt.Sprintf("There is no sub-account %q, and this run has not planned one before this key. Refer to the handle of a postern_subaccount so that it is made first, or correct the handle.", handle))
	case d.Place.Lookup == Unconfirmed && !comes:
		return d.warning(CodeSubaccountUnsure, at, "belongs to a sub-account that may not be there", d.Place.Problem)
	case d.Place.Lookup == Found && d.Place.Subaccount.Status == backend.SubaccountSuspended:
		return d.warning(CodeSubaccountSuspended, at, "belongs to a suspended sub-account",
			fmt.Sprintf("Sub-account %q is suspended: none of its keys works until it is active.", handle))
	}
	return nil
}

// checkGoesWithSubaccount warns of a key that is made anew with its sub-account.
func checkGoesWithSubaccount(d *decidedAPIKey) []Finding {
	if !d.goes() {
		return nil
	}
	return d.warning(CodeGoesWithSubaccount, Attr("subaccount"), "goes with its sub-account",
		fmt.Sprintf("This plan replaces sub-account %q, and its key %s is made anew with it: whoever uses its secret is refused from then on.", d.State.Subaccount.Zero(), d.called()))
}

// holder is who the keys are counted for.
func (d *decidedAPIKey) holder() string {
	if d.Place.OfSubaccount {
		return KindSubaccount
	}
	return "account"
}

// count is how many keys there are in the place, and may be; nil for no limit, and where it
// is not known.
func (d *decidedAPIKey) count() (keys int, limit *int) {
	if !d.Place.OfSubaccount {
		return d.Account.Keys, d.Account.KeyLimit
	}
	return d.Place.Subaccount.Keys, d.Place.Subaccount.KeyLimit // those of none are 0 and nil
}

// checkLimit warns when the run makes more keys than there may be. It cannot tell what the
// apply destroys before: the keys of a plan come in no order, and nothing says whether a
// replacement is made before the old key goes.
func checkLimit(d *decidedAPIKey) []Finding {
	if d.Account == nil || d.Creates == 0 {
		return nil
	}
	keys, most := d.count()
	if most == nil || int64(keys)+d.Creates <= int64(*most) {
		return nil
	}
	return d.warning(CodeLimitReached, Path{}, "may be one more than the limit of API keys",
		fmt.Sprintf("The %s holds %d of %d API keys, and this plan makes %d or more. The last will be refused unless this apply destroys other keys first.",
			d.holder(), keys, *most, d.Creates))
}
