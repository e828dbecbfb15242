package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// Rotation where a platform gives no key a new secret: a new key is made, the old one
// lives through the overlap, and the first apply after that deletes it. The state always
// knows both, so that nothing is left behind whatever fails in between.

// readPrevious looks at the key that a rotation replaced, while there is one.
func (r *apiKeyResource) readPrevious(ctx context.Context, state *placedKey, memory *apiKeyMemory, now time.Time) error {
	memory.PreviousDue = false
	if state.PreviousID.IsNull() {
		memory.Previous = ""
		return nil
	}
	if err := memory.confirmPrevious(state.PreviousID); err != nil {
		return err
	}
	_, err := r.keys(*state).Refresh(ctx, state.PreviousID.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		state.PreviousID, state.PreviousSecretExpiresAt = types.StringNull(), timetypes.NewRFC3339Null()
		memory.Previous = ""
		return nil
	}
	ends := timeOf(state.PreviousSecretExpiresAt)
	memory.PreviousDue = err == nil && (ends == nil || !now.Before(*ends))
	return err
}

// goBack takes the replaced key for the key again, when its successor is gone: it must
// never be forgotten while it works.
func (r *apiKeyResource) goBack(ctx context.Context, state *placedKey, memory *apiKeyMemory, diags *diag.Diagnostics) (backend.APIKey, error) {
	if state.PreviousID.IsNull() {
		return backend.APIKey{}, backend.ErrNotFound
	}
	if err := memory.confirmPrevious(state.PreviousID); err != nil {
		return backend.APIKey{}, err
	}
	key, err := r.keys(*state).Refresh(ctx, state.PreviousID.ValueString())
	if err != nil {
		return key, err
	}
	diags.AddAttributeWarning(path.Root("id"), "The key that a rotation made is gone",
		fmt.Sprintf("Key %s was deleted outside of Terraform. Its predecessor %s still works and is taken for the key again; its secret is not in the state any more. Rotate it to get one.",
			state.ID.ValueString(), key.ID))
	state.PreviousID, state.PreviousSecretExpiresAt = types.StringNull(), timetypes.NewRFC3339Null()
	state.Secret, state.SecretCreatedAt, state.CreatedAt = types.StringNull(), timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	memory.Replaced, memory.Previous, memory.Mark = max(0, memory.Replaced-1), "", ""
	return key, nil
}

// retire deletes the key that the last rotation replaced. The state forgets it only then.
func (u *apiKeyUpdate) retire(ctx context.Context, diags *diag.Diagnostics) bool {
	id := u.state.PreviousID.ValueString()
	if id == "" {
		return true
	}
	if err := u.memory.confirmPrevious(u.state.PreviousID); err != nil {
		explain(diags, "delete", nounAPIKey, id, err)
		return false
	}
	if err := u.keys.Delete(backend.Interruptible(ctx), id); err != nil && !errors.Is(err, backend.ErrNotFound) {
		explain(diags, "delete", nounAPIKey, id+", which "+u.state.ID.ValueString()+" replaced", err)
		return false
	}
	u.state.PreviousID, u.state.PreviousSecretExpiresAt = types.StringNull(), timetypes.NewRFC3339Null()
	u.memory.Previous, u.memory.PreviousDue = "", false
	return true
}

// replace makes the new key of a rotation, with all that the plan says of it. A key that
// an earlier rotation replaced goes first, so that two live at most.
func (u *apiKeyUpdate) replace(ctx context.Context, diags *diag.Diagnostics) bool {
	if !u.retire(ctx, diags) {
		return false
	}
	now, err := u.backend.Now(ctx)
	if err != nil {
		explain(diags, "read the clock for", nounAPIKey, u.state.which(), err)
		return false
	}
	if overlap := u.plan.overlapOf(u.rules.MaxOverlap); overlap > 0 && !u.narrowPrevious(ctx, u.state.ID, diags) {
		return false
	}
	in := u.rules.input(u.plan.apiKeyModel, u.secret)
	in.Known = []string{u.state.ID.ValueString()}
	issued, err := u.keys.Create(ctx, in)
	if err != nil {
		explain(diags, "rotate", nounAPIKey, u.state.which(), err)
		return false
	}
	warnUnfinished(issued, diags)
	old := u.state.ID
	u.memory = u.memory.afterRotation(issued.Revision, u.rules)
	u.memory.Replaced++
	u.memory.Previous = old.ValueString()
	u.state.takeSettings(u.plan.apiKeyModel)
	u.state.CreatedAt, u.state.SecretCreatedAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	u.state.fill(issued.APIKey, u.rules, u.memory)
	u.state.madeAt(now)
	u.state.takeSecret(issued)
	overlap := u.plan.overlapOf(u.rules.MaxOverlap)
	u.state.PreviousID, u.state.PreviousSecretExpiresAt = old, timetypes.NewRFC3339TimeValue(now.Add(overlap))
	if overlap > 0 {
		return true
	}
	// The old key goes only for one that may stay.
	return checkGranted(u.policy, u.state.apiKeyModel, u.plan.EffectiveScopes, true, diags) && u.retire(ctx, diags)
}

// warnUnfinished says what is still to be done about a new key.
func warnUnfinished(issued backend.IssuedAPIKey, diags *diag.Diagnostics) {
	if issued.Unfinished != "" {
		diags.AddAttributeWarning(path.Root("name"), "The new key is not finished", issued.Unfinished)
	}
}

// madeAt is when the key was made, where its service does not tell.
func (m *apiKeyModel) madeAt(now time.Time) {
	if m.CreatedAt.IsNull() {
		m.CreatedAt = timetypes.NewRFC3339TimeValue(now)
	}
	if m.SecretCreatedAt.IsNull() {
		m.SecretCreatedAt = timetypes.NewRFC3339TimeValue(now)
	}
}
