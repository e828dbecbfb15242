package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// rememberedMarks bounds what a state remembers of an account whose id the service does
// not tell. fewestMarks of them must be left before others are taken up: each change is
// a new version of the state.
const (
	rememberedMarks = 6
	fewestMarks     = 2
)

// marksOf are the marks of a place; known is false where the service tells the account's id
// instead.
func marksOf(ctx context.Context, b backend.Backend, subaccount string, anew bool) (marks []string, known bool, err error) {
	marker, ok := b.(backend.Marker)
	if !ok {
		return nil, false, nil
	}
	marks, err = marker.Marks(ctx, subaccount, anew)
	return marks, true, err
}

// updateMarks returns the marks to remember: those that were and still are, and more where
// few are left. The object's own says nothing once it is gone.
func updateMarks(remembered, now []string, own ...string) []string {
	others := slices.DeleteFunc(slices.Clone(now), func(mark string) bool { return slices.Contains(own, mark) })
	kept := slices.DeleteFunc(slices.Clone(remembered), func(mark string) bool { return !slices.Contains(others, mark) })
	if len(kept) >= min(fewestMarks, len(others)) && len(kept) > 0 {
		return kept
	}
	for _, mark := range others {
		if len(kept) < rememberedMarks && !slices.Contains(kept, mark) {
			kept = append(kept, mark)
		}
	}
	return kept
}

// checkMissMarked believes that an object is gone when something else that the state
// remembers of the same account is still there.
func checkMissMarked(ctx context.Context, b backend.Backend, subaccount string, remembered []string, noun, which string, diags *diag.Diagnostics) bool {
	now, known, err := marksOf(ctx, b, subaccount, true)
	if !known {
		return true
	}
	if err != nil {
		explain(diags, "read", noun, which, err)
		return false
	}
	if slices.ContainsFunc(remembered, func(mark string) bool { return slices.Contains(now, mark) }) {
		return true
	}
	diags.AddAttributeError(path.Root("id"), "It is not known whose this is",
		fmt.Sprintf("%s %s is not there, and nothing else that the state remembers of its account is either: it was deleted, or the provider's credential is of another account. Nothing is dropped from the state. "+
			"If it lives in another account, give the provider a credential of that one. If it is certainly gone, remove it from the state, with a removed block or terraform state rm.", noun, which))
	return false
}

// checkMark refuses a key that has the id of the one in the state and is another one, where
// two accounts can have the same ids.
func checkMark(remembered, now, which string, diags *diag.Diagnostics) bool {
	if remembered == "" || remembered == now {
		return true
	}
	diags.AddAttributeError(path.Root("id"), "Another key has this id",
		fmt.Sprintf("API key %s is not the one that the state holds: the service shows another secret for this id. The provider's credential is of another account, or the key was made anew. It is not touched, and nothing is dropped from the state. "+
			"Give the provider a credential of the right account. If the key of the state is certainly gone, remove it from the state, with a removed block or terraform state rm.", which))
	return false
}

// readMarks reads the marks for a key that is there, checks that it is the one in the state,
// and remembers them.
func (r *apiKeyResource) readMarks(ctx context.Context, key placedKey, memory *apiKeyMemory, diags *diag.Diagnostics) bool {
	marks, known, err := marksOf(ctx, r.backend, key.Subaccount.ValueString(), false)
	if !known {
		return true
	}
	if err != nil {
		explain(diags, "read", nounAPIKey, key.which(), err)
		return false
	}
	own := ""
	if marker, ok := r.backend.(backend.Marker); ok {
		own = marker.MarkOf(marks, key.Subaccount.ValueString(), key.ID.ValueString())
	}
	if own != "" && !checkMark(memory.Mark, own, key.which(), diags) {
		return false
	}
	memory.Mark, memory.Marks = own, updateMarks(memory.Marks, marks, own, key.ID.ValueString(), key.PreviousID.ValueString())
	return true
}

// checkMarked refuses to delete a key that is not, or not surely, the one in the state, where
// the service takes a deletion of what it does not have for done.
func (r *apiKeyResource) checkMarked(ctx context.Context, account backend.Account, key placedKey, memory apiKeyMemory, diags *diag.Diagnostics) bool {
	marker, ok := r.backend.(backend.Marker)
	if !ok {
		return true
	}
	marks, err := marker.Marks(ctx, key.Subaccount.ValueString(), true)
	if err != nil {
		explain(diags, "delete", nounAPIKey, key.which(), err)
		return false
	}
	if own := marker.MarkOf(marks, key.Subaccount.ValueString(), key.ID.ValueString()); own != "" {
		return checkMark(memory.Mark, own, key.which(), diags)
	}
	return r.believesMiss(ctx, account, key, memory, diags)
}

// believesMiss reports whether a sub-account that the service does not find is gone.
func (r *subaccountResource) believesMiss(ctx context.Context, account backend.Account, state subaccountModel, memory subaccountMemory, diags *diag.Diagnostics) bool {
	return isProven(account, state.AccountID) || checkMissKnown(account, state.AccountID, nounSubaccount, state.Handle.String(), diags) &&
		checkMissMarked(ctx, r.backend, "", memory.Marks, nounSubaccount, state.Handle.String(), diags)
}

// readMarks remembers the marks of a sub-account that is there. Where its handle is all that
// names it, and nothing that was remembered is there any more, it may be one of another
// account: then nothing new is remembered, and it is told.
func (r *subaccountResource) readMarks(ctx context.Context, state subaccountModel, memory *subaccountMemory, diags *diag.Diagnostics) bool {
	own, others, known, err := r.marks(ctx, state.Handle.ValueString(), false)
	if !known {
		return true
	}
	if err != nil {
		explain(diags, "read", nounSubaccount, state.Handle.String(), err)
		return false
	}
	if handleIsID(state) && memory.contradicts(own, others) {
		diags.AddAttributeWarning(path.Root("handle"), fmt.Sprintf("Sub-account %s may be of another account", state.Handle),
			"Nothing that the state remembers of it or of its account is there: the provider's credential is of another account that has this handle too, or all of its keys were made anew. A destroy is refused while it has keys. "+
				"If it is the right one, remove it from the state, with a removed block or terraform state rm, and import it.")
		return true
	}
	memory.Own, memory.Marks = updateMarks(memory.Own, own), updateMarks(memory.Marks, others)
	return true
}

// checkMarks refuses to delete a sub-account with keys that may be of another account.
func (r *subaccountResource) checkMarks(ctx context.Context, state subaccountModel, memory subaccountMemory, diags *diag.Diagnostics) bool {
	own, others, known, err := r.marks(ctx, state.Handle.ValueString(), true)
	switch {
	case !known:
	case err != nil:
		explain(diags, "delete", nounSubaccount, state.Handle.String(), err)
		return false
	case len(own) > 0 && handleIsID(state) && memory.contradicts(own, others):
		diags.AddAttributeError(path.Root("handle"), "It is not known whose this is",
			fmt.Sprintf("Sub-account %s has keys, and nothing that the state remembers of it or of its account is there: the provider's credential is of another account that has this handle too, or all of its keys were made anew. It is not touched. "+
				"Give the provider a credential of the right account. If it is the right one, remove it from the state, with a removed block or terraform state rm, and import it.", state.Handle))
		return false
	}
	return true
}

// handleIsID reports whether the service gives sub-accounts no id of their own. Where it does,
// that has told another one already.
func handleIsID(state subaccountModel) bool { return state.ID.Equal(state.Handle) }

// contradicts reports whether nothing that is remembered is among the marks.
func (m subaccountMemory) contradicts(own, others []string) bool {
	remembered := slices.Concat(m.Own, m.Marks)
	return len(remembered) > 0 && !slices.ContainsFunc(remembered, func(mark string) bool { return slices.Contains(own, mark) || slices.Contains(others, mark) })
}

// marks are those of the sub-account and those of the rest of its account.
func (r *subaccountResource) marks(ctx context.Context, handle string, anew bool) (own, others []string, known bool, err error) {
	all, known, err := marksOf(ctx, r.backend, handle, anew)
	for _, mark := range all {
		if strings.HasPrefix(mark, handle+"/") {
			own = append(own, mark)
		} else {
			others = append(others, mark)
		}
	}
	return own, others, known, err
}
