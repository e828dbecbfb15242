package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// claimName tells the run which name the key is to have, and finds out what else has or gets
// it. It reports whether that gives the plan more to go by.
func (l *apiKeyLoad) claimName(ctx context.Context, req resource.ModifyPlanRequest, first plan.APIKeyPlan) bool {
	if l.backend == nil || l.in.Account == nil || l.names == nil || l.in.Account.Rules.NamesRepeat || l.in.Account.Rules.NameInState {
		return false
	}
	was, known := l.place(l.in.State.Subaccount)
	wish, ok := l.wish(ctx, req, first)
	if !ok {
		if known && !l.in.Create {
			l.names.run.Leaves(claims.APIKey, was, l.in.State.ID.Zero())
		}
		return false
	}
	if other, taken := l.names.run.Claim(wish); taken {
		l.in.Rival = &plan.Rival{ID: other.ID, Standing: plan.InRun}
		return true
	}
	stays := !l.in.Create && first.Planned.Name == l.in.State.Name
	handle := first.Planned.Subaccount.Zero()
	if stays || plan.HasError(first.Findings) || l.names.run.Applying() || l.coming.has(handle) || l.coming.isReplaced(handle) {
		return false
	}
	holder := l.holderOf(ctx, handle, wish)
	if holder == "" {
		return false
	}
	verdict, err := l.names.run.Settle(ctx, wish, holder)
	if err != nil {
		l.diags.AddError("The plan was interrupted", "It waited to see whether API key "+holder+" gives its name up in this run.")
		return false
	}
	l.in.Rival = rival(verdict, holder)
	return l.in.Rival != nil
}

// wish is the name that the key is to have. There is none while it is not known, and when
// Terraform is to plan once more, for the key that replaces this one.
func (l *apiKeyLoad) wish(ctx context.Context, req resource.ModifyPlanRequest, first plan.APIKeyPlan) (claims.Wish, bool) {
	place, known := l.place(first.Planned.Subaccount)
	name, named := first.Planned.Name.Get()
	if !known || !named || name == "" || len(first.Replace) > 0 {
		return claims.Wish{}, false
	}
	wish := claims.Wish{Seat: claims.Seat{Kind: claims.APIKey, Place: place, Name: name}, ID: l.in.State.ID.Zero()}
	if !l.in.Create {
		return wish, true
	}
	// The private state of a new key is that of the key which it replaces.
	text, _ := req.Private.GetKey(ctx, apiKeyMemory{}.key())
	if len(text) == 0 {
		return wish, true
	}
	wish.Replaces = readPrivate[apiKeyMemory](ctx, req.Private, l.diags).ID
	return wish, wish.Replaces != "" // else it was made by an earlier version, and not refreshed
}

// place is where the names of keys are unique; not known while the sub-account is not.
func (l *apiKeyLoad) place(subaccount plan.Text) (place string, known bool) {
	if l.ofSubaccount {
		return subaccount.Get()
	}
	return l.in.Account.Subaccount, true
}

// holderOf is the id of another key that has the name now; empty for none, and where it may
// not be known.
func (l *apiKeyLoad) holderOf(ctx context.Context, handle string, wish claims.Wish) string {
	keys := l.in.Account.Keys
	if l.ofSubaccount {
		keys = l.in.Place.Subaccount.Keys
	}
	ids, err := l.named.having(ctx, l.backend, handle, wish.Name, keys)
	if err != nil {
		if !errors.Is(err, backend.ErrForbidden) && !errors.Is(err, backend.ErrNotFound) { // who may make keys need not see them
			unchecked(l.diags, "names of API keys", err)
		}
		return ""
	}
	for _, id := range ids {
		if id != wish.ID && id != wish.Replaces {
			return id
		}
	}
	return ""
}

// rival is what a plan is to know of the key that has the name; nil for nothing.
func rival(verdict claims.Verdict, holder string) *plan.Rival {
	standing, ok := map[claims.Verdict]plan.Standing{
		claims.Keeps: plan.InRun, claims.Unseen: plan.Outside, claims.UnseenSo: plan.OutsideOr, claims.Unsure: plan.Unasked,
	}[verdict]
	if !ok {
		return nil
	}
	return &plan.Rival{ID: holder, Standing: standing}
}

// met notes a key that a refresh has found in the state.
func (r *apiKeyResource) met(key placedKey, rules keyRules) {
	if !rules.NamesRepeat {
		r.names.run.Saw(claims.APIKey, r.seatOf(key, rules.account), key.ID.ValueString())
	}
}

// made notes a key that this apply has made, under the name that was planned.
func (r *apiKeyResource) made(key placedKey, rules keyRules) {
	if r.names != nil && !rules.NamesRepeat {
		r.names.run.Made(claims.Seat{Kind: claims.APIKey, Place: r.seatOf(key, rules.account), Name: key.Name.ValueString()}, key.ID.ValueString())
	}
}

// leaves notes a key that the plan destroys.
func (r *apiKeyResource) leaves(key placedKey, account backend.Account) {
	if !account.Rules.NamesRepeat {
		r.names.run.Leaves(claims.APIKey, r.seatOf(key, account), key.ID.ValueString())
	}
}

// named is the id, where the keys of the place are told apart by their names.
func (r keyRules) named(id string) string {
	if r.NamesRepeat {
		return ""
	}
	return id
}
