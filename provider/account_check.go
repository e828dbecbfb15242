package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// accountIDAttribute is account_id, which every resource has. With it a state knows whose
// objects it holds: a miss in another account says nothing about them.
func accountIDAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Id of the account that the " + noun + " belongs to. With a credential of another account every plan and apply is refused, and nothing is dropped from the state. " +
			"Null where the service does not tell it: MailChannels never does, and SendGrid only to a key with the scope `user.username.read`.",
	}
}

// accountIDOf is the account's id for a state. What was planned, or told before, stays: the
// service may not tell it to each credential.
func accountIDOf(account backend.Account, had types.String) types.String {
	if had.ValueString() != "" || account.ID == "" && !had.IsUnknown() {
		return had
	}
	return textLike(types.StringNull(), account.ID)
}

// checkAccount refuses the credential of an account that is not the one which the state
// or the plan names. It reports whether to go on.
func checkAccount(account backend.Account, accountID types.String, noun, which string, diags *diag.Diagnostics) bool {
	if accountID.ValueString() == "" || account.ID == "" || accountID.ValueString() == account.ID {
		return true
	}
	diags.AddAttributeError(path.Root("account_id"), "The credential is of another account",
		fmt.Sprintf("%s %s belongs to account %s, and the provider's credential to another account, %s. Nothing was changed and nothing is dropped from the state. "+
			"Give the provider a credential of %s. To move to account %s, remove this from the state first, with a removed block or terraform state rm, and it lives on in its account.",
			noun, which, accountID.ValueString(), account.ID, accountID.ValueString(), account.ID))
	return false
}

// checkPlace refuses a credential that sees the keys of one place only, and not those of
// the object's. A place is the handle of a sub-account, and empty for the account itself.
func checkPlace(ofCredential, ofObject, noun, which string, diags *diag.Diagnostics) bool {
	if ofCredential == ofObject {
		return true
	}
	words := func(place string) string {
		if place == "" {
			return "the account itself"
		}
		return fmt.Sprintf("sub-account %q", place)
	}
	diags.AddError("The credential is of another sub-account",
		fmt.Sprintf("%s %s belongs to %s, and the provider's credential to %s. Nothing was changed and nothing is dropped from the state. Give the provider a credential of %s.",
			noun, which, words(ofObject), words(ofCredential), words(ofObject)))
	return false
}

// isProven reports whether the service has said that the credential is of the account that the
// state names.
func isProven(account backend.Account, accountID types.String) bool {
	return account.ID != "" && account.ID == accountID.ValueString()
}

// checkMissKnown refuses to believe that an object is gone when nothing tells in which
// account it was: a state from before there was account_id.
func checkMissKnown(account backend.Account, accountID types.String, noun, which string, diags *diag.Diagnostics) bool {
	if account.ID == "" || account.IDNeedsRight || accountID.ValueString() != "" {
		return true
	}
	diags.AddAttributeError(path.Root("account_id"), "It is not known whose this is",
		fmt.Sprintf("%s %s is not in account %s, and its state does not say in which account it was made: it was deleted, or it lives in another account. Nothing is dropped from the state. "+
			"If it belongs to another account, give the provider a credential of that one. If it is certainly gone, remove it from the state, with a removed block or terraform state rm.",
			noun, which, account.ID))
	return false
}

// planAccountID is plan.AccountID, for a resource that no package plan plans yet.
func planAccountID(account *backend.Account, state types.String, create bool) types.String {
	return fromText(plan.AccountID(account, toText(state), create))
}

// readAccount asks for the account, and says it when that fails.
func readAccount(ctx context.Context, b backend.Backend, verb, noun, which string, diags *diag.Diagnostics) (backend.Account, bool) {
	account, err := b.Account(ctx)
	if err != nil {
		explain(diags, verb, noun, which, err)
		return account, false
	}
	return account, true
}

// checkNamed refuses a state that does not say which object it holds: whatever would be
// taken for it, or for its absence, is a guess.
func checkNamed(id types.String, attribute, noun string, diags *diag.Diagnostics) bool {
	if id.ValueString() != "" {
		return true
	}
	diags.AddAttributeError(path.Root(attribute), "The state does not say which "+noun+" it holds",
		fmt.Sprintf("Its %s is empty: somebody has edited the state, or a part of it was lost. Nothing is touched, and nothing is dropped: the %s may well be there and work. "+
			"Restore the state from a backup. Or remove it from the state, with a removed block or terraform state rm, and import the right one, or delete it by hand.", attribute, noun))
	return false
}
