package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// A state that names a wrong account is refused with the credential of the right one. So the
// account is asked for twice before something is made; and where a state names another one
// all the same, a refresh that finds the very object of the state corrects it.

// accountAgain is the account as a run asked for it a second time.
type accountAgain struct{ id backend.Once[string] }

// check refuses to make something where the service names one account, and then another.
func (a *accountAgain) check(ctx context.Context, b backend.Backend, account backend.Account, noun, which string, diags *diag.Diagnostics) bool {
	if account.ID == "" || a == nil {
		return true
	}
	again, err := a.id.Get(func() (string, error) { return b.AccountID(ctx) })
	switch {
	case err != nil:
		explain(diags, "create", noun, which, err)
		return false
	case again == account.ID:
		return true
	}
	diags.AddAttributeError(path.Root("account_id"), "The service named two accounts",
		fmt.Sprintf("Asked twice to which account the provider's credential belongs, the service said %q and then %q. So it is not known whose %s %s would be, and nothing was made. Look at what stands before the service, such as a proxy, and try again.",
			account.ID, again, noun, which))
	return false
}

// correctAccount corrects the account of a state when the service shows the very object of
// the state in another account.
func correctAccount(account backend.Account, accountID *types.String, noun, which string, isThere func() bool, diags *diag.Diagnostics) {
	if account.ID == "" || accountID.ValueString() == "" || account.ID == accountID.ValueString() || !isThere() {
		return
	}
	diags.AddAttributeWarning(path.Root("account_id"), fmt.Sprintf("The account of %s %s is corrected", noun, which),
		fmt.Sprintf("The state named account %s, and account %s has this very one: its id, when it was made, and what else is shown of it are those in the state. The service, or a proxy before it, told another account when the state was written.",
			accountID.ValueString(), account.ID))
	*accountID = types.StringValue(account.ID)
}

// isHere reports whether the account has the key of the state: ids are given once, and the
// service does not know what the state has beside it.
func (r *apiKeyResource) isHere(ctx context.Context, state placedKey) bool {
	key, err := r.keys(state).Refresh(ctx, state.ID.ValueString())
	if err != nil || !key.CreatedAt.IsZero() && (timeOf(state.CreatedAt) == nil || !key.CreatedAt.Equal(*timeOf(state.CreatedAt))) {
		return false
	}
	if key.SecretHint == "" {
		return key.Username != "" && key.Username == state.Username.ValueString()
	}
	return key.SecretHint == state.SecretHint.ValueString()
}

// isHere is the same for a sub-account, where it has an id of its own.
func (r *subaccountResource) isHere(ctx context.Context, state subaccountModel) bool {
	sub, err := r.backend.Subaccounts().Get(ctx, state.Handle.ValueString())
	return err == nil && !handleIsID(state) && sub.ID == state.ID.ValueString() &&
		(sub.CreatedAt.IsZero() || timeOf(state.CreatedAt) != nil && sub.CreatedAt.Equal(*timeOf(state.CreatedAt)))
}
